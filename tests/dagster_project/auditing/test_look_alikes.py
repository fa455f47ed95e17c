"""Identifiers that are written in two ways are found, by the way in which they differ and by no other."""

import re
import unicodedata

import duckdb
import polars as pl
import pytest

from tests.dagster_project.auditing.planted import append, audit, spoil

# Customer c7 of the planted shop has 4 or 5 orders of 40; here some of them come under another spelling.
CHECKS = ("invisible_characters", "blanks", "unicode_form", "letter_case", "decimals", "leading_zeros")


def rename(frames, names, *, tables=("orders", "order_lines", "events", "customers")):
    """The shop with other identifiers of some customers, in some tables."""
    new = pl.col("customer_id").replace(names)
    for table in tables:
        frames = spoil(frames, f"raw.{table}", new)
    return frames


def write_twice(shop, one, other):
    """The shop in which a customer's events come under another spelling than the orders."""
    return rename(rename(shop, {"c7": one}), {one: other}, tables=("events",))


def found_in(found, column="customer_id"):
    """The differences that were found, with the number of identifiers."""
    rows = {check: found["identifier", column, f"same_but_for_{check}"] for check in CHECKS}
    return {check: row["figure"] for check, row in rows.items() if row["status"] != "ok"}


def test_identifiers_of_a_clean_shop_differ(clean):
    assert found_in(clean) == found_in(clean, "anonymous_id") == {}
    assert clean["identifier", "customer_id", "rounded_numbers"]["status"] == "ok"


@pytest.mark.parametrize(
    ("difference", "one", "other"),
    [
        ("letter_case", "kunde-anna", "Kunde-Anna"),
        ("blanks", "anna klein", "anna klein "),
        ("blanks", "anna klein", "anna\u00a0 klein"),
        ("invisible_characters", "anna-klein", "\ufeffanna-klein"),
        ("invisible_characters", "anna-klein", "anna-\u200bklein"),
        ("invisible_characters", "anna-klein", "anna\u00ad-klein"),
        ("unicode_form", "anna-m\u00fcller", unicodedata.normalize("NFD", "anna-m\u00fcller")),
        ("leading_zeros", "000412", "412"),
        ("decimals", "90000412", "90000412.0"),
        ("decimals", "90000412", "90000412,00"),
    ],
)
def test_same_identifier_in_two_spellings_is_found_by_its_difference_alone(shop, difference, one, other):
    found = audit(write_twice(shop, one, other))
    assert found_in(found) == {difference: 2}


def test_two_differences_at_once_are_both_named(shop):
    found = audit(write_twice(shop, "Kunde Anna", "kunde anna\u200b"))
    assert found_in(found) == {"letter_case": 2, "invisible_characters": 2}


@pytest.mark.parametrize(
    ("one", "other"), [("412", "4120"), ("10.5", "10"), ("a-007", "a-7"), ("0", "00a"), ("m\u00fcller", "muller")]
)
def test_identifiers_that_differ_in_what_they_say_are_left_alone(shop, one, other):
    assert found_in(audit(write_twice(shop, one, other))) == {}


def test_finding_counts_rows_and_money_and_masks_its_examples(shop):
    """Three of the customer's first five orders, those before day 75, are written otherwise; no other table is."""
    own = pl.col("customer_id") == "c7"
    only_orders = {name: frame for name, frame in shop.items() if name not in ("raw.events", "raw.order_lines")}
    early = pl.col("ordered_at").dt.date() < pl.date(2024, 3, 15)
    spelled = pl.when(own & early).then(pl.lit("Kunde-Anna")).when(own).then(pl.lit("kunde-anna"))
    frames = spoil(only_orders, "raw.orders", spelled.otherwise("customer_id").alias("customer_id"))
    frames = {**frames, "raw.customers": frames["raw.customers"].filter(pl.col("customer_id") != "c7")}
    assert shop["raw.orders"].filter(own & early).height == 3
    row = audit(frames)["identifier", "customer_id", "same_but_for_letter_case"]
    # The 5 orders of 40 of one person, under two of the 301 identifiers.
    assert row["status"] == "warning"
    assert row["value"] == "2 of 301 (0.7 %)"
    assert "1 person counts as 2, with 5 rows and 200.00 in orders" in row["sentence"]
    assert "'Kun…a', 'kun…a'" in row["sentence"]
    assert "Anna" not in row["sentence"]


def test_few_of_very_many_are_a_note(shop):
    many = pl.DataFrame({"customer_id": [f"x{number}" for number in range(20_000)], "country_code": "DE"})
    pair = pl.DataFrame({"customer_id": ["kunde-x", "Kunde-X"], "country_code": "DE"})
    row = audit(append(append(shop, "raw.customers", many), "raw.customers", pair))[
        "identifier", "customer_id", "same_but_for_letter_case"
    ]
    assert (row["status"], row["figure"]) == ("note", 2)


def test_remedy_lists_the_identifiers_in_the_warehouse(shop):
    frames = write_twice(shop, "Kunde Anna", "kunde  anna")
    row = audit(frames)["identifier", "customer_id", "same_but_for_blanks"]
    query = re.search("listed by: (.*)", row["remedy"])[1]
    with duckdb.connect() as connection:
        connection.execute("create schema raw")
        for name in ("orders", "order_lines", "events", "customers"):
            connection.register("incoming", frames[f"raw.{name}"].to_arrow())
            connection.execute(f"create table raw.{name} as from incoming")
        ((_, spellings),) = connection.execute(query).fetchall()
    assert sorted(spellings) == ["Kunde Anna", "kunde  anna"]


def test_devices_are_compared_too(shop):
    twice = pl.when(pl.col("customer_id") == "c7").then(pl.lit("ABCDEF-1")).otherwise("anonymous_id")
    frames = spoil(shop, "raw.events", twice.alias("anonymous_id"))
    other = pl.when(pl.col("customer_id") == "c8").then(pl.lit("abcdef-1")).otherwise("anonymous_id")
    found = audit(spoil(frames, "raw.events", other.alias("anonymous_id")))
    assert found_in(found, "anonymous_id") == {"letter_case": 2}
    assert "1 device counts as 2" in found["identifier", "anonymous_id", "same_but_for_letter_case"]["sentence"]


@pytest.mark.parametrize("value", ["1.23457E+12", "1,23457E+12", "1.23457e+12", "4E+11", "1.23457E12"])
def test_number_that_a_spreadsheet_rounded_is_found_without_a_partner(shop, value):
    row = audit(rename(shop, {"c7": value}))["identifier", "customer_id", "rounded_numbers"]
    assert (row["status"], row["figure"]) == ("warning", 1)
    assert "as text" in row["remedy"]


@pytest.mark.parametrize("value", ["1E5", "2E10", "12.5", "4E+1A"])
def test_identifier_with_an_e_is_no_rounded_number(shop, value):
    assert audit(rename(shop, {"c7": value}))["identifier", "customer_id", "rounded_numbers"]["status"] == "ok"


def test_later_versions_count_neither_rows_nor_money_again(shop):
    frames = rename(rename(shop, {"c7": "kunde-anna"}), {"kunde-anna": "Kunde-Anna"}, tables=("events",))
    before = audit(frames)["identifier", "customer_id", "same_but_for_letter_case"]
    own = frames["raw.orders"].filter(pl.col("customer_id") == "kunde-anna")
    again = own.with_columns(is_correction=pl.lit(True), status=pl.lit("returned"))
    after = audit(append(frames, "raw.orders", again))["identifier", "customer_id", "same_but_for_letter_case"]
    assert after["sentence"] == before["sentence"]
