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
EMPTIED = "emptied"


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as opened:
        yield opened


@pytest.fixture
def value_of(connection):
    """The converted value of an SQL expression; BROKEN where it is there but does not fit."""

    def evaluate(kind, expression, *, time_zone="UTC", timestamps_in=None, required=True, name="it", said=None, **csv):
        source = Source(
            name="shop",
            title="",
            folder=".",
            time_zone=time_zone,
            timestamps_in=timestamps_in,
            currency="EUR",
            tables={},
            **(said or {}),
        )
        mapped_type = connection.execute(f"describe select {expression} as value").fetchall()[0][1]
        column, options = Column(name, kind, ""), CsvOptions(**csv)
        conversion = convert(column, "mapped", mapped_type, source, options, may_be_emptied=not required)
        text = f", {conversion.text} as {conversion.text_name}" if conversion.text else ""
        value, is_present, is_emptied, word = connection.execute(
            f"select {conversion.value}, {conversion.is_present}, {conversion.is_emptied}, {conversion.emptied_word} "
            f"from (select *{text} from (select {expression} as mapped))"
        ).fetchall()[0]
        if is_emptied:
            assert (value, is_present) == (None, False)
            return EMPTIED, word
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
        ("'2024-07-01 18:00:00 +0200'", NEW_YORK_NOON),
        ("'2024-07-01 13:00:00 -3'", NEW_YORK_NOON),
        ("'2024-07-01 13:00 -03'", NEW_YORK_NOON),
        ("'2024-07-01 17:00:00+1'", NEW_YORK_NOON),
        ("'2024-07-01 21:30:00 +5:30'", NEW_YORK_NOON),
        ("'2024-07-01 18:00:00 GMT+0200'", NEW_YORK_NOON),
        ("'2024-07-01 16:00:00 +0000'", NEW_YORK_NOON),
        ("'2024-07-01T16:00:00.5z'", datetime(2024, 7, 1, 16, 0, 0, 500_000)),
        ("'2024/07/01 12:00'", NEW_YORK_NOON),
        ("'2024.07.01 16:00 UTC'", NEW_YORK_NOON),
        ("'2024/7/1'", datetime(2024, 7, 1, 4)),
        ("'2024.07.01'", datetime(2024, 7, 1, 4)),
        ("'20240701'", datetime(2024, 7, 1, 4)),
        ("'1985-07-01 12:00'", datetime(1985, 7, 1, 16)),
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
    assert value_of(Kind.TIME, "'2024/07/01'", **zones) == datetime(2024, 7, 1, 4)


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
        "'1899-12-29 23:59:59'",
        "'2100-01-01'",
        "'infinity'",
        "timestamp 'infinity'",
        "date '2200-01-01'",
        "'2024-07-01 12:00 PM'",
        "'2024-07-01 12:00 +530'",
        "'2024-07-01 12:00 +1600'",
        "'20241301'",
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


@pytest.mark.parametrize("word", ["BST", "CEST", "PDT", "CET", "EST5EDT", "A", "Mars/Base"])
def test_a_word_is_no_zone_until_somebody_says_what_it_means(value_of, word):
    text = f"'2024-07-01 12:00:00 {word}'"
    assert value_of(Kind.TIME, text) == BROKEN
    said = {"zone_words": {word.lower(): "Europe/London"}}
    assert value_of(Kind.TIME, text, said=said) == datetime(2024, 7, 1, 11)


@pytest.mark.parametrize(("offset", "hour"), [("+02:00", 10), ("+0200", 10), ("-3", 15), ("Asia/Tokyo", 3)])
def test_a_word_may_mean_an_offset(value_of, offset, hour):
    said = {"zone_words": {"XYZ": offset}}
    assert value_of(Kind.TIME, "'2024-07-01 12:00 XYZ'", said=said) == datetime(2024, 7, 1, hour)


DEFAULTS = [
    "'1970-01-01'",
    "'1970-01-01 00:00:01'",
    "'1969-12-31T19:00:00-05:00'",
    "'1970/1/1'",
    "'1900-01-01 00:00:00'",
    "'19000101'",
    "'0001-01-01T00:00:00Z'",
    "'0000-00-00 00:00:00'",
    "'9999-12-31 23:59:59'",
    "' Epoch '",
    "date '9999-12-31'",
    "date '0001-01-01'",
    "timestamp '1970-01-01 00:00:00'",
    "timestamp '1900-01-01 09:30:00'",
    "timestamp_ns '1970-01-01 00:00:01'",
    "timestamptz '1970-01-01 00:00:00+00'",
    "timestamptz '1970-01-01 00:00:00-05'",
    "to_timestamp(0)",
]


@pytest.mark.parametrize("expression", DEFAULTS)
@pytest.mark.parametrize("time_zone", ["UTC", "America/New_York"])
def test_a_default_day_is_no_time(value_of, expression, time_zone):
    assert value_of(Kind.TIME, expression, time_zone=time_zone) == BROKEN
    assert value_of(Kind.TIME, expression, time_zone=time_zone, required=False)[0] == EMPTIED


def test_the_epoch_in_the_shops_own_time_is_a_default_day(value_of):
    assert value_of(Kind.TIME, "'1969-12-31 19:00:00'", time_zone="America/New_York") == BROKEN
    assert value_of(Kind.TIME, "'1969-12-31 18:59:59'", time_zone="America/New_York") == datetime(
        1969, 12, 31, 23, 59, 59
    )


@pytest.mark.parametrize("day", ["1970-01-02", "1970-01-12", "1900-01-02", "1900-01-10", "1999-12-31", "2000-01-01"])
def test_a_day_beside_a_default_day_is_a_day(value_of, day):
    year, month, date = (int(part) for part in day.split("-"))
    for expression in (f"'{day}'", f"date '{day}'", f"timestamp '{day}'"):
        assert value_of(Kind.TIME, expression) == datetime(year, month, date)


def test_a_default_day_that_is_emptied_is_named(value_of):
    assert value_of(Kind.TIME, "'9999-12-31 23:59'", required=False) == (EMPTIED, "9999-12-31 23:59")


NOBODY = [
    *("\\N", "null", "NULL", "None", "nil", "NaN", "n/a", "#N/A", "undefined", " Undefined ", "unknown", "anonymous"),
    *("Guest", "(not set)", "(none)", "0", "-1", "-", "--", "0.0", "[object Object]", "{{ customer.id }}", "${id}"),
    *("00000000-0000-0000-0000-000000000000", "00000000", "*|EMAIL|*", "%%id%%"),
]


@pytest.mark.parametrize("name", ["customer_id", "anonymous_id"])
@pytest.mark.parametrize("word", NOBODY)
def test_an_identifier_that_is_none_is_empty(value_of, name, word):
    assert value_of(Kind.TEXT, f"'{word}'", name=name, required=False) == (EMPTIED, word.strip().lower())
    assert value_of(Kind.TEXT, f"'{word}'", name=name) == BROKEN
    assert value_of(Kind.TEXT, f"'{word}'", name="coupon_code") == word.strip()


@pytest.mark.parametrize("word", ["N", "nanna", "guest1", "10", "0-1", "007", "test", "Nadia", "noneya", "c-0", "1.0"])
def test_an_identifier_that_only_looks_like_none_is_kept(value_of, word):
    assert value_of(Kind.TEXT, f"'{word}'", name="customer_id", required=False) == word


@pytest.mark.parametrize(("expression", "word"), [("0", "0"), ("0.0::double", "0.0"), ("-1::bigint", "-1")])
def test_a_number_may_be_no_identifier(value_of, expression, word):
    assert value_of(Kind.TEXT, expression, name="customer_id", required=False) == (EMPTIED, word)


def test_an_empty_identifier_is_empty_and_not_emptied(value_of):
    assert value_of(Kind.TEXT, "' '", name="customer_id", required=False) is None
    assert value_of(Kind.TEXT, "null::varchar", name="customer_id", required=False) is None


def test_a_source_may_name_further_words_and_keep_usual_ones(value_of):
    said = {"no_identifier": ["WALK-IN (shop)"], "is_identifier": ["0", "None"]}
    read = {word: value_of(Kind.TEXT, f"'{word}'", name="customer_id", required=False, said=said) for word in NOBODY}
    assert {word for word, value in read.items() if value == word} == {"0", "None"}
    assert value_of(Kind.TEXT, "'walk-in (SHOP)'", name="customer_id", required=False, said=said)[0] == EMPTIED
    assert value_of(Kind.TEXT, "'walk-in shop'", name="customer_id", required=False, said=said) == "walk-in shop"
