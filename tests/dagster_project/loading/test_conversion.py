"""Values of a file as values of the contract."""

from datetime import datetime
from decimal import Decimal

import duckdb
import pytest

from dagster_project.loading.columns import Column, Kind
from dagster_project.loading.conversion import convert
from dagster_project.loading.errors import SourceError
from dagster_project.loading.source import CsvOptions, Source

BROKEN = "broken"


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        yield opened


@pytest.fixture
def value_of(connection):
    """The converted value of an SQL expression; BROKEN where it is there but does not fit."""

    def evaluate(kind, expression, *, time_zone="UTC", timestamps_in=None, **csv):
        source = Source(
            name="shop",
            title="",
            folder=".",
            time_zone=time_zone,
            timestamps_in=timestamps_in,
            currency="EUR",
            tables={},
        )
        mapped_type = connection.execute(f"describe select {expression} as value").fetchall()[0][1]
        conversion = convert(Column("it", kind, ""), "mapped", mapped_type, source, CsvOptions(**csv))
        value, is_present = connection.execute(
            f"select {conversion.value}, {conversion.is_present} from (select {expression} as mapped)"
        ).fetchall()[0]
        return BROKEN if value is None and is_present else value

    return evaluate


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'12.5'", Decimal("12.5")),
        ("' -3 '", Decimal(-3)),
        ("'1e3'", Decimal(1000)),
        ("12.34567::double", Decimal("12.3457")),
        ("7", Decimal(7)),
        ("''", None),
        ("null::varchar", None),
        ("null", None),
        ("'1,5'", BROKEN),
        ("'EUR 5'", BROKEN),
        ("'NaN'", BROKEN),
        ("'inf'", BROKEN),
        ("'1e400'", BROKEN),
        ("100000000000000", BROKEN),
        ("99999999999999.9999", Decimal("99999999999999.9999")),
        ("'nan'::double", BROKEN),
    ],
)
def test_money(value_of, expression, value):
    assert value_of(Kind.MONEY, expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'1.234,50'", Decimal("1234.5")),
        ("'-1.234.567,5'", Decimal("-1234567.5")),
        ("'12,5'", Decimal("12.5")),
        ("'1234'", Decimal(1234)),
        ("'12.50'", BROKEN),
        ("'1,2,3'", BROKEN),
        ("12.5", Decimal("12.5")),
    ],
)
def test_money_with_decimal_commas(value_of, expression, value):
    assert value_of(Kind.MONEY, expression, decimal=",", thousands=".") == value


def test_a_thousands_separator_must_be_announced(value_of):
    assert value_of(Kind.MONEY, "'1.234,50'", decimal=",") == BROKEN
    assert value_of(Kind.MONEY, "'1,234.50'", thousands=",") == Decimal("1234.5")


@pytest.mark.parametrize(
    ("expression", "value"), [("'7'", 7), ("7.0", 7), ("7.5", BROKEN), ("'7.5'", BROKEN), ("1e30::double", BROKEN)]
)
def test_whole_numbers(value_of, expression, value):
    assert value_of(Kind.WHOLE_NUMBER, expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("17850.0::double", "17850"),
        ("17850.5::double", "17850.5"),
        ("'nan'::double", BROKEN),
        ("9007199254740991::double", "9007199254740991"),
        ("' x '", "x"),
        ("'00042'", "00042"),
        ("42", "42"),
        ("date '2024-05-01'", "2024-05-01"),
    ],
)
def test_text(value_of, expression, value):
    assert value_of(Kind.TEXT, expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [("'Yes'", True), ("'0'", False), ("1", True), ("false", False), ("'maybe'", BROKEN), ("' '", None)],
)
def test_booleans(value_of, expression, value):
    assert value_of(Kind.BOOLEAN, expression) is value or value_of(Kind.BOOLEAN, expression) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [("'{\"a\": 1}'", '{"a": 1}'), ("{'a': 1}", '{"a":1}'), ("'{a'", BROKEN), ("''", None)],
)
def test_json(value_of, expression, value):
    assert value_of(Kind.JSON, expression) == value


NEW_YORK_NOON = datetime(2024, 7, 1, 16)


@pytest.mark.parametrize(
    ("expression", "utc"),
    [
        ("'2024-07-01 12:00'", NEW_YORK_NOON),
        ("timestamp '2024-07-01 12:00'", NEW_YORK_NOON),
        ("timestamp_ns '2024-07-01 12:00'", NEW_YORK_NOON),
        ("timestamptz '2024-07-01 12:00-04'", NEW_YORK_NOON),
        ("'2024-07-01T12:00:00-04:00'", NEW_YORK_NOON),
        ("'2024-07-01T16:00:00Z'", NEW_YORK_NOON),
        ("'2024-07-01 16:00:00.000 UTC'", NEW_YORK_NOON),
        ("'2024-07-01 18:00:00 Europe/Berlin'", NEW_YORK_NOON),
        ("'2024-07-01 18:00+0200'", NEW_YORK_NOON),
        ("date '2024-07-01'", datetime(2024, 7, 1, 4)),
        ("'2024-07-01'", datetime(2024, 7, 1, 4)),
        ("'2024-01-01'", datetime(2024, 1, 1, 5)),
    ],
)
def test_times_become_utc(value_of, expression, utc):
    assert value_of(Kind.TIME, expression, time_zone="America/New_York") == utc


def test_times_in_another_zone_than_the_shops(value_of):
    zones = {"time_zone": "America/New_York", "timestamps_in": "UTC"}
    assert value_of(Kind.TIME, "'2024-07-01 16:00'", **zones) == NEW_YORK_NOON
    # A day has no time to be in another zone: it is the shop's day.
    assert value_of(Kind.TIME, "'2024-07-01'", **zones) == datetime(2024, 7, 1, 4)


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2024-03-10 02:30", datetime(2024, 3, 10, 7, 30)),  # skipped: there was no 02:30, it became 03:30 EDT
        ("2024-11-03 01:30", datetime(2024, 11, 3, 6, 30)),  # repeated: the second 01:30, EST
        ("2024-02-29 12:00", datetime(2024, 2, 29, 17)),
    ],
)
def test_clock_changes(value_of, local, utc):
    assert value_of(Kind.TIME, f"'{local}'", time_zone="America/New_York") == utc


@pytest.mark.parametrize(
    "expression",
    [
        "'1899-12-31 23:59:59'",
        "'2100-01-01'",
        "'infinity'",
        "date '9999-12-31'",
        "'01/05/2024'",
        "'2024-02-30'",
        "'soon'",
    ],
)
def test_times_that_are_none(value_of, expression):
    assert value_of(Kind.TIME, expression) == BROKEN


@pytest.mark.parametrize(
    ("kind", "expression"),
    [
        (Kind.TIME, "20240501"),
        (Kind.MONEY, "date '2024-05-01'"),
        (Kind.BOOLEAN, "1.5"),
        (Kind.JSON, "1"),
        (Kind.TEXT, "[1]"),
    ],
)
def test_a_type_that_cannot_hold_the_value_is_an_error(value_of, kind, expression):
    with pytest.raises(SourceError, match="cast it in the expression"):
        value_of(kind, expression)
