"""History that was loaded again: what no as-of date knows of is counted, with the money that it would change."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest

from dagster_project.auditing.arrivals import Moment
from tests.dagster_project.auditing.planted import append, audit, every

# The as-of date of the planted shop is 2024-04-28, and its newest order of 2024-04-29.
NEXT_DAY, MONTHS_LATER = datetime(2024, 4, 30, 9), datetime(2024, 9, 1, 9)


def versions(shop, arrived_at, *, orders=("o0", "o1", "o2"), **values):
    """Later versions of some orders of the first day, which were worth 40 each."""
    rows = shop["raw.orders"].filter(pl.col("order_id").is_in(orders))
    return rows.with_columns(
        is_correction=pl.lit(True),
        arrived_at=pl.lit(arrived_at),
        loaded_at=pl.lit(arrived_at),
        **{name: pl.lit(value) for name, value in values.items()},
    )


def unseen(frames, table="orders"):
    return audit(frames)["family", table, "unseen_history"]


def test_nothing_waits_in_a_shop_that_is_loaded_in_order(clean):
    assert clean["family", "orders", "unseen_history"]["status"] == "ok"


def test_corrected_history_is_a_warning_with_count_money_and_remedy(shop):
    frames = append(shop, "raw.orders", versions(shop, MONTHS_LATER, net_amount=15))
    forgotten = versions(shop, MONTHS_LATER, orders=("o3",), order_id="forgotten", net_amount=7)
    row = unseen(append(frames, "raw.orders", forgotten))
    assert row["status"] == "warning"
    # Three orders of 40 become 15, and one of 7 comes in.
    assert row["figure"] == 68
    assert row["value"] == "4 rows, 68.00 less"
    for words in ("add 7.00", "take 75.00 away", "4 of them came more than 31 days", "2024-04-29", "2024-09-01"):
        assert words in row["sentence"]
    assert "HISTORY=yes" in row["remedy"]
    assert "`history:`" in row["remedy"]


def test_correction_of_the_day_after_is_a_note_without_a_remedy(shop):
    row = unseen(append(shop, "raw.orders", versions(shop, NEXT_DAY, net_amount=15)))
    assert (row["status"], row["figure"], row["remedy"]) == ("note", 75, None)


def test_late_correction_is_stranded_from_a_month_after_the_newest_order_on(shop):
    end_of_newest = Moment(date(2024, 4, 28), date(2024, 4, 29), "Europe/Berlin").ends_at(date(2024, 4, 29))
    assert end_of_newest == datetime(2024, 4, 29, 22)
    for arrived_at, status in [(timedelta(days=31, seconds=-1), "note"), (timedelta(days=31), "warning")]:
        frames = append(shop, "raw.orders", versions(shop, end_of_newest + arrived_at, net_amount=15))
        assert unseen(frames)["status"] == status


def test_corrections_that_cancel_out_are_still_told(shop):
    up = versions(shop, MONTHS_LATER, orders=("o0",), net_amount=90)
    down = versions(shop, MONTHS_LATER, orders=("o1", "o2"), net_amount=15)
    row = unseen(append(append(shop, "raw.orders", up), "raw.orders", down))
    assert (row["status"], row["figure"]) == ("warning", 0)
    assert "add 50.00 and take 50.00 away" in row["sentence"]


def test_correction_that_arrived_by_the_as_of_date_does_not_wait(shop):
    in_time = datetime(2024, 4, 28, 21, 59, 59)  # a second before midnight in Berlin
    assert unseen(append(shop, "raw.orders", versions(shop, in_time, net_amount=15)))["status"] == "ok"
    midnight = in_time + timedelta(seconds=1)
    assert unseen(append(shop, "raw.orders", versions(shop, midnight, net_amount=15)))["figure"] == 75


def test_only_the_newest_of_several_late_versions_counts(shop):
    first = versions(shop, MONTHS_LATER, orders=("o0",), net_amount=15)
    second = versions(shop, MONTHS_LATER + timedelta(days=1), orders=("o0",), net_amount=36)
    row = unseen(append(append(shop, "raw.orders", first), "raw.orders", second))
    assert (row["value"], row["figure"]) == ("1 row, 4.00 less", 4)


def test_order_after_the_as_of_date_does_not_wait(shop):
    new = versions(shop, MONTHS_LATER, order_id="new", ordered_at=datetime(2024, 4, 29, 10))
    assert unseen(append(shop, "raw.orders", new))["status"] == "ok"


@pytest.mark.parametrize("left", [{"is_deleted": True}, {"status": "cancelled"}, {"status": "returned"}])
def test_order_that_has_left_takes_its_whole_amount_away(shop, left):
    row = unseen(append(shop, "raw.orders", versions(shop, MONTHS_LATER, **left)))
    assert row["figure"] == 120


def test_line_without_a_time_has_that_of_its_order(shop):
    """Lines of the first and of the last day are corrected; only the first day lies before the as-of date."""
    lines = shop["raw.order_lines"].with_columns(ordered_at=pl.lit(None, dtype=pl.Datetime("us")))
    some = pl.col("order_id").is_in(["o0", "o1439"]) & (pl.col("line_number") == 1)
    late = lines.filter(some).with_columns(
        net_amount=pl.lit(20),
        is_correction=pl.lit(True),
        arrived_at=pl.lit(MONTHS_LATER),
        loaded_at=pl.lit(MONTHS_LATER),
    )
    row = unseen(append({**shop, "raw.order_lines": lines}, "raw.order_lines", late), "order_lines")
    assert (row["status"], row["value"]) == ("warning", "1 row, 5.00 more")


def test_rows_without_money_are_counted(shop):
    late = shop["raw.events"].with_columns(every(10, pl.lit(MONTHS_LATER), "occurred_at").alias("arrived_at"))
    row = unseen({**shop, "raw.events": late}, "events")
    assert (row["status"], row["value"]) == ("warning", "286 rows")
