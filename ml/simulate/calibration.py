"""The calibration report: each figure of a preset beside what the simulated shop has.

Figures are taken from the truth where the files are dirty, and from the files where the dirt itself is meant.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from ml.errors import NotEnoughDataError
from ml.simulate.calibration_families import measure_families
from ml.simulate.config import Preset
from ml.simulate.shop import Part

# Fewer customers than this leave some figures without a single case.
FEWEST_CUSTOMERS = 1_000

_COHORT_DAYS = 90
_COHORT_FOLLOWED_DAYS = 546
_NINE_MONTHS_DAYS = 274
_MONTH_DAYS = 30.4

Figures = dict[str, Any]


def report_calibration(part: Part, preset: Preset) -> pl.DataFrame:
    """One row per target: figure, target, got, ratio of the two, whether it is within tolerance, source.

    Raises NotEnoughDataError for a part of fewer than 1,000 customers.
    """
    if (customers := len(part.truth["customers"])) < FEWEST_CUSTOMERS:
        raise NotEnoughDataError(
            f"{customers:,} customers are too few to compare with figures; simulate {FEWEST_CUSTOMERS:,} or more"
        )
    got = measure_figures(part, preset)
    rows = [
        {
            "figure": name,
            "target": float(target.value),
            "got": got[name],
            "ratio": got[name] / target.value,
            "is_within_tolerance": bool(1 / target.tolerance <= got[name] / target.value <= target.tolerance),
            "source": target.source,
        }
        for name, target in preset.targets.items()
    ]
    return pl.DataFrame(rows)


def measure_figures(part: Part, preset: Preset) -> Figures:
    """Every figure that a preset can have a target for, measured on one part of the shop's customers."""
    orders = part.truth["orders"].filter(pl.col("ordered_at") < pl.lit(preset.end).cast(pl.Datetime("ms")))
    kept = orders.filter(pl.col("fate") != "cancelled", pl.col("net_amount") > 0)
    measures: tuple[Callable[[], Figures], ...] = (
        lambda: _measure_cohort(kept, part.truth["customers"], preset),
        lambda: _measure_year(kept, preset),
        lambda: _measure_gaps(kept),
        lambda: _measure_values(kept, part),
        lambda: _measure_seasons(kept, preset),
        lambda: _measure_days(kept, preset),
        lambda: _measure_fates(orders, part),
        lambda: _measure_campaigns(part),
        lambda: _measure_consents(part.files["consents"]),
        lambda: _measure_dirt(part.files),
        lambda: measure_families(part.files, part.truth),
    )
    return {name: float(value) for measure in measures for name, value in measure().items()}


def _measure_cohort(kept: pl.DataFrame, customers: pl.DataFrame, preset: Preset) -> Figures:
    """As CDNOW was sampled: who first bought in the first three months, followed for 18 months."""
    begin = pl.lit(preset.start).cast(pl.Datetime("ms"))
    new = customers.filter(pl.col("came_at") >= begin).select("customer_id")
    orders = kept.join(new, on="customer_id", how="semi").with_columns(
        first=pl.col("ordered_at").min().over("customer_id")
    )
    cohort = orders.filter(
        pl.col("first") < begin + timedelta(days=_COHORT_DAYS),
        pl.col("ordered_at") < begin + timedelta(days=_COHORT_FOLLOWED_DAYS),
    )
    lives = cohort.group_by("customer_id").agg(pl.len(), pl.col("net_amount").sum())
    counts = lives["len"].to_numpy()
    p90, p99 = np.quantile(counts, (0.9, 0.99))
    return {
        "no second order in 18 months": np.mean(counts == 1),
        "orders in 18 months, mean": counts.mean(),
        "orders in 18 months, p90": p90,
        "orders in 18 months, p99": p99,
        "revenue of the top fifth in 18 months": _measure_top_fifth(lives),
    }


def _measure_year(kept: pl.DataFrame, preset: Preset) -> Figures:
    last_year = kept.filter(pl.col("ordered_at") >= pl.lit(preset.end - timedelta(days=365)).cast(pl.Datetime("ms")))
    years = last_year.group_by("customer_id").agg(pl.len(), pl.col("net_amount").sum())
    counts = years["len"].to_numpy()
    median, p90, p99 = np.quantile(counts, (0.5, 0.9, 0.99))
    return {
        "customers with one order in a year": np.mean(counts == 1),
        "orders in a year, mean": counts.mean(),
        "orders in a year, median": median,
        "orders in a year, p90": p90,
        "orders in a year, p99": p99,
        "revenue of the top fifth in a year": _measure_top_fifth(years),
    }


def _measure_top_fifth(customers: pl.DataFrame) -> float:
    spent = np.sort(customers["net_amount"].to_numpy())[::-1]
    return float(spent[: len(spent) // 5].sum() / spent.sum())


def _measure_gaps(kept: pl.DataFrame) -> Figures:
    days = kept.select("customer_id", pl.col("ordered_at").dt.date()).unique().sort("customer_id", "ordered_at")
    gap = pl.col("ordered_at").diff().over("customer_id").dt.total_days()
    p10, median, p90 = np.quantile(days.select(gap).drop_nulls().to_series().to_numpy(), (0.1, 0.5, 0.9))
    return {
        "days between orders, p10": p10,
        "days between orders, median": median,
        "days between orders, p90": p90,
    }


def _measure_values(kept: pl.DataFrame, part: Part) -> Figures:
    log_value = kept.with_columns(log=pl.col("net_amount").log())
    repeated = log_value.filter(pl.len().over("customer_id") > 1)
    within = (
        repeated.group_by("customer_id")
        .agg(pl.col("log").var(), pl.len() - 1)
        .select(((pl.col("log") * pl.col("len")).sum() / pl.col("len").sum()).sqrt())
    )
    units = part.files["order_lines"].group_by("order_id").agg(pl.col("quantity").sum())["quantity"]
    return {
        "order value, mean": kept["net_amount"].to_numpy().mean(),
        "order value, log sd": log_value["log"].to_numpy().std(),
        "order value, log sd within customers": within.item(),
        "units per order, mean": units.to_numpy().mean(),
    }


def _measure_seasons(kept: pl.DataFrame, preset: Preset) -> Figures:
    month, quarter = pl.col("ordered_at").dt.month(), pl.col("ordered_at").dt.quarter()
    revenue = dict(kept.group_by(month.alias("month")).agg(pl.col("net_amount").sum()).iter_rows())
    count = dict(kept.group_by(month.alias("month")).len().iter_rows())
    mean = sum(revenue.values()) / 12
    # Online Retail II is a year, December to December: customers of several years would dilute the share.
    first_year = kept.filter(pl.col("ordered_at") < pl.lit(preset.start + timedelta(days=365)).cast(pl.Datetime("ms")))
    only_fourth = first_year.group_by("customer_id").agg((quarter == 4).all())["ordered_at"]
    names = {9: "September", 10: "October", 11: "November", 1: "January", 2: "February"}
    return {
        **{f"revenue index of {name}": revenue.get(number, 0.0) / mean for number, name in names.items()},
        "orders of December by January": count.get(12, 0) / max(count.get(1, 0), 1),
        "customers of the fourth quarter only": only_fourth.to_numpy().mean(),
    }


def _measure_days(kept: pl.DataFrame, preset: Preset) -> Figures:
    day = pl.col("ordered_at").dt.date()
    daily = kept.group_by(day.alias("day")).agg(pl.col("net_amount").sum(), pl.len())
    weekend = daily.group_by((pl.col("day").dt.weekday() >= 6).alias("is_weekend")).agg(pl.col("len").mean())
    orders = dict(weekend.iter_rows())
    november = daily.filter(pl.col("day").dt.month() == 11)
    is_promotion = pl.col("day").is_in([date(preset.start.year + year, 11, day) for year in (0, 1) for day in (16, 17)])
    promotion = november.filter(is_promotion)["net_amount"].to_numpy().mean()
    hours = kept["ordered_at"].dt.hour().to_numpy()
    return {
        "orders of a weekend day by a weekday": orders[True] / orders[False],
        "revenue of 16 and 17 November by other days": promotion
        / np.median(november.filter(~is_promotion)["net_amount"].to_numpy()),
        "orders at the peak hour, 12, of the mean hour": 24 * np.mean(hours == 12),
    }


def _measure_fates(orders: pl.DataFrame, part: Part) -> Figures:
    value = dict(orders.group_by("fate").agg(pl.col("net_amount").sum()).iter_rows())
    given_back = value.get("returned", 0.0) + value.get("partly_returned", 0.0) / 2
    return {
        "orders cancelled": (orders["fate"] == "cancelled").mean(),
        "value given back": given_back / (sum(value.values()) - value.get("cancelled", 0.0)),
        "orders from desktop": (part.files["orders"]["device_type"] == "desktop").mean(),
    }


def _measure_campaigns(part: Part) -> Figures:
    effects, offers = part.truth["campaign_members"], part.files["coupon_redemptions"]["campaign_id"].unique()
    exposed = effects["customer_id"].n_unique()
    treated = effects.filter(pl.col("arm") == "treatment").select(
        "expected_orders", "extra_orders", is_offer=pl.col("campaign_id").is_in(offers.implode())
    )
    sums = {row["is_offer"]: row for row in treated.group_by("is_offer").sum().iter_rows(named=True)}
    return {
        "customers in a campaign": exposed / len(part.files["customers"]),
        "of them who ever redeemed": part.files["coupon_redemptions"]["customer_id"].n_unique() / exposed,
        **{
            name: sums[is_offer]["extra_orders"] / sums[is_offer]["expected_orders"]
            for is_offer, name in ((True, "relative lift of offers"), (False, "relative lift of news"))
        },
    }


def _measure_consents(consents: pl.DataFrame) -> Figures:
    """Of those who granted contact at first, and could be followed for nine months."""
    contact = consents.filter(pl.col("purpose") == "activation").sort("customer_id", "occurred_at")
    people = contact.group_by("customer_id").agg(
        pl.col("occurred_at").first().alias("asked"),
        pl.col("decision").first(),
        pl.col("occurred_at").filter(pl.col("decision") == "withdrawn").first().alias("withdrawn"),
    )
    last = pl.col("occurred_at").max()
    end = contact.select(last).item()
    followed = people.filter(pl.col("decision") == "granted", pl.col("asked") < end - timedelta(days=_NINE_MONTHS_DAYS))
    days = ((followed["withdrawn"] - followed["asked"]).dt.total_seconds() / 86_400).drop_nulls().to_numpy()
    within = days[days <= _NINE_MONTHS_DAYS]
    return {
        "refused contact within nine months": len(within) / len(followed),
        "refused in month one, of these": np.mean(within < _MONTH_DAYS),
    }


def _measure_dirt(files: Mapping[str, pl.DataFrame]) -> Figures:
    lines = files["order_lines"]
    return {
        "rows said twice": 1 - len(lines.unique()) / len(lines),
        "repeated lines": (lines["line_number"].is_between(100, 199)).mean(),
        "lines of nothing": ((lines["quantity"] == 0).fill_null(False)).mean(),
    }
