"""A PostgreSQL database as a source, against a real server."""

import traceback
from datetime import datetime
from decimal import Decimal

import pytest

from dagster_project.loading.columns import Kind
from dagster_project.loading.contract import TABLES
from dagster_project.loading.errors import LoadError, SourceError
from dagster_project.settings import override_environment
from tests.dagster_project.loading.extracts.conftest import PASSWORD
from tests.dagster_project.loading.good_rows import make_rows, write_csv

COLUMNS = {"order_id": "id", "customer_id": "customer", "ordered_at": "day", "net_amount": "amount"}


@pytest.fixture
def database(postgres_server):
    """A connection to an emptied database; the source's YAML names its password by a variable."""
    psycopg = pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    url = {"host": "127.0.0.1", "port": postgres_server.port, "user": "loader", "password": PASSWORD}
    with (
        psycopg.connect(**url, dbname="postgres", autocommit=True) as connection,
        override_environment({"SHOP_DB_PASSWORD": PASSWORD}),
    ):
        connection.execute("set client_min_messages = error")
        connection.execute("drop schema public cascade")
        connection.execute("create schema public")
        connection.execute("create table orders (id text, customer int, day timestamptz, amount numeric)")
        yield connection


@pytest.fixture
def describe(shop, postgres_server):
    """Writes the source's YAML: orders from a table or query, further tables, the database with changes."""

    def write(database=None, tables=None, **origin):
        orders = (origin or {"table": "orders"}) | {"columns": COLUMNS}
        settings = postgres_server.settings(**(database or {}))
        shop.describe({"orders": orders} | (tables or {}), folder=None, database=settings)

    return write


def refusal(shop):
    with pytest.raises((LoadError, SourceError)) as refused:
        shop.load()
    assert PASSWORD not in "".join(traceback.format_exception(refused.value))
    return str(refused.value)


def test_rows_arrive_as_the_server_writes_them(shop, database, describe):
    database.execute("set timezone = 'America/New_York'")
    database.execute("insert into orders values ('o1', 7, '2024-05-01 20:00', 10.50)")
    describe()
    shop.load()
    assert shop.rows("select order_id, customer_id, ordered_at, net_amount, source_file from raw.orders") == [
        ("o1", "7", datetime(2024, 5, 2), Decimal("10.5"), "orders")
    ]


def test_how_the_server_writes_dates_does_not_matter(shop, database, describe):
    database.execute("insert into orders values ('o1', 7, '2024-03-04 20:00+00', 1)")
    database.execute("alter role loader set datestyle to 'SQL, DMY'")
    database.execute("alter role loader set timezone to 'Asia/Kolkata'")
    try:
        describe()
        shop.load()
    finally:
        database.execute("alter role loader reset all")
    assert shop.rows("select ordered_at from raw.orders") == [(datetime(2024, 3, 4, 20),)]


def test_values_that_other_systems_do_not_have_are_named(shop, database, describe):
    database.execute(
        "insert into orders values ('nan', 1, '2024-05-01', 'NaN'), ('large', 1, '2024-05-01', 1e200), "
        "('ever', 1, 'infinity', 1), ('old', 1, '0044-03-15 BC', 1), ('good', 1, '2024-05-01', 1)"
    )
    describe()
    totals = shop.load().tables[0].totals
    assert (totals.rows_read, totals.rows_loaded, totals.rows_quarantined) == (5, 1, 4)
    assert [reason[:15] for (reason,) in shop.rows("select reason from quarantine.orders order by source_row")] == [
        "net_amount 'NaN",
        "net_amount '100",
        "ordered_at 'inf",
        "ordered_at '004",
    ]


def test_text_keeps_tabs_line_breaks_backslashes_and_percent_signs(shop, database, describe):
    text = "a\tb\nc\\d 100 % \\N 'q' \U0001f600"
    database.execute("create table notes (id text, customer int, day date, amount int, note text)")
    database.execute(
        "insert into notes values ('o1', 1, '2024-05-01', 1, %s), ('o2', 1, '2024-05-01', 1, null)", [text]
    )
    describe(query="select * from notes where note like '%100 \\%%' or note is null;")
    shop.load()
    kept = shop.rows("select json_extract_string(extra, 'note') from raw.orders order by order_id")
    assert kept == [(text,), (None,)]


def test_json_and_arrays_are_kept_as_they_are(shop, database, describe):
    database.execute("create table people (id int, facts jsonb, tags text[])")
    database.execute("""insert into people values (1, '{"plan": {"name": "a"}}', array['x', 'y,z'])""")
    people = {"table": "public.people", "columns": {"customer_id": "id", "attributes": "facts"}}
    describe(tables={"customers": people})
    shop.load()
    assert shop.rows("select attributes ->> '$.plan.name', extra ->> 'tags' from raw.customers") == [("a", '{x,"y,z"}')]


def test_an_unchanged_table_is_passed_over_and_a_changed_row_replaces_the_old_one(shop, database, describe):
    database.execute("insert into orders values ('o1', 1, '2024-05-01', 1), ('o2', 1, '2024-05-01', 1)")
    describe()
    shop.load()
    assert shop.load().tables[0].files_skipped == ("orders",)
    database.execute("update orders set amount = 5 where id = 'o1'")
    totals = shop.load().tables[0].totals
    assert (totals.rows_read, totals.rows_duplicate, totals.rows_replaced) == (2, 1, 1)


@pytest.mark.parametrize(
    "query",
    [
        "delete from orders returning *",
        "select 1; drop table orders",
        "select 1) as a; drop table orders; select * from (select 1",
        "select 1) to stdout; drop table orders; --",
        "with gone as (delete from orders returning *) select * from gone",
        "select * from nothing_here",
        "commit",
    ],
)
def test_a_query_can_only_look(shop, database, describe, query):
    database.execute("insert into orders values ('o1', 1, '2024-05-01', 1)")
    describe(query=query)
    assert "PostgreSQL database postgres (loader@127.0.0.1:" in refusal(shop)
    database.execute("do $$ begin assert (select count(*) = 1 from orders); end $$")


def test_a_function_that_writes_is_refused(shop, database, describe):
    database.execute("create sequence numbers")
    describe(query="select nextval('numbers') as id, 1 as customer, now() as day, 1 as amount")
    assert "cannot execute nextval() in a read-only transaction" in refusal(shop)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"user": "nobody_here"}, "password authentication failed"),
        ({"name": "no_such_shop"}, 'database "no_such_shop" does not exist'),
        ({"port": 1}, "Connection refused"),
        ({"ssl_mode": "require"}, "server does not support SSL"),
        ({"host": PASSWORD}, "***"),
    ],
)
def test_no_connection_is_named_without_the_password(shop, database, describe, changes, message):
    describe(database=changes)
    assert message in refusal(shop)
    assert shop.rows("select count(*) from raw.orders") == [(0,)]


def test_an_unset_password_is_named_by_its_variable(shop, database, describe):
    describe(database={"password": "${NOBODY_SET_THIS}"})
    assert "shop.yml: database: '${NOBODY_SET_THIS}' needs the environment variable" in refusal(shop)


def test_the_password_is_nowhere_in_the_warehouse_or_the_report(shop, database, describe, caplog):
    database.execute("insert into orders values ('o1', 1, '2024-05-01', 1), (null, 1, '2024-05-01', 1)")
    describe()
    report = shop.load()
    shop.connection.execute("checkpoint")
    assert PASSWORD not in repr(report) + caplog.text
    assert PASSWORD.encode() not in (shop.folder / "warehouse.duckdb").read_bytes()
    assert PASSWORD.encode() not in (shop.folder / "shop.yml").read_bytes()


def test_every_table_of_the_contract_loads_from_a_database(shop, database, postgres_server):
    """With the values that the same rows have when they come from a CSV file."""
    database.execute("drop table orders")
    types = {Kind.TIME: "timestamp", Kind.BOOLEAN: "boolean", Kind.JSON: "json", Kind.TEXT: "text"}
    for table in TABLES.values():
        content = write_csv(make_rows(table, 3))
        shop.write(f"{table.name}.csv", content)
        columns = ", ".join(f'"{column.name}" {types.get(column.kind, "numeric")}' for column in table.columns)
        database.execute(f"create table {table.name} ({columns})")
        with database.cursor().copy(f"copy {table.name} from stdin with (format csv, header)") as copy:
            copy.write(content)
    named = {table.name: {name: name for name in table.column_names} for table in TABLES.values()}
    tables = {name: {"table": name, "columns": columns} for name, columns in named.items()}
    shop.describe(tables, folder=None, database=postgres_server.settings())
    assert {load.totals.rows_loaded for load in shop.load().tables} == {3}
    shop.describe({name: {"files": f"{name}.csv", "columns": columns} for name, columns in named.items()})
    assert {load.totals.rows_duplicate for load in shop.load().tables} == {3}
