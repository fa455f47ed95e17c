"""Identifiers that are far too busy to be one person are found; good customers are not."""

from datetime import datetime, timedelta

import polars as pl
import pytest

from tests.dagster_project.auditing.planted import AS_OF, append, audit, spoil


def order_often(shop, customer, count, *, a_day=1):
    """The shop with so many more orders of 25 by one customer, so many a day."""
    start = datetime(2024, 1, 2, 11)
    rows = pl.DataFrame(
        {
            "order_id": [f"{customer}-{number}" for number in range(count)],
            "customer_id": customer,
            "ordered_at": [start + timedelta(days=number // a_day, minutes=number % a_day) for number in range(count)],
            "status": "paid",
            "net_amount": 25,
        }
    )
    return append(shop, "raw.orders", rows)


def visit_often(shop, column, value, rows):
    """The shop with an identifier in the first so many of its events."""
    often = pl.when(pl.int_range(pl.len()) < rows).then(pl.lit(value)).otherwise(column)
    return spoil(shop, "raw.events", often.alias(column))


def test_nobody_in_a_clean_shop_is_too_busy(clean):
    checks = ("too_many_orders", "too_many_orders_a_day", "too_many_events")
    assert {clean["identifier", "customer_id", check]["status"] for check in checks} == {"ok"}
    assert clean["identifier", "anonymous_id", "too_many_events"]["status"] == "ok"
    assert clean["identifier", "anonymous_id", "too_many_customers"]["status"] == "ok"


def test_word_that_all_guests_share_is_found_with_count_money_and_remedy(shop):
    row = audit(order_often(shop, "walkin-customer", 100))["identifier", "customer_id", "too_many_orders"]
    assert row["status"] == "warning"
    assert row["value"] == "100 of 1,540 (6.5 %)"
    assert "100 of 1,540 (6.5 %) orders, worth 2,500.00, such as 'wal…r'" in row["sentence"]
    assert "no_identifier" in row["remedy"]


def test_short_word_is_shown_whole(shop):
    assert (
        "such as 'guest'"
        in audit(order_often(shop, "guest", 100))["identifier", "customer_id", "too_many_orders"]["sentence"]
    )


def test_several_words_are_found_together(shop):
    frames = order_often(order_often(order_often(shop, "nobody", 100), "cash-sale", 60), "staff-order", 50)
    row = audit(frames)["identifier", "customer_id", "too_many_orders"]
    assert row["figure"] == 210
    assert "3 customers are" in row["sentence"]
    assert "'nob…y', 'cas…e', 'sta…r'" in row["sentence"]


@pytest.mark.parametrize(("orders", "status"), [(29, "ok"), (30, "warning")])
def test_customer_of_a_month_of_orders_is_no_suspicion(shop, orders, status):
    """The others have 4 or 5 orders each, so four times as many are 20, and a hundredth of all is 15."""
    assert audit(order_often(shop, "keen", orders))["identifier", "customer_id", "too_many_orders"]["status"] == status


def test_big_customers_beside_others_of_their_size_are_no_suspicion(shop):
    frames = shop
    for number in range(12):
        frames = order_often(frames, f"company-{number}", 60 + number)
    assert audit(frames)["identifier", "customer_id", "too_many_orders"]["status"] == "ok"


def test_orders_of_a_shop_that_has_lines_only_are_counted_from_them(shop):
    frames = order_often({name: frame for name, frame in shop.items() if name != "raw.order_lines"}, "nobody", 100)
    lines = frames["raw.orders"].select(
        "order_id", "customer_id", "ordered_at", "net_amount", product_id=pl.lit("p1"), quantity=pl.lit(1)
    )
    twice = lines.join(pl.DataFrame({"line_number": [1, 2]}), how="cross")
    row = audit({**frames, "raw.orders": frames["raw.orders"].clear(), "raw.order_lines": twice})[
        "identifier", "customer_id", "too_many_orders"
    ]
    assert (row["status"], row["figure"]) == ("warning", 100)
    assert "worth 5,000.00" in row["sentence"]


@pytest.mark.parametrize(("a_day", "status"), [(49, "ok"), (50, "warning")])
def test_more_orders_in_a_day_than_a_person_makes_are_found(shop, a_day, status):
    row = audit(order_often(shop, "cash-sale", 2 * a_day, a_day=a_day))[
        "identifier", "customer_id", "too_many_orders_a_day"
    ]
    assert row["status"] == status
    if status == "warning":
        assert "on 2 days" in row["sentence"]
        assert "100 orders, worth 2,500.00" in row["sentence"]


@pytest.mark.parametrize("column", ["customer_id", "anonymous_id"])
def test_identifier_of_too_many_events_is_found(shop, column):
    found = audit(visit_often(shop, column, "00000000-0000-0000", 400))
    row = found["identifier", column, "too_many_events"]
    assert row["status"] == "warning"
    assert row["value"] == "400 of 2,880 (13.9 %)"
    assert "'000…0'" in row["sentence"]


def test_device_of_very_many_customers_is_found(shop):
    row = audit(visit_often(shop, "anonymous_id", "till-in-the-shop", 30))[
        "identifier", "anonymous_id", "too_many_customers"
    ]
    assert (row["status"], row["figure"]) == ("warning", 1)
    assert "by 30 of 300 (10.0 %) of those with a device, in 30 events" in row["sentence"]
    assert "'til…p'" in row["sentence"]


@pytest.mark.parametrize(("customers", "status"), [(9, "ok"), (10, "warning")])
def test_device_of_a_family_is_no_suspicion(shop, customers, status):
    found = audit(visit_often(shop, "anonymous_id", "family-tablet", customers))
    assert found["identifier", "anonymous_id", "too_many_customers"]["status"] == status


def test_identifier_of_a_person_does_not_appear_whole(shop):
    found = audit(order_often(shop, "anna.klein@example.org", 100))
    assert found["identifier", "customer_id", "too_many_orders"]["as_of_date"] == AS_OF
    assert not any("klein" in str(value) for row in found.values() for value in row.values())
