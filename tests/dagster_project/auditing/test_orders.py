"""Totals that lines do not make, order numbers that were given twice, and times that stand for none."""

from datetime import datetime, timedelta

import polars as pl
import pytest

from tests.dagster_project.auditing.planted import append, audit, every, spoil

GAPS = pl.DataFrame(
    {
        "order_id": ["o1", "o2", "o3", "o4", "o5"],
        "total_amount": [36.0, 30.0, 44.5, 40.0, 20.0],
        "lines_amount": [40.0, 40.0, 40.0, 41.0, 40.0],
        "gap_amount": [-4.0, -10.0, 4.5, -1.0, -20.0],
        "is_explained": [True, False, False, False, True],
    }
)


def with_gaps(shop, gaps):
    return {**shop, "intermediate.int_order_total_gaps": gaps}


def test_warehouse_without_the_table_of_gaps_says_nothing_of_them(clean):
    assert ("family", "orders", "total_gaps") not in clean


def test_gaps_that_nothing_explains_are_counted_and_summed_in_both_ways(shop):
    row = audit(with_gaps(shop, GAPS))["family", "orders", "total_gaps"]
    # 10, 4.50 and 1 apart; the totals 10 and 1 below their lines, and 4.50 above.
    assert (row["status"], row["figure"]) == ("warning", 15.5)
    assert row["value"] == "3 of 1,440 (0.2 %)"
    assert "by 15.50, the totals being 6.50 less in all, such as o2, o3, o4" in row["sentence"]
    assert "int_order_total_gaps" in row["remedy"]


def test_gaps_that_the_discount_of_the_order_explains_are_a_note(shop):
    row = audit(with_gaps(shop, GAPS))["family", "orders", "explained_total_gaps"]
    assert (row["status"], row["figure"], row["remedy"]) == ("note", 24, None)
    assert "by 24.00, the totals being 24.00 less in all, such as o5, o1" in row["sentence"]


def test_one_gap_among_very_many_orders_is_a_note(shop):
    one = GAPS.filter(pl.col("order_id") == "o3")
    assert audit(with_gaps(shop, one))["family", "orders", "total_gaps"]["status"] == "note"


def test_shop_whose_lines_make_the_totals_is_in_order(shop):
    found = audit(with_gaps(shop, GAPS.clear()))
    assert {found["family", "orders", check]["status"] for check in ("total_gaps", "explained_total_gaps")} == {"ok"}


def again(shop, orders, **values):
    """Later versions of the first so many orders, with other values."""
    return append(
        shop, "raw.orders", shop["raw.orders"].head(orders).with_columns(is_correction=pl.lit(True), **values)
    )


def test_orders_of_a_clean_shop_have_numbers_of_their_own(clean):
    assert clean["family", "orders", "reused_order_ids"]["status"] == "ok"
    assert clean["family", "order_lines", "reused_order_ids"]["status"] == "ok"


def test_numbers_that_start_again_are_found_with_count_money_and_examples(shop):
    other_day = pl.col("ordered_at") + timedelta(days=2)
    row = audit(again(shop, 3, customer_id=pl.lit("c299"), ordered_at=other_day, net_amount=pl.lit(15)))[
        "family", "orders", "reused_order_ids"
    ]
    assert row["status"] == "warning"
    assert row["value"] == "3 of 1,440 (0.2 %)"
    # Twice three rows, of 40 and of 15.
    assert "6 rows worth 165.00" in row["sentence"]
    assert "such as o0 (2 customers, 2 days), o1 (2 customers, 2 days), o2 (2 customers, 2 days)" in row["sentence"]
    assert "order_id" in row["remedy"]


def test_order_that_was_given_to_another_customer_once_is_a_note(shop):
    row = audit(again(shop, 1, customer_id=pl.lit("c299")))["family", "orders", "reused_order_ids"]
    assert (row["status"], row["figure"]) == ("note", 1)


@pytest.mark.parametrize(("hours", "figure"), [(24, 0), (25, 2)])
def test_order_whose_time_is_corrected_by_hours_is_the_same_order(shop, hours, figure):
    later = pl.col("ordered_at") + timedelta(hours=hours)
    assert audit(again(shop, 2, ordered_at=later))["family", "orders", "reused_order_ids"]["figure"] == figure


def test_order_that_has_left_and_whose_number_is_used_anew_is_no_mixture(shop):
    orders = shop["raw.orders"].with_columns(is_deleted=pl.col("order_id") == "o0")
    frames = again({**shop, "raw.orders": orders}, 1, customer_id=pl.lit("c299"), is_deleted=pl.lit(False))
    assert audit(frames)["family", "orders", "reused_order_ids"]["status"] == "ok"


def test_lines_of_several_days_under_one_number_are_found(shop):
    """Every tenth line has the number of the first order."""
    frames = spoil(shop, "raw.order_lines", every(10, pl.lit("o0"), "order_id"))
    row = audit(frames)["family", "order_lines", "reused_order_ids"]
    assert row["figure"] == 1
    assert "o0 (" in row["sentence"]


@pytest.mark.parametrize(
    "day", [datetime(1970, 1, 1), datetime(1969, 12, 31, 23), datetime(1900, 1, 1), datetime(2099, 12, 31)]
)
def test_default_time_of_orders_is_a_warning_with_their_money(shop, day):
    frames = spoil(shop, "raw.orders", every(100, pl.lit(day), "ordered_at"))
    row = audit(frames)["column", "orders.ordered_at", "default_times"]
    assert (row["status"], row["value"]) == ("warning", "15 of 1,440 (1.0 %)")
    assert "worth 600.00" in row["sentence"]
    assert "nullif" in row["remedy"]


@pytest.mark.parametrize("day", [datetime(1970, 1, 3), datetime(1969, 12, 30), datetime(1900, 1, 3)])
def test_birth_or_first_day_near_a_default_is_none(shop, day):
    customers = shop["raw.customers"].with_columns(created_at=pl.lit(day))
    row = audit({**shop, "raw.customers": customers})["column", "customers.created_at", "default_times"]
    assert row["status"] == "ok"


def test_default_time_beside_the_time_of_the_fact_is_a_note(shop):
    campaigns = pl.DataFrame(
        {
            "campaign_id": ["a", "b"],
            "started_at": [datetime(2024, 3, 1)] * 2,
            "ended_at": [datetime(2099, 12, 31), None],
        }
    )
    row = audit({**shop, "raw.campaigns": campaigns})["column", "campaigns.ended_at", "default_times"]
    assert (row["status"], row["value"]) == ("note", "1 of 1 (100.0 %)")


def test_column_without_a_time_is_not_asked(clean):
    assert ("column", "customers.created_at", "default_times") not in clean
