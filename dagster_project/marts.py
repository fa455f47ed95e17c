"""What the models read from the feature mart, always up to a cut-off date and never past it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from dagster_project.warehouse import Warehouse

if TYPE_CHECKING:
    import polars as pl

OUTCOME_DAYS = 90


def current_as_of_date(warehouse: Warehouse) -> date:
    """The newest as-of date of the feature mart; raises LookupError when the mart is empty."""
    newest = warehouse.read("select max(as_of_date) as as_of_date from marts.fct_customer_features").item()
    if newest is None:
        raise LookupError(
            "marts.fct_customer_features has no rows; look at segments.revenue_waterfall for the rule that "
            "took the orders out, and at schema quarantine for rejected rows"
        )
    return newest


def cut_off_of(warehouse: Warehouse, month: str) -> date:
    """The newest as-of date within ``month`` (2017-12); raises LookupError when there is none."""
    days = warehouse.read("select distinct as_of_date from marts.fct_customer_features order by as_of_date")
    in_month = days.filter(days["as_of_date"].dt.strftime("%Y-%m") == month)
    if in_month.is_empty():
        raise LookupError(
            f"the feature mart has no as-of date in {month}; it has {days.height:,} from "
            f"{days['as_of_date'].min()!s} to {days['as_of_date'].max()!s}: choose one of their months"
        )
    return in_month["as_of_date"].item(-1)


def read_features(warehouse: Warehouse, *, as_of_date: date) -> pl.DataFrame:
    """One row per customer as of one date, by customer."""
    return warehouse.read(
        "select * exclude (is_current) from marts.fct_customer_features "
        "where as_of_date = ? and order_count > 0 order by customer_id",
        [as_of_date],
    )


def read_features_through(warehouse: Warehouse, *, cut_off: date) -> pl.DataFrame:
    """One row per customer and as-of date up to ``cut_off``, by date and customer."""
    return warehouse.read(
        "select * exclude (is_current) from marts.fct_customer_features where as_of_date <= ? and order_count > 0 "
        "order by as_of_date, customer_id",
        [cut_off],
    )


def read_labels_through(warehouse: Warehouse, *, cut_off: date) -> pl.DataFrame:
    """One row per customer and as-of date up to ``cut_off``; the days observed end at ``cut_off`` too."""
    return warehouse.read(
        """
        select
            customer_id, as_of_date, least(observed_days, datediff('day', as_of_date, ?)) as observed_days,
            days_to_next_order, next_order_on, next_order_arrived_on, net_revenue_next_90d
        from marts.fct_customer_labels
        where as_of_date <= ?
        order by as_of_date, customer_id
        """,
        [cut_off, cut_off],
    )


def read_order_gaps_through(warehouse: Warehouse, *, cut_off: date) -> pl.DataFrame:
    """One row per customer and order day that had occurred and arrived by ``cut_off``."""
    return warehouse.read(
        "select customer_id, ordered_on, days_since_previous_order from marts.fct_customer_order_days "
        "where ordered_on <= ? and known_on <= ? order by customer_id, ordered_on",
        [cut_off, cut_off],
    )


def read_outcomes(warehouse: Warehouse, *, cut_off: date) -> pl.DataFrame:
    """Feature rows with the next 90 days' revenue beside them, of the dates whose 90 days end by ``cut_off``."""
    return warehouse.read(
        "select features.* exclude (is_current), labels.net_revenue_next_90d "
        "from marts.fct_customer_features as features "
        "inner join marts.fct_customer_labels as labels using (customer_id, as_of_date) "
        "where features.as_of_date <= ? and labels.net_revenue_next_90d is not null "
        "order by features.as_of_date, features.customer_id",
        [cut_off - timedelta(days=OUTCOME_DAYS)],
    )
