"""An SQLite database as a source: nothing is lost or retyped on the way, and nothing is written to it."""

import csv
import sqlite3
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from dagster_project.loading.contract import TABLES
from dagster_project.loading.errors import LoadError, SourceError
from dagster_project.loading.extracts import extract
from tests.dagster_project.loading.good_rows import make_rows, write_csv

ORDERS = {
    "table": "orders",
    "columns": {"order_id": "id", "customer_id": "customer", "ordered_at": "day", "net_amount": "amount"},
}


@pytest.fixture
def database(shop):
    """Runs statements on the shop's SQLite file, which the source names."""
    shop.describe({"orders": ORDERS}, folder=None, database={"system": "sqlite", "path": "shop.sqlite"})

    def execute(*statements, rows=()):
        with closing(sqlite3.connect(shop.folder / "shop.sqlite")) as connection, connection:
            for statement in statements:
                connection.execute(statement)
            if rows:
                places = ", ".join("?" for _ in rows[0])
                connection.executemany(f"insert into orders values ({places})", rows)

    execute("create table orders (id, customer, day, amount, note)")
    return execute


def describe_query(shop, query, **keys):
    orders = {name: value for name, value in ORDERS.items() if name != "table"} | {"query": query} | keys
    shop.describe({"orders": orders}, folder=None, database={"system": "sqlite", "path": "shop.sqlite"})


def test_rows_arrive_with_their_table_and_place(shop, database):
    database(rows=[("o1", "c1", "2024-05-01", 10.5, "x"), ("o2", "c2", "2024-05-02 13:00", 3, None)])
    assert shop.load().tables[0].totals.rows_loaded == 2
    assert shop.rows(
        "select order_id, ordered_at, net_amount, json_extract_string(extra, 'note'), source_file, source_row "
        "from raw.orders order by order_id"
    ) == [
        ("o1", datetime(2024, 5, 1), Decimal("10.5"), "x", "orders", 1),
        ("o2", datetime(2024, 5, 2, 13), Decimal(3), None, "orders", 2),
    ]


def test_elements_of_a_json_array_are_rows(shop, database):
    database(rows=[("o1", "c1", "2024-05-01", "[10.5, 2]", "x"), ("o2", "c2", "2024-05-02", "[]", None)])
    columns = ORDERS["columns"] | {"net_amount": "paid", "order_id": "concat_ws('-', id, paid)"}
    describe_query(shop, "select * from orders", each={"paid": "amount"}, columns=columns)
    shop.load()
    assert shop.rows("select order_id, source_row from raw.orders order by 1") == [("o1-10.5", 1), ("o1-2", 2)]


def test_a_row_of_a_table_has_no_place_to_be_named_after(shop, database):
    describe_query(shop, "select * from orders", columns=ORDERS["columns"] | {"order_id": "source_row"})
    with pytest.raises(SourceError, match=r"'source_row' names source_row, which query of orders .* does not have"):
        shop.load()


def test_a_column_of_many_types_loses_no_value(shop, database):
    """SQLite keeps each value in a type of its own: a reader that takes the first for all makes the others NULL."""
    amounts = [12, 12.5, "13.25", "1e2", None, "twelve", b"\x01\x02", float("inf"), 2**63 - 1]
    database(rows=[(f"o{row}", "c1", "2024-05-01", amount, None) for row, amount in enumerate(amounts)])
    totals = shop.load().tables[0].totals
    assert (totals.rows_read, totals.rows_loaded, totals.rows_quarantined) == (9, 5, 4)
    assert shop.rows("select order_id, net_amount from raw.orders order by order_id") == [
        ("o0", Decimal(12)),
        ("o1", Decimal("12.5")),
        ("o2", Decimal("13.25")),
        ("o3", Decimal(100)),
        ("o4", None),
    ]
    assert shop.rows("select source_row, reason from quarantine.orders order by source_row") == [
        (6, "net_amount 'twelve' is no number of money"),
        (7, "net_amount '\\x0102' is no number of money"),
        (8, "net_amount 'inf' is no number of money"),
        (9, "net_amount '9223372036854775807' is no number of money"),
    ]


def test_an_identifier_is_one_however_it_is_stored(shop, database):
    database(
        rows=[
            (17850, 1, "2024-05-01", 1, None),
            (17850.0, 1.0, "2024-05-01", 1, None),
            ("007", "01", "2024-05-01", 1, None),
        ]
    )
    totals = shop.load().tables[0].totals
    assert (totals.rows_loaded, totals.rows_duplicate) == (2, 1)
    assert shop.rows("select order_id, customer_id from raw.orders order by 1") == [("007", "01"), ("17850", "1")]


def test_text_that_is_no_utf8_is_quarantined_with_its_row(shop, database):
    database(rows=[("o1", "c1", "2024-05-01", 1, None), ("o2", "c2", "2024-05-01", 1, None)])
    database("update orders set note = cast(x'4dff' as text) where id = 'o2'")
    totals = shop.load().tables[0].totals
    assert (totals.rows_read, totals.rows_loaded, totals.rows_quarantined) == (2, 1, 1)
    reason, row, kept = shop.rows("select reason, source_row, row ->> 'line' from quarantine.orders")[0]
    assert (reason, row) == ("the text of note is not in UTF-8", 2)
    assert '"id":"o2"' in kept
    assert "M\\\\xff" in kept


def test_an_unchanged_database_is_passed_over_and_a_grown_one_says_what_is_new(shop, database):
    database(rows=[("o1", "c1", "2024-05-01", 1, None), ("o2", "c2", "2024-05-01", 1, None)])
    shop.load()
    assert shop.load().tables[0].files_skipped == ("orders",)
    database("update orders set amount = 7 where id = 'o2'", rows=[("o3", "c3", "2024-05-03", 1, None)])
    totals = shop.load().tables[0].totals
    assert (totals.rows_read, totals.rows_duplicate, totals.rows_loaded, totals.rows_replaced) == (3, 1, 2, 1)
    assert shop.rows("select source_file, count(distinct content_hash) from ops.load_ledger group by 1") == [
        ("orders", 2)
    ]


def test_a_query_joins_and_calculates_in_the_database(shop, database):
    database(rows=[("o1", "c1", "2024-05-01", 2, 3), ("o2", "c2", "2024-05-01", 5, 7)])
    describe_query(shop, "select id, customer, day, amount * note as amount from orders where id = 'o2' -- one of them")
    shop.load()
    assert shop.rows("select order_id, net_amount, source_file from raw.orders") == [
        ("o2", Decimal(35), "query of orders")
    ]


def test_a_changed_query_needs_no_new_warehouse(shop, database):
    database(rows=[("o1", "c1", "2024-05-01", 1, None), ("o2", "c2", "2024-06-01", 1, None)])
    describe_query(shop, "select * from orders")
    shop.load()
    describe_query(shop, "select * from orders where day >= '2024-06-01'")
    totals = shop.load().tables[0].totals
    assert (totals.rows_read, totals.rows_duplicate) == (1, 1)


@pytest.mark.parametrize(
    "query",
    [
        "delete from orders",
        "delete from orders returning *",
        "update orders set amount = 0 returning id, customer, day, amount",
        "attach database 'other.sqlite' as other",
        "drop table orders",
        "pragma journal_mode",
        "select * from orders; drop table orders",
        "vacuum into 'copy.sqlite'",
    ],
)
def test_a_query_can_only_look(shop, database, query):
    database(rows=[("o1", "c1", "2024-05-01", 1, None)])
    describe_query(shop, query)
    with pytest.raises(LoadError, match=r"shop.sqlite: "):
        shop.load()
    assert {path.name for path in shop.folder.iterdir()} == {"shop.yml", "shop.sqlite", "warehouse.duckdb"}
    with closing(sqlite3.connect(shop.folder / "shop.sqlite")) as connection:
        assert connection.execute("select count(*) from orders").fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        ("nothing", LoadError, r"shop.sqlite: no such table: nothing; nothing of this load was stored"),
        ('orders"; drop table orders; --', LoadError, "no such table"),
    ],
)
def test_a_table_that_is_not_there_is_named(shop, database, table, error, message):
    shop.describe(
        {"orders": ORDERS | {"table": table}}, folder=None, database={"system": "sqlite", "path": "shop.sqlite"}
    )
    with pytest.raises(error, match=message):
        shop.load()


def test_a_column_that_is_not_there_is_named_with_its_table(shop, database):
    database("alter table orders drop column amount")
    with pytest.raises(SourceError, match=r"names amount, which orders of SQLite database .*shop.sqlite does not have"):
        shop.load()


def test_two_columns_of_one_name_are_refused(shop, database):
    describe_query(shop, "select *, id as ID from orders")
    with pytest.raises(
        SourceError,
        match=r"query of orders of SQLite database .* has columns whose names are the same but for case: ID, id",
    ):
        shop.load()


@pytest.mark.parametrize("name", ["__problem", "__source_row"])
def test_a_column_that_loading_needs_itself_is_refused(shop, database, name):
    describe_query(shop, f"select *, 1 as {name} from orders")
    with pytest.raises(SourceError, match=f"has a column {name}, a name that loading uses"):
        shop.load()


def test_a_missing_file_is_named(shop, database):
    (shop.folder / "shop.sqlite").unlink()
    with pytest.raises(SourceError, match=r"shop.yml: database.path: .*shop.sqlite does not exist"):
        shop.load()
    assert not (shop.folder / "shop.sqlite").exists()


def test_a_file_that_is_no_database_is_named(shop, database):
    (shop.folder / "shop.sqlite").write_bytes(b"not a database" * 1000)
    with pytest.raises(LoadError, match=r"SQLite database .*shop.sqlite: file is not a database"):
        shop.load()


def test_an_error_in_the_middle_stores_nothing(shop, database):
    rows = [(f"o{row}", "c1", "2024-05-01", 1, None) for row in range(30_000)]
    database(rows=rows)
    describe_query(shop, "select id, customer, day, iif(id = 'o29999', json('broken'), amount) as amount from orders")
    with pytest.raises(LoadError, match=r"shop.sqlite: malformed JSON"):
        shop.load()
    assert shop.rows("select count(*) from raw.orders") == [(0,)]
    assert not list(shop.folder.glob("*.extracts"))


def test_a_writer_of_the_database_does_not_change_what_is_read(shop, database, monkeypatch):
    """Orders and their lines come from one state of the database, although they are read one after the other."""
    database("pragma journal_mode = wal", "create table customers (id)", "insert into customers values ('c1')")
    database(rows=[("o1", "c1", "2024-05-01", 1, None)])
    customers = {"query": "select id from customers", "columns": {"customer_id": "id"}}
    shop.describe(
        {"orders": ORDERS, "customers": customers}, folder=None, database={"system": "sqlite", "path": "shop.sqlite"}
    )
    written = extract.write_rows

    def write_and_change(*arguments):
        written(*arguments)
        database(f"insert into customers values ('{len(list(shop.folder.glob('*.extracts/*')))}')")

    monkeypatch.setattr(extract, "write_rows", write_and_change)
    shop.load()
    assert shop.rows("select customer_id from raw.customers") == [("c1",)]


def test_what_a_killed_load_left_is_removed(shop, database):
    left = Path(f"{shop.folder}/warehouse.duckdb.loading")
    left.mkdir()
    (left / "old.parquet").write_bytes(b"someone's rows")
    database(rows=[("o1", "c1", "2024-05-01", 1, None)])
    shop.load()
    assert not left.exists()


def test_a_database_and_files_are_loaded_together(shop, database):
    database(rows=[("o1", "c1", "2024-05-01", 1, None)])
    shop.write("products.csv", "sku\np1\n")
    shop.describe({"products": {"files": "products.csv", "columns": {"product_id": "sku"}}}, name="catalogue")
    assert [(load.source_name, load.totals.rows_loaded) for load in shop.load().tables] == [
        ("catalogue", 1),
        ("shop", 1),
    ]


def test_every_table_of_the_contract_loads_from_a_database(shop):
    """With the values that the same rows have when they come from a CSV file."""
    with closing(sqlite3.connect(shop.folder / "shop.sqlite")) as connection, connection:
        for table in TABLES.values():
            header, *lines = write_csv(make_rows(table, 3)).decode().splitlines()
            connection.execute(f"create table {table.name} ({header})")
            shop.write(f"{table.name}.csv", "\n".join([header, *lines]))
            places = ", ".join("?" for _ in table.columns)
            connection.executemany(f"insert into {table.name} values ({places})", csv.reader(lines))
    columns = {table.name: {name: name for name in table.column_names} for table in TABLES.values()}
    tables = {name: {"table": name, "columns": columns[name]} for name in TABLES}
    shop.describe(tables, folder=None, database={"system": "sqlite", "path": "shop.sqlite"})
    assert {load.totals.rows_loaded for load in shop.load().tables} == {3}
    shop.describe({name: {"files": f"{name}.csv", "columns": columns[name]} for name in TABLES})
    assert {load.totals.rows_duplicate for load in shop.load().tables} == {3}
