"""Mapping expressions: plain ones pass, everything that reaches beyond the row does not."""

import duckdb
import pytest

from dagster_project.loading.errors import SourceError
from dagster_project.loading.expressions import ExpressionParser


@pytest.fixture(scope="module")
def parse():
    with duckdb.connect() as connection:
        parser = ExpressionParser(connection)
        yield lambda text: parser.parse(text, "shop.yml: tables.orders.columns.order_id")


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("price * quantity", {"price", "quantity"}),
        ('"Customer ID"', {"Customer ID"}),
        ("case when a like 'C%' and b is not null then -c else 0 end", {"a", "b", "c"}),
        ("cast(a as decimal(18,4))", {"a"}),
        ("a::date -- the day", {"a"}),
        ("coalesce(nullif(trim(a), ''), b)", {"a", "b"}),
        ("concat_ws('-', a, b) || '; select'", {"a", "b"}),
        ("a between 1 and 2 or b in ('x', 'y')", {"a", "b"}),
        ("payload.customer.id", {"payload"}),
        ("list_sum(list_transform(prices, lambda price: price * rate))", {"prices", "rate"}),
        ("strptime(day, '%d.%m.%Y') at time zone 'Europe/Berlin'", {"day"}),
        ("regexp_extract(a, '[0-9]+')", {"a"}),
        ("struct_pack(income := income)", {"income"}),
    ],
)
def test_plain_expressions_pass_and_name_their_columns(parse, text, columns):
    assert parse(text).columns == columns


@pytest.mark.parametrize(
    ("text", "bare"), [("amount", "amount"), ('("Net Amount")', "Net Amount"), ("a + 1", None), ("a.b", None)]
)
def test_a_bare_column_is_told_from_an_expression(parse, text, bare):
    assert parse(text).bare_column == bare


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(select 1)", "contains a subquery"),
        ("id in (select id from raw.orders)", "contains a subquery"),
        ("exists (from x)", "contains a subquery"),
        ("*", "contains a star"),
        ("columns('a.*')", "contains a star"),
        ("$1", "contains a parameter"),
        ("row_number() over ()", "contains a window"),
        ("sum(amount)", "calls sum"),
        ("read_text('secret')", "calls read_text"),
        ("glob('*')", "cannot be parsed|calls glob"),
        ("getvariable('x')", "calls getvariable"),
        ("now()", "calls now"),
        ("today()", "calls today"),
        ("age(a)", "calls age"),
        ("current_database()", "calls current_database"),
        ("random()", "calls random"),
        ("current_setting('TimeZone')", "calls current_setting"),
        ("nextval('s')", "calls nextval"),
        ("no_such_function(a)", "calls no_such_function"),
        ("a; drop table raw.orders", "cannot be parsed"),
        ("a) from raw.orders where (true", "more than one expression"),
        ("a), (b", "more than one expression"),
        ("a) as x, (b", "more than one expression"),
        ("1) union select (2", "more than one expression"),
        ("a b", "cannot be parsed"),
    ],
)
def test_everything_else_is_refused_by_name(parse, text, message):
    with pytest.raises(SourceError, match=message) as refused:
        parse(text)
    assert str(refused.value).startswith("shop.yml: tables.orders.columns.order_id: ")


@pytest.mark.parametrize("word", ["Order", "group", "At", "end", "Größe"])
def test_a_single_word_is_a_column_even_where_sql_has_that_word_for_itself(parse, word):
    expression = parse(word)
    assert (expression.text, expression.columns, expression.bare_column) == (f'"{word}"', frozenset([word]), word)


@pytest.mark.parametrize("literal", ["null", "TRUE", "false"])
def test_null_and_truth_values_are_no_columns(parse, literal):
    assert parse(literal).columns == frozenset()


@pytest.mark.parametrize(
    ("text", "functions"),
    [
        ("coalesce(epoch_ms(a), EPOCH_MS(b))", {"epoch_ms"}),
        ("make_timestamp(a)", {"make_timestamp"}),
        ("make_timestamp(y, m, d, 0, 0, 0.0)", set()),
        ("to_timestamp(a / 1000)", set()),
    ],
)
def test_functions_that_make_a_time_of_a_number_are_named(parse, text, functions):
    assert parse(text).epoch_functions == functions


def test_at_time_zone_is_a_function(parse):
    assert "timezone" in parse("a at time zone 'UTC'").functions
