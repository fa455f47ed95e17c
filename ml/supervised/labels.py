"""Who is scored, over which horizon, and what is known about the outcome on a given day."""

from datetime import date, timedelta

import numpy as np
import polars as pl

from ml.config import HorizonRule
from ml.contracts import CustomerLabels, OrderGaps
from ml.errors import NotEnoughDataError
from ml.features.matrix import sort_customers

# Fewer gaps than this give no quantile worth the name.
FEWEST_GAPS = 100


def learn_horizon(order_gaps: pl.DataFrame, rule: HorizonRule, cut_off: date) -> int:
    """The churn horizon in days: the configured quantile of the gaps between orders known at ``cut_off``.

    It is rounded up to whole weeks, so that a month of new orders rarely moves it, and kept within the
    configured bounds. A gap that is still open does not count, so the horizon of a shop that is losing its
    customers comes out rather short.
    """
    known = OrderGaps.validate(order_gaps, cast=True).filter(pl.col("ordered_on") <= cut_off)
    gaps = known["days_since_previous_order"].drop_nulls().to_numpy()
    if len(gaps) < FEWEST_GAPS:
        raise NotEnoughDataError(
            f"{len(gaps)} gaps between orders are known at {cut_off}, {FEWEST_GAPS} are needed to learn "
            "a horizon; wait for more repeat orders"
        )
    days = 7 * int(np.ceil(np.quantile(gaps, rule.quantile) / 7))
    return min(max(days, rule.minimum_days), rule.maximum_days)


def select_population(features: pl.DataFrame, horizon_days: int) -> pl.DataFrame:
    """The rows of customers who ordered in the ``horizon_days`` that end with their as-of date."""
    return features.filter(pl.col("days_since_last_order").cast(pl.Float64) < horizon_days)


def label_rows(features: pl.DataFrame, labels: pl.DataFrame, *, horizon_days: int, known_on: date) -> pl.DataFrame:
    """The population's rows with ``churned``, as far as the outcome was known on ``known_on``.

    Only rows whose horizon had passed by then are kept. ``churned`` is false when the next order lies
    within the horizon *and* had arrived by ``known_on``: an order that became known later could not have
    taught a model of that day. Sorted by customer_id and as_of_date.
    """
    known = CustomerLabels.validate(labels, cast=True).filter(
        pl.col("as_of_date") <= known_on - timedelta(days=horizon_days),
        pl.col("observed_days") >= horizon_days,
    )
    came_back = (
        (pl.col("days_to_next_order") <= horizon_days) & (pl.col("next_order_arrived_on") <= known_on)
    ).fill_null(False)
    outcomes = known.select("customer_id", "as_of_date", churned=~came_back)
    population = select_population(features, horizon_days)
    return sort_customers(population.join(outcomes, on=["customer_id", "as_of_date"], how="inner"))
