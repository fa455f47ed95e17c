"""Each defect is found where it was planted, and nowhere in the shop without it."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest

from tests.dagster_project.auditing.planted import AS_OF, CUSTOMERS, LABELLED, append, audit, every, spoil

REASONS = [
    "ordered_at '2024-13-77' is no time between 1900 and 2099",
    "customer_id is missing",
    "net_amount 'Conan O'Brien' is no number; ordered_at 'secret@example.org' is no time between 1900 and 2099",
    "currency ANNA KLEIN is not EUR",
    "line 41: 3 columns instead of 4",
    "status 'it' is no x, says Petra' is none of placed, paid",
]


def test_clean_shop_has_no_warning(clean):
    about_data = [row for row in clean.values() if row["subject_kind"] not in ("model", "requirement")]
    assert [row for row in about_data if row["status"] in ("warning", "problem")] == []
    assert clean["warehouse", "all", "summary"]["status"] == "note"


def test_rows_and_period_of_a_family(clean):
    row = clean["family", "orders", "rows"]
    assert (row["figure"], row["value"]) == (1440, "1,440 rows from 2024-01-01 to 2024-04-29")
    assert row["as_of_date"] == AS_OF


def test_family_without_a_row_says_how_to_bring_it(clean):
    row = clean["family", "support_tickets", "rows"]
    assert row["figure"] == 0
    assert "tables.support_tickets" in row["remedy"]
    assert "customer_id, opened_at" in row["remedy"]


def test_missing_values_are_counted_by_column(shop, clean):
    assert clean["column", "orders.status", "null_share"]["figure"] == 0
    found = audit(spoil(shop, "raw.orders", every(4, pl.lit(None), "status")))
    assert found["column", "orders.status", "null_share"]["figure"] == 0.25


def test_column_without_a_value_is_noted(clean):
    assert clean["column", "orders.coupon_code", "null_share"]["status"] == "note"


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("order_lines", "unit_price", 0), ("products", "list_price", -1), ("events", "price", 0)],
)
def test_implausible_prices_are_found(shop, clean, table, column, value):
    key = ("column", f"{table}.{column}", "implausible_values")
    assert clean[key]["status"] == "ok"
    assert audit(spoil(shop, f"raw.{table}", every(2, pl.lit(value), column)))[key]["figure"] == 0.5


def test_zero_discount_is_plausible_and_a_negative_one_is_not(shop):
    key = ("column", "order_lines.discount_amount", "implausible_values")
    free = spoil(shop, "raw.order_lines", pl.lit(0).alias("discount_amount"))
    assert audit(free)[key]["status"] == "ok"
    assert audit(spoil(free, "raw.order_lines", every(2, pl.lit(-3), "discount_amount")))[key]["status"] == "warning"


@pytest.mark.parametrize(
    ("table", "column"), [("orders", "customer_id"), ("order_lines", "order_id"), ("events", "product_id")]
)
def test_keys_that_lead_nowhere_are_found(shop, table, column):
    known = spoil(shop, "raw.events", pl.lit("p1").alias("product_id"))
    key = ("reference", f"{table}.{column}", "orphans")
    assert audit(known)[key]["figure"] == 0
    found = audit(spoil(known, f"raw.{table}", every(10, pl.lit("unknown"), column)))[key]
    assert (found["status"], found["figure"]) == ("warning", 0.1)


def test_keys_without_the_other_table_are_not_compared(shop):
    row = audit({**shop, "raw.customers": shop["raw.customers"].clear()})["reference", "orders.customer_id", "orphans"]
    assert (row["status"], row["value"]) == ("ok", "not compared")


def test_orders_without_a_line_are_found(shop, clean):
    key = ("reference", "orders without order_lines", "childless")
    assert clean[key]["figure"] == 0
    assert audit(spoil(shop, "raw.order_lines", pl.lit("o1").alias("order_id")))[key]["status"] == "warning"


def test_same_fact_under_another_key_is_found(shop, clean):
    assert clean["family", "events", "repeated_rows"]["figure"] == 0
    again = shop["raw.events"].head(288).with_columns(event_id="again-" + pl.col("event_id"))
    row = audit(append(shop, "raw.events", again))["family", "events", "repeated_rows"]
    assert row["figure"] == pytest.approx(288 / (2880 + 288))
    assert row["status"] == "warning"


def test_second_line_of_an_order_is_repeated_by_its_line_number_alone(shop):
    again = shop["raw.order_lines"].head(100).with_columns(line_number=pl.lit(9))
    assert audit(append(shop, "raw.order_lines", again))["family", "order_lines", "repeated_rows"]["figure"] > 0


def test_correction_is_counted_and_no_repetition(shop, clean):
    assert clean["family", "orders", "corrected_rows"]["figure"] == 0
    later = shop["raw.orders"].head(160).with_columns(status=pl.lit("returned"), is_correction=pl.lit(True))
    found = audit(append(shop, "raw.orders", later))
    assert found["family", "orders", "corrected_rows"]["figure"] == 0.1
    assert found["family", "orders", "repeated_rows"]["figure"] == 0
    assert found["family", "orders", "gaps"]["figure"] == 0


def test_family_that_stopped_is_behind(shop, clean):
    assert clean["family", "events", "freshness"]["status"] == "ok"
    stopped = shop["raw.events"].filter(pl.col("occurred_at") < datetime(2024, 4, 10))
    row = audit({**shop, "raw.events": stopped})["family", "events", "freshness"]
    assert (row["status"], row["figure"]) == ("warning", 20)


def test_late_rows_are_found_by_their_class(shop, clean):
    assert ("family", "events", "late_rows") not in clean  # nothing says when a row arrived
    delay = pl.col("occurred_at") + timedelta(days=3, seconds=1)
    arrived = shop["raw.events"].with_columns(arrived_at=pl.col("occurred_at"))
    assert audit({**shop, "raw.events": arrived})["family", "events", "late_rows"]["figure"] == 0
    late = arrived.with_columns(every(10, delay, "arrived_at"))
    found = audit({**shop, "raw.events": late})
    assert found["family", "events", "late_rows"]["status"] == "warning"
    assert found["delay", "events: later than 3 days", "rows"]["figure"] == 0.1
    just_in_time = arrived.with_columns(every(10, delay - timedelta(seconds=1), "arrived_at"))
    found = audit({**shop, "raw.events": just_in_time})
    assert found["family", "events", "late_rows"]["status"] == "ok"
    assert found["delay", "events: within 3 days", "rows"]["figure"] == 0.1


def test_times_of_another_zone_are_found_with_the_zone(shop, clean):
    assert clean["family", "orders", "time_zone"]["status"] == "ok"
    row = audit(shop, time_zone="Asia/Tokyo")["family", "orders", "time_zone"]
    assert row["status"] == "warning"
    assert "timestamps_in" in row["remedy"]


def test_dates_without_a_time_are_found(shop, clean):
    assert clean["family", "orders", "dates_only"]["status"] == "ok"
    found = audit(spoil(shop, "raw.orders", pl.col("ordered_at").dt.truncate("1d")))
    assert found["family", "orders", "dates_only"]["status"] == "note"
    assert ("family", "orders", "time_zone") not in found


def test_silent_days_are_found(shop, clean):
    assert clean["family", "events", "gaps"]["figure"] == 0
    outage = pl.col("occurred_at").dt.date().is_between(date(2024, 2, 5), date(2024, 2, 8))
    row = audit({**shop, "raw.events": shop["raw.events"].filter(~outage)})["family", "events", "gaps"]
    assert (row["status"], row["figure"]) == ("warning", 4)
    assert "2024-02-05" in row["sentence"]


def test_anonymous_traffic_is_counted(shop, clean):
    assert clean["family", "events", "anonymous_rows"]["figure"] == 0
    assert clean["family", "events", "unidentified_visitors"]["figure"] == 0
    known = pl.when(pl.col("anonymous_id") == "c7").then("customer_id")
    found = audit(spoil(shop, "raw.events", known))
    assert found["family", "events", "anonymous_rows"]["status"] == "warning"
    assert found["family", "events", "unidentified_visitors"]["figure"] == pytest.approx((CUSTOMERS - 1) / CUSTOMERS)


def test_unknown_event_types_are_named_with_their_counts(shop, clean):
    assert clean["family", "events", "unknown_event_type"]["figure"] == 0
    found = audit(spoil(shop, "raw.events", every(10, pl.lit("Wishlist Added"), "event_type")))
    assert found["event_type", "events: Wishlist Added", "unknown_value"]["figure"] == 0.1
    assert found["family", "events", "unknown_event_type"]["figure"] == 0.1


@pytest.mark.parametrize("value", ["anna.klein@example.org", "+49 170 1234567"])
def test_event_type_that_may_be_personal_is_counted_but_not_named(shop, value):
    found = audit(spoil(shop, "raw.events", every(10, pl.lit(value), "event_type")))
    assert found["event_type", "events: rare or unreadable values", "unknown_value"]["figure"] == 0.1
    assert not says(found, value)


def test_event_type_of_too_few_people_is_not_named(shop):
    one_person = pl.when(pl.col("customer_id") == "c1").then(pl.lit("Anna Klein")).otherwise("event_type")
    found = audit(spoil(shop, "raw.events", one_person.alias("event_type")))
    assert ("event_type", "events: rare or unreadable values", "unknown_value") in found
    assert not says(found, "Anna")


def test_event_types_that_never_occur_are_named(clean):
    row = clean["family", "events", "absent_event_type"]
    assert "add_to_cart" in row["value"]
    assert "page_view" not in row["value"]


def test_rejected_rows_are_counted_by_rule_without_what_they_hold(shop):
    rejected = pl.DataFrame({"reason": REASONS * 5})
    ledger = pl.DataFrame(
        {"table_name": ["orders"], "rows_read": [1470], "rows_duplicate": [0], "rows_quarantined": [30]}
    )
    found = audit({**shop, "quarantine.orders": rejected, "ops.load_ledger": ledger})
    assert found["family", "orders", "rejected_rows"]["status"] == "problem"
    rules = {subject for kind, subject, _ in found if kind == "rejection"}
    assert {
        "orders: ordered_at … is no time between 1900 and 2099",
        "orders: customer_id is missing",
        "orders: net_amount … is no number; ordered_at … is no time between 1900 and 2099",
        "orders: currency … is not EUR",
        "orders: 3 columns instead of 4",
    } < rules
    for secret in ("Conan", "Brien", "secret@", "ANNA", "Petra", "2024-13"):
        assert not says(found, secret)


def test_shop_without_rejected_rows_has_none(clean):
    assert clean["family", "orders", "rejected_rows"]["status"] == "ok"
    assert [key for key in clean if key[0] == "rejection"] == []


def test_rows_read_again_are_counted_from_the_ledger(shop, clean):
    assert clean["family", "orders", "duplicate_rows"]["figure"] == 0
    ledger = pl.DataFrame(
        {"table_name": ["orders"], "rows_read": [2880], "rows_duplicate": [1440], "rows_quarantined": [0]}
    )
    assert audit({**shop, "ops.load_ledger": ledger})["family", "orders", "duplicate_rows"]["figure"] == 0.5


def test_feature_without_a_value_names_the_family_that_is_missing(shop, clean):
    assert clean["feature", "order_count", "coverage"]["figure"] == 1
    found = audit(spoil(shop, "marts.fct_customer_features", pl.lit(None, dtype=pl.Float64).alias("email_open_rate")))
    row = found["feature", "email_open_rate", "coverage"]
    assert row["status"] == "note"
    assert "email_events" in row["sentence"]
    assert "orders" not in row["sentence"]


def test_constant_feature_is_found(shop, clean):
    assert ("feature", "order_count", "constant") not in clean
    found = audit(spoil(shop, "marts.fct_customer_features", pl.lit(3).alias("order_count")))
    assert found["feature", "order_count", "constant"]["status"] == "note"


def test_feature_that_knows_the_future_is_found(shop, clean):
    assert clean["warehouse", "fct_customer_features", "leaks"]["status"] == "ok"
    future = shop["marts.fct_customer_labels"].select(
        "customer_id", "as_of_date", win_back_days=pl.col("days_to_next_order").fill_null(999) * 2
    )
    leaking = shop["marts.fct_customer_features"].join(future, on=["customer_id", "as_of_date"], maintain_order="left")
    found = audit({**shop, "marts.fct_customer_features": leaking})
    assert found["feature", "win_back_days", "leak"]["status"] == "problem"
    assert [key for key in found if key[2] == "leak"] == [("feature", "win_back_days", "leak")]
    assert str(LABELLED) in found["feature", "win_back_days", "leak"]["sentence"]


def test_marts_without_a_row_are_audited_too(shop):
    marts = {name: frame.clear() for name, frame in shop.items() if name.startswith("marts.")}
    found = audit({**shop, **marts})
    assert found["model", "behaviour", "readiness"]["value"] == "not possible"
    assert found["warehouse", "fct_customer_features", "leaks"]["value"] == "not compared"


def says(found, text):
    return any(text in str(value) for row in found.values() for value in row.values())
