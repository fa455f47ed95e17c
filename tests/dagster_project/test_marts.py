from datetime import date
from pathlib import Path

import polars as pl
import pytest

from dagster_project.marts import (
    current_as_of_date,
    cut_off_of,
    read_features,
    read_features_through,
    read_labels_through,
    read_order_gaps_through,
    read_outcomes,
)
from dagster_project.warehouse import Warehouse

MARCH, APRIL, JUNE = date(2024, 3, 31), date(2024, 4, 30), date(2024, 6, 29)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Two customers as of three dates; c2 came in April, and one order day arrived late."""
    warehouse = Warehouse(path=str(tmp_path_factory.mktemp("marts") / "warehouse.duckdb"))
    keys = {"customer_id": ["c2", "c1", "c1", "c2", "c1"], "as_of_date": [JUNE, JUNE, MARCH, APRIL, APRIL]}
    features = pl.DataFrame({**keys, "is_current": [True, True, False, False, False], "order_count": [2, 5, 1, 1, 3]})
    labels = pl.DataFrame(
        {
            **keys,
            "observed_days": [1, 1, 91, 61, 61],
            "days_to_next_order": [None, None, 5, 40, 2],
            "next_order_on": [None, None, date(2024, 4, 5), date(2024, 6, 9), date(2024, 5, 2)],
            "next_order_arrived_on": [None, None, date(2024, 4, 5), date(2024, 6, 9), date(2024, 5, 2)],
            "net_revenue_next_90d": [None, None, 70.0, None, None],
        }
    )
    order_days = pl.DataFrame(
        {
            "customer_id": ["c1", "c1", "c2"],
            "ordered_on": [date(2024, 4, 5), date(2024, 4, 10), date(2024, 4, 6)],
            "known_on": [date(2024, 4, 5), date(2024, 6, 1), date(2024, 4, 6)],
            "days_since_previous_order": [None, 5, None],
        }
    )
    warehouse.replace_tables(
        {
            "marts.fct_customer_features": features,
            "marts.fct_customer_labels": labels,
            "marts.fct_customer_order_days": order_days,
        }
    )
    return warehouse


def test_current_as_of_date_is_the_newest_one(warehouse):
    assert current_as_of_date(warehouse) == JUNE


def test_empty_mart_says_where_to_look(tmp_path):
    empty = Warehouse(path=str(Path(tmp_path) / "warehouse.duckdb"))
    empty.replace_tables({"marts.fct_customer_features": pl.DataFrame(schema={"as_of_date": pl.Date})})
    with pytest.raises(LookupError, match="revenue_waterfall"):
        current_as_of_date(empty)


def test_month_is_cut_off_at_its_newest_as_of_date(warehouse):
    assert cut_off_of(warehouse, "2024-06") == JUNE


def test_month_without_an_as_of_date_is_refused_with_those_there_are(warehouse):
    with pytest.raises(LookupError, match=r"no as-of date in 2024-05; it has 3 from 2024-03-31 to 2024-06-29"):
        cut_off_of(warehouse, "2024-05")


def test_features_of_a_date_are_by_customer(warehouse):
    features = read_features(warehouse, as_of_date=JUNE)
    assert features.select("customer_id", "order_count").rows() == [("c1", 5), ("c2", 2)]


def test_features_carry_no_flag_of_the_current_date(warehouse):
    assert "is_current" not in read_features(warehouse, as_of_date=JUNE).columns


def test_features_through_a_date_hold_nothing_later(warehouse):
    features = read_features_through(warehouse, cut_off=APRIL)
    assert features.select("as_of_date", "customer_id").rows() == [(MARCH, "c1"), (APRIL, "c1"), (APRIL, "c2")]


def test_labels_are_observed_no_further_than_the_cut_off(warehouse):
    labels = read_labels_through(warehouse, cut_off=APRIL)
    assert labels.select("as_of_date", "customer_id", "observed_days").rows() == [
        (MARCH, "c1", 30),
        (APRIL, "c1", 0),
        (APRIL, "c2", 0),
    ]


def test_order_day_that_arrived_after_the_cut_off_is_unknown(warehouse):
    gaps = read_order_gaps_through(warehouse, cut_off=APRIL)
    assert gaps.select("customer_id", "ordered_on").rows() == [("c1", date(2024, 4, 5)), ("c2", date(2024, 4, 6))]
    assert read_order_gaps_through(warehouse, cut_off=date(2024, 6, 1)).height == 3


def test_outcomes_are_of_dates_whose_ninety_days_have_passed(warehouse):
    assert read_outcomes(warehouse, cut_off=JUNE).rows(named=True) == [
        {"customer_id": "c1", "as_of_date": MARCH, "order_count": 1, "net_revenue_next_90d": 70.0}
    ]
    assert read_outcomes(warehouse, cut_off=date(2024, 6, 28)).is_empty()
