"""The truth about the customers, which no file of the shop shows: for checking, never for learning.

Rates and chances are of the process that made the lives; whatever is called ``has_`` or ``is_`` happened.
"""

from datetime import date, timedelta

import numpy as np
import polars as pl

from ml.simulate.baskets import CANCELLED, sum_orders
from ml.simulate.campaigns import Campaign
from ml.simulate.columns import to_moments
from ml.simulate.config import Preset
from ml.simulate.demand import Demand
from ml.simulate.exports import Chunk, name_orders
from ml.simulate.randomness import name_customers, name_things

# Days in which whoever places no order has churned.
CHURN_HORIZON_DAYS = 28
# Days for which the expected revenue is told; lives go on for longer than that after the files end.
VALUE_HORIZON_DAYS = 90

_DAYS_PER_YEAR = 365.25
_PER_UNIT = 1_000_000_000


def describe_lives(chunk: Chunk, demand: Demand, preset: Preset) -> pl.DataFrame:
    """One row per customer: archetype, habits, when they were gone (NULL: still there), expected value.

    ``orders_per_year`` is the person's rate at mean demand while they stay. ``expected_revenue_90d`` is what
    they would spend in the 90 days after the files end if they stay so long: their rate times the demand of
    these days times their mean order value before discounts; 0 for whoever is gone.
    """
    people, horizon = chunk.people, demand.end + VALUE_HORIZON_DAYS
    order_value = np.exp(people.log_value + preset.basket.value_sd_within**2 / 2)
    elapsed = (demand.elapsed[:, horizon] - demand.elapsed[:, demand.end])[people.archetype]
    is_there = (chunk.lives.gone_at >= demand.end) & (people.came < demand.end)
    return pl.DataFrame(
        {
            "customer_number": people.number,
            "customer_id": name_customers(people.number),
            "archetype": [preset.archetypes[index].name for index in people.archetype.tolist()],
            "came_at": to_moments(people.came, demand),
            "gone_at": to_moments(chunk.lives.gone_at, demand),
            "orders_per_year": people.orders_per_day * _DAYS_PER_YEAR,
            "dropout_probability": people.dropout,
            "discount_use": people.discount_use,
            "expected_order_value": order_value,
            "expected_revenue_90d": np.where(is_there, people.orders_per_day * elapsed * order_value, 0.0),
        }
    )


def list_orders(chunk: Chunk, campaigns: list[Campaign], demand: Demand) -> pl.DataFrame:
    """One row per order, of guests and of the future too, with who placed it and what caused it."""
    orders, names = chunk.orders, [campaign.campaign_id for campaign in campaigns]
    return pl.DataFrame(
        {
            "customer_number": chunk.people.number[orders.person],
            "order_id": name_orders(orders, chunk.people),
            "customer_id": name_customers(chunk.people.number[orders.person]),
            "ordered_at": to_moments(orders.at, demand),
            "net_amount": sum_orders(chunk.lines, len(orders.person)) / 100,
            "line_count": np.bincount(chunk.lines.order, minlength=len(orders.person)),
            "fate": pl.Series(orders.fate).replace_strict(
                [0, 1, 2, 3], ["kept", "cancelled", "returned", "partly_returned"]
            ),
            "caused_by": name_things([names[index] if index >= 0 else None for index in orders.caused_by.tolist()]),
        }
    ).filter(pl.Series(orders.at >= demand.start))


def list_outcomes(chunk: Chunk, demand: Demand) -> pl.DataFrame:
    """One row per month end and customer who had ordered by then: still there, and what came in 28 days.

    ``expected_orders`` are the person's rate times the demand of the horizon, 0 for whoever was gone;
    ``has_churned`` says that no order that was kept came in the 28 days after the month end.
    """
    people, orders = chunk.people, chunk.orders
    kept = orders.fate != CANCELLED
    person, at = orders.person[kept], orders.at[kept]
    first = np.full(len(people), np.inf)
    np.minimum.at(first, person, at)
    months = []
    for month_end in _list_month_ends(demand):
        day = (month_end - demand.first_date).days + 1
        horizon = day + CHURN_HORIZON_DAYS
        known = np.flatnonzero(first < day)
        came_back = np.zeros(len(people), bool)
        came_back[person[(at >= day) & (at < horizon)]] = True
        elapsed = (demand.elapsed[:, horizon] - demand.elapsed[:, day])[people.archetype[known]]
        is_there = chunk.lives.gone_at[known] >= day
        months.append(
            pl.DataFrame(
                {
                    "customer_number": people.number[known],
                    "customer_id": name_customers(people.number[known]),
                    "month_end": pl.Series([month_end] * len(known), dtype=pl.Date),
                    "is_there": is_there,
                    "expected_orders": np.where(is_there, people.orders_per_day[known] * elapsed, 0.0),
                    "has_churned": ~came_back[known],
                }
            )
        )
    return pl.concat(months)


def list_effects(chunk: Chunk, campaigns: list[Campaign]) -> pl.DataFrame:
    """One row per campaign and member: the true effect, and the order it caused.

    ``extra_orders`` is the chance of an order that would not have been placed otherwise, 0 in the control
    arm; ``would_respond`` the same chance had the member been treated.
    """
    responses, people = chunk.responses, chunk.people
    is_caused = np.zeros((len(campaigns), len(people)), bool)
    is_caused[responses.caused_by, responses.caused_person] = True
    return pl.DataFrame(
        {
            "customer_number": people.number[responses.person],
            "campaign_id": name_things([campaigns[index].campaign_id for index in responses.campaign.tolist()]),
            "customer_id": name_customers(people.number[responses.person]),
            "arm": np.where(responses.is_control, "control", "treatment"),
            "expected_orders": responses.expected_orders,
            "would_respond": responses.would_respond,
            "extra_orders": responses.extra_probability,
            "has_caused_order": is_caused[responses.campaign, responses.person],
        }
    )


def sum_effects(effects: pl.DataFrame) -> pl.DataFrame:
    """One row per campaign and arm; sums of parts of the customers can be summed again.

    Chances are summed as whole billionths: a sum of floats depends on the order in which threads come by.
    """
    chances = ["expected_orders", "would_respond", "extra_orders"]
    counted = effects
    if "members" not in effects.columns:
        counted = effects.with_columns(members=pl.lit(1), caused_orders=pl.col("has_caused_order").cast(pl.Int64))
    return (
        counted.with_columns((pl.col(chances) * _PER_UNIT).round().cast(pl.Int64))
        .group_by("campaign_id", "arm")
        .agg(pl.col("members", *chances, "caused_orders").sum())
        .with_columns(pl.col(chances) / _PER_UNIT)
        .sort("campaign_id", "arm")
    )


def _list_month_ends(demand: Demand) -> list[date]:
    first, last = demand.start, demand.end
    days = [demand.first_date + timedelta(days=day) for day in range(first, last)]
    return [day for day in days if (day + timedelta(days=1)).day == 1]
