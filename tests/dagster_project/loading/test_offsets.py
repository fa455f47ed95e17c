"""Times whose offset an expression drops are not taken for the shop's local time."""

import re
from datetime import datetime

import pytest

from dagster_project.loading.errors import SourceError

NOON_UTC = datetime(2024, 7, 1, 12)


def load_order(shop, expression, value, **keys):
    columns = {"order_id": "id", "customer_id": "customer", "ordered_at": expression}
    shop.describe({"orders": {"files": "orders.csv", "columns": columns}}, **({"time_zone": "Europe/Berlin"} | keys))
    shop.write("orders.csv", f"id,customer,seen\no1,c1,{value}\n")
    for schema in ("raw", "quarantine"):
        shop.connection.execute(f"delete from {schema}.orders")
    shop.load(at=datetime(2024, 8, 1))
    loaded = [seen for (seen,) in shop.rows("select ordered_at from raw.orders")]
    return loaded, [reason for (reason,) in shop.rows("select reason from quarantine.orders")]


DROPPED = "ordered_at is seen without its offset: map it as it is, or cast it to timestamptz"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("cast(seen as timestamp)", "2024-07-01T12:00:00Z"),
        ("seen::timestamp", "2024-07-01 08:00:00-04:00"),
        ("strptime(seen, '%Y-%m-%d %H:%M:%S UTC')", "2024-07-01 12:00:00 UTC"),
        ("coalesce(try_cast(seen as timestamp), null)", "2024-07-01T12:00:00.000+0000"),
        ("cast(seen as timestamp)", "2024-07-01 14:00:00 -3"),
        ("strptime(left(seen, 19), '%Y-%m-%d %H:%M:%S')", "2024-07-01 14:00:00 PDT"),
    ],
)
def test_an_offset_that_the_expression_drops_is_quarantined(shop, expression, value):
    assert load_order(shop, expression, value) == ([], [DROPPED])


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("seen", "2024-07-01T12:00:00Z"),
        ("cast(seen as timestamptz)", "2024-07-01T12:00:00Z"),
        ("cast(seen as timestamp) at time zone 'UTC'", "2024-07-01T12:00:00Z"),
        ("cast(seen as timestamp)", "2024-07-01 14:00:00"),
        ("strptime(seen, '%d.%m.%Y %H:%M')", "01.07.2024 14:00"),
        ("strptime(seen, '%d/%m/%Y %I:%M %p')", "01/07/2024 02:00 PM"),
        ("strptime(seen, '%Y-%m-%d %H:%M:%S %z')", "2024-07-01 12:00:00 +00:00"),
    ],
)
def test_a_time_that_keeps_its_zone_is_loaded(shop, expression, value):
    assert load_order(shop, expression, value) == ([NOON_UTC], [])


def test_an_offset_that_is_the_shops_own_is_no_loss(shop):
    assert load_order(shop, "cast(seen as timestamp)", "2024-07-01 14:00:00+02:00") == ([NOON_UTC], [])


def test_in_utc_other_offsets_are_lost(shop):
    assert load_order(shop, "cast(seen as timestamp)", "2024-07-01T12:00:00Z", time_zone="UTC") == ([NOON_UTC], [])
    assert load_order(shop, "cast(seen as timestamp)", "2024-07-01T14:00:00+02:00", time_zone="UTC")[1] == [DROPPED]


MILLISECONDS = "1719835200000"


def test_an_epoch_number_is_an_instant(shop):
    assert load_order(shop, "to_timestamp(cast(seen as bigint) / 1000)", MILLISECONDS) == ([NOON_UTC], [])


@pytest.mark.parametrize("call", ["epoch_ms(cast(seen as bigint))", "make_timestamp(cast(seen as bigint) * 1000)"])
def test_an_epoch_number_that_would_be_read_as_local_time_is_an_error(shop, call):
    with pytest.raises(SourceError, match=r"gives UTC without saying so, .* read as Europe/Berlin; write to_timestamp"):
        load_order(shop, f"coalesce({call}, null)", MILLISECONDS)


@pytest.mark.parametrize(
    ("expression", "keys"),
    [
        ("epoch_ms(cast(seen as bigint))", {"timestamps_in": "UTC"}),
        ("epoch_ms(cast(seen as bigint)) at time zone 'UTC'", {}),
        ("to_timestamp(epoch_ms(to_timestamp(cast(seen as bigint) / 1000)) / 1000)", {}),
    ],
)
def test_an_epoch_number_that_says_its_zone_is_no_error(shop, expression, keys):
    assert load_order(shop, expression, MILLISECONDS, **keys) == ([NOON_UTC], [])


def test_a_time_made_of_its_parts_is_local(shop):
    parts = "make_timestamp(2024, 7, 1, cast(seen as bigint), 0, 0.0)"
    assert load_order(shop, parts, "14") == ([NOON_UTC], [])


GUESSED = (
    "ordered_at takes seen for the time of another zone: map it as it is, and say under zone_words what a word behind "
    "it means"
)


def test_a_word_that_a_cast_takes_for_a_zone_is_quarantined(shop):
    cast = "cast(seen as timestamptz)"
    assert load_order(shop, cast, "2024-07-01 13:00:00 BST") == ([], [GUESSED])
    assert load_order(shop, cast, "2024-07-01 13:00:00 Europe/London") == ([NOON_UTC], [])
    assert load_order(shop, "seen", "2024-07-01 13:00:00 BST", zone_words={"BST": "Europe/London"})[0] == [NOON_UTC]


FAILS = "ordered_at cannot be computed by {}; where its zone is not known, say what the word means under zone_words"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("strptime(seen, '%d.%m.%Y %H:%M %Z')", "01.07.2024 14:00 {}"),
        ("strptime(seen, '%d.%m.%Y %H:%M%Z ')", "01.07.2024 14:00{}"),
        ("strptime(seen, '%a %b %d %H:%M:%S %Z %Y')", "Mon Jul 01 14:00:00 {} 2024"),
        (
            "coalesce(strptime(concat_ws(' ', left(seen, 16), substring(seen, 18)), '%d.%m.%Y %H:%M %Z'))",
            "01.07.2024 14:00-{}",
        ),
        ("strptime(left(seen, 16), '%d.%m.%Y %H:%M') at time zone substring(seen, 18)", "01.07.2024 14:00 {}"),
        ("make_timestamptz(2024, 7, 1, 14, 0, 0, split_part(seen, ' ', 3))", "01.07.2024 14:00 {}"),
    ],
)
def test_a_zone_of_the_data_is_known_or_its_row_is_quarantined(shop, expression, value):
    assert load_order(shop, expression, value.format("Europe/Berlin")) == ([NOON_UTC], [])
    assert load_order(shop, expression, value.format("CEST")) == ([], [FAILS.format(expression)])
    assert load_order(shop, expression, value.format("Mars/Base")) == ([], [FAILS.format(expression)])
    words = {"zone_words": {"CEST": "+02:00", "BST": "Europe/London"}}
    assert load_order(shop, expression, value.format("cest"), **words) == ([NOON_UTC], [])
    assert load_order(shop, expression, value.format("BST"), **words)[0] == [datetime(2024, 7, 1, 13)]


def test_one_row_of_an_unknown_zone_does_not_end_the_load(shop):
    seen = "strptime(seen, '%d.%m.%Y %H:%M %Z')"
    columns = {"order_id": "id", "customer_id": "id", "ordered_at": seen}
    shop.describe({"orders": {"files": "orders.csv", "columns": columns}})
    zones = ["Europe/Berlin", "CEST", "UTC", "", "+02:00"]
    lines = [f"o{number},01.07.2024 14:00 {zone}\n" for number, zone in enumerate(zones)]
    shop.write("orders.csv", "".join(["id,seen\n", *lines]))
    shop.load(at=datetime(2024, 8, 1))
    assert shop.rows("select order_id, ordered_at from raw.orders order by 1") == [
        ("o0", NOON_UTC),
        ("o2", datetime(2024, 7, 1, 14)),
    ]
    assert shop.rows("select source_row, reason from quarantine.orders") == [
        (row, FAILS.format(seen)) for row in (2, 4, 5)
    ]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("strptime(seen, ['%d %Z', '%d'])", "%Z stands among several formats; write one format for each row"),
        ("strptime(seen, '%d%Z%Y')", "in the format '%d%Z%Y' the zone cannot be told apart"),
        ("cast(seen as timestamp) at time zone 'BST'", "BST names no one zone; write a name such as Europe/London"),
    ],
)
def test_a_zone_that_an_expression_cannot_know_is_an_error(shop, expression, message):
    with pytest.raises(SourceError, match=f"tables.orders.columns.ordered_at: .*{re.escape(message)}"):
        load_order(shop, expression, "x")


def test_a_word_in_an_expression_may_have_a_meaning(shop):
    expression = "strptime(seen, '%d.%m.%Y %H:%M') at time zone 'EST'"
    assert load_order(shop, expression, "01.07.2024 07:00", zone_words={"EST": "-5"}) == ([NOON_UTC], [])


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("cast(seen as timestamptz)", "2024-07-01 10:00:00"),
        ("try_cast(seen as timestamptz)", "2024-07-01 10:00:00"),
        ("left(seen, 19)", "2024-07-01 10:00:00 UTC"),
    ],
)
def test_a_time_that_an_expression_moves_to_another_zone_is_quarantined(shop, expression, value):
    loaded, reasons = load_order(shop, expression, value, time_zone="America/New_York")
    assert (loaded, len(reasons)) == ([], 1)


def test_text_that_keeps_its_zone_is_read_with_it(shop):
    loaded, _ = load_order(shop, "coalesce(seen, '')", "2024-07-01 12:00:00Z", time_zone="America/New_York")
    assert loaded == [NOON_UTC]
