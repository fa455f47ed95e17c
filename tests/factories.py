"""Small synthetic customers with planted structure, for tests that need a feature mart but no warehouse."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ml.config import FeatureSpec, PredictionConfig, SegmentationConfig, load_prediction, load_segmentation

PROJECT = Path(__file__).resolve().parent.parent / "dagster_project"
SEGMENTATION_FILE = PROJECT / "segmentations" / "behaviour.yml"
PREDICTION_FILE = PROJECT / "predictions" / "churn.yml"
AS_OF = date(2024, 6, 30)

# An ordinary customer, and the features by which the customers of each planted group differ from one.
ORDINARY: dict[str, float] = {
    "order_count": 12.0,
    "order_count_30d": 1.0,
    "order_count_90d": 3.0,
    "order_count_365d": 12.0,
    "net_revenue_90d": 90.0,
    "net_revenue_365d": 360.0,
    "average_order_value": 30.0,
    "days_since_last_order": 25.0,
    "tenure_days": 300.0,
    "median_days_between_orders": 30.0,
    "net_revenue_trend_90d": 0.0,
    "discount_share": 0.1,
    "coupon_share": 0.02,
    "holiday_revenue_share": 0.1,
}
GROUPS: dict[str, dict[str, float]] = {
    "loyal": {
        "order_count": 80.0,
        "order_count_90d": 20.0,
        "order_count_365d": 80.0,
        "net_revenue_90d": 600.0,
        "net_revenue_365d": 2400.0,
        "days_since_last_order": 2.0,
    },
    "lapsed": {
        "order_count_90d": 0.0,
        "net_revenue_90d": 0.0,
        "days_since_last_order": 150.0,
        "net_revenue_trend_90d": -1.0,
    },
    "coupon": {"coupon_share": 0.7, "discount_share": 0.5},
    "new": {
        "order_count": 2.0,
        "order_count_365d": 2.0,
        "net_revenue_365d": 60.0,
        "tenure_days": 20.0,
        "days_since_last_order": 10.0,
        "net_revenue_trend_90d": 1.0,
    },
}
# What a shop without campaigns does not have.
UNKNOWN = ("campaign_response_rate",)


def make_features(
    sizes: dict[str, int] | None = None, *, as_of_date: date = AS_OF, seed: int = 1, spread: float = 0.15
) -> pl.DataFrame:
    """One row a customer of the planted groups; ``planted`` names the group. Ids sort as the groups do not."""
    sizes = sizes or dict.fromkeys(GROUPS, 60)
    generator = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for group, size in sizes.items():
        for _ in range(size):
            noise = np.exp(generator.normal(0, spread, len(ORDINARY)))
            centre = {**ORDINARY, **GROUPS[group]}
            values = {name: float(centre[name] * noise[place]) for place, name in enumerate(ORDINARY)}
            rows.append({"planted": group, **values})
    order = generator.permutation(len(rows))
    return pl.DataFrame([rows[place] for place in order]).select(
        pl.int_range(pl.len()).map_elements(lambda n: f"c{n:04d}", return_dtype=pl.String).alias("customer_id"),
        pl.lit(as_of_date).alias("as_of_date"),
        pl.exclude(UNKNOWN),
        *(pl.lit(None, dtype=pl.Float64).alias(name) for name in UNKNOWN),
    )


def make_segmentation_config(**changes: Any) -> SegmentationConfig:
    """The shipped segmentation with ``changes``; fewer resamples keep tests short."""
    config = _read_segmentation()
    stability = {"minimum": config.stability.minimum, "resamples": 10}
    fields = {name: getattr(config, name) for name in config.__dataclass_fields__}
    return SegmentationConfig(**{**fields, "stability": stability, **changes})


def make_prediction_config(**changes: Any) -> PredictionConfig:
    """The shipped prediction with ``changes``; few trees and test dates keep tests short."""
    config = _read_prediction()
    fields = {name: getattr(config, name) for name in config.__dataclass_fields__}
    quick = {"test_dates": 2, "boosting_trees": 20, "minimum_of_each_outcome": 30, "resamples": 100}
    return PredictionConfig(**{**fields, **quick, **changes})


def make_spec(name: str = "orders", **changes: Any) -> FeatureSpec:
    """A feature called ``name`` that is used as it is."""
    fields = {
        "name": name,
        "label": f"{name} in words",
        "phrase": "has {value} " + name,
        "format": "count",
        "family": name,
        "transform": "identity",
        "when_missing": "median",
        "high": f"high {name}",
        "low": f"low {name}",
    }
    return FeatureSpec(**{**fields, **changes})


@cache
def _read_segmentation() -> SegmentationConfig:
    return load_segmentation(SEGMENTATION_FILE)


@cache
def _read_prediction() -> PredictionConfig:
    return load_prediction(PREDICTION_FILE)


@dataclass(frozen=True)
class ShopHistory:
    """Features and labels at month ends, and order gaps, of one simulated shop."""

    features: pl.DataFrame
    labels: pl.DataFrame
    order_gaps: pl.DataFrame
    as_of_dates: list[date]


def make_history(*, customers: int = 250, months: int = 8, seed: int = 1) -> ShopHistory:
    """Customers who order at their own rhythm and may stop after any order, over ``months`` of 30 days.

    Half of them are fickle: they stop after one order in four, and their orders are small.
    """
    generator = np.random.default_rng(seed)
    start = date(2023, 1, 1)
    dates = [start + timedelta(days=30 * (month + 1) - 1) for month in range(months)]
    is_fickle = {f"c{n:04d}": n % 2 == 0 for n in range(customers)}
    days = {name: _draw_order_days(generator, 30 * months, fickle) for name, fickle in is_fickle.items()}
    values = {name: (20.0 if fickle else 60.0) + generator.normal(0, 8) for name, fickle in is_fickle.items()}
    features = [_describe(name, own, values[name], start, day) for day in dates for name, own in days.items()]
    labels = [_look_ahead(name, own, start, day, dates[-1]) for day in dates for name, own in days.items()]
    gaps = [
        {"customer_id": name, "ordered_on": start + timedelta(days=int(day)), "days_since_previous_order": gap}
        for name, own in days.items()
        for day, gap in zip(own.tolist(), [None, *np.diff(own).tolist()], strict=True)
    ]
    return ShopHistory(
        features=_make_frame([row for row in features if row]),
        labels=_make_frame([row for row in labels if row]),
        order_gaps=_make_frame(gaps),
        as_of_dates=dates,
    )


def _make_frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None)


def _draw_order_days(generator: np.random.Generator, length: int, is_fickle: bool) -> np.ndarray:
    rhythm = generator.uniform(5, 25)
    leaves_with = 0.25 if is_fickle else 0.01
    day, days = int(generator.integers(0, 30)), []
    while day < length:
        days.append(day)
        if generator.random() < leaves_with:
            break
        day += 1 + int(generator.gamma(4.0, rhythm / 4))
    return np.array(days)


def _describe(name: str, days: np.ndarray, value: float, start: date, as_of_date: date) -> dict[str, Any] | None:
    past = days[days <= (as_of_date - start).days]
    if not len(past):
        return None
    age = (as_of_date - start).days - past
    gaps = np.diff(past)
    recent, before = float((age < 90).sum()), float(((age >= 90) & (age < 180)).sum())
    measured = {
        "order_count": float(len(past)),
        "order_count_30d": float((age < 30).sum()),
        "order_count_90d": recent,
        "order_count_365d": float(len(past)),
        "average_order_value": value,
        "median_days_between_orders": float(np.median(gaps)) if len(gaps) else None,
        "stddev_days_between_orders": float(gaps.std(ddof=1)) if len(gaps) > 1 else None,
        "days_since_last_order": float(age.min()),
        "tenure_days": float(age.max()),
        "order_count_trend_90d": (recent - before) / (recent + before) if recent + before else None,
    }
    unknown = {spec.name: None for spec in _read_prediction().features}
    return {"customer_id": name, "as_of_date": as_of_date, **unknown, **measured}


def _look_ahead(name: str, days: np.ndarray, start: date, as_of_date: date, end: date) -> dict[str, Any] | None:
    position = (as_of_date - start).days
    if days[0] > position:
        return None
    later = days[(days > position) & (days <= (end - start).days)]
    next_order = start + timedelta(days=int(later[0])) if len(later) else None
    return {
        "customer_id": name,
        "as_of_date": as_of_date,
        "observed_days": (end - as_of_date).days,
        "days_to_next_order": int(later[0]) - position if len(later) else None,
        "next_order_arrived_on": next_order,
    }
