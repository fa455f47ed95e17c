"""The check that everyone has one segment can fail, in each of the ways in which it has to."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from dagster_project.checks.segment_checks import SegmentCounts, count_segments
from dagster_project.warehouse import Warehouse

EARLIER, NOW = date(2024, 5, 31), date(2024, 6, 29)
# Customer d has been here without ever ordering; customer e is of an earlier date only.
MART = pl.DataFrame(
    [("a", NOW, 3), ("b", NOW, 1), ("c", NOW, 2), ("d", NOW, 0), ("e", EARLIER, 4)],
    schema=["customer_id", "as_of_date", "order_count"],
    orient="row",
)


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    warehouse = Warehouse(path=str(tmp_path / "warehouse.duckdb"))
    warehouse.replace_tables({"marts.fct_customer_features": MART})
    return warehouse


def count(warehouse: Warehouse, *customers: str, as_of_date: date = NOW) -> SegmentCounts:
    """The counts after segments were given to ``customers``, one row for each time one is named."""
    rows = [("behaviour", customer, as_of_date) for customer in customers]
    schema = {"segmentation": pl.String, "customer_id": pl.String, "as_of_date": pl.Date}
    warehouse.replace_tables({"segmentation.segment_assignments": pl.DataFrame(rows, schema=schema, orient="row")})
    return count_segments(warehouse)


def test_every_customer_with_an_order_has_one_segment(warehouse):
    counts = count(warehouse, "a", "b", "c")
    assert counts == SegmentCounts(customers=3, without_segment=0, with_several=0, strangers=0)
    assert counts.agree


def test_customer_who_was_lost_fails(warehouse):
    counts = count(warehouse, "a", "c")
    assert counts.without_segment == 1
    assert not counts.agree


def test_customer_who_was_doubled_fails(warehouse):
    counts = count(warehouse, "a", "b", "b", "c")
    assert counts.with_several == 1
    assert not counts.agree


def test_customer_who_was_taken_for_another_fails_though_the_numbers_are_equal(warehouse):
    counts = count(warehouse, "a", "b", "d")
    assert (counts.without_segment, counts.strangers) == (1, 1)
    assert not counts.agree


def test_segments_of_an_earlier_date_fail(warehouse):
    counts = count(warehouse, "a", "b", "c", as_of_date=EARLIER)
    assert (counts.without_segment, counts.strangers) == (3, 3)


def test_no_segment_at_all_fails(warehouse):
    counts = count(warehouse)
    assert counts.without_segment == 3
    assert not counts.agree


def test_customer_who_is_missing_in_one_of_two_segmentations_fails(warehouse):
    rows = [(name, customer, NOW) for name, customers in (("one", "abc"), ("two", "ab")) for customer in customers]
    frame = pl.DataFrame(rows, schema=["segmentation", "customer_id", "as_of_date"], orient="row")
    warehouse.replace_tables({"segmentation.segment_assignments": frame})
    assert count_segments(warehouse).without_segment == 1
