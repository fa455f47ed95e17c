"""The tables that loading writes."""

import duckdb
import pytest

from dagster_project.loading.contract import TABLES
from dagster_project.loading.raw_schema import RAW_BOOKKEEPING, create_raw_schema


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_raw_table_has_its_contract_columns_and_then_the_bookkeeping(connection, table):
    described = connection.execute(f"describe raw.{table.name}").fetchall()
    expected = [(column.name, column.kind.value) for column in table.columns]
    expected += [(name, type_) for name, type_, _ in RAW_BOOKKEEPING]
    assert [(row[0], row[1]) for row in described] == expected


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_what_a_table_names_are_its_columns(table):
    named = {*table.key, *table.required, *table.any_of, *table.required_without_orders}
    assert named | ({table.occurred_at} if table.occurred_at else set()) <= set(table.column_names)


def test_every_table_and_column_is_described_in_the_database(connection):
    undescribed = connection.execute(
        "select table_name, column_name from duckdb_columns() where not internal and comment is null "
        "union all select table_name, null from duckdb_tables() where not internal and comment is null"
    ).fetchall()
    assert undescribed == []


def test_creating_twice_keeps_the_rows(shop, connection):
    shop.load_orders("o1,c1,2024-05-01,1\n")
    create_raw_schema(connection)
    assert shop.rows("select order_id from raw.orders") == [("o1",)]


def test_a_column_the_contract_gained_is_added_to_an_older_warehouse(shop, connection):
    shop.load_orders("o1,c1,2024-05-01,1\n")
    connection.execute("alter table raw.orders drop column store_id")
    create_raw_schema(connection)
    assert shop.rows("select order_id, store_id from raw.orders") == [("o1", None)]
    shop.load_orders("o1,c1,2024-05-01,1\no2,c1,2024-05-02,1\n")
    assert shop.rows("select count(*) from raw.orders") == [(2,)]


def test_an_empty_database_gets_all_tables():
    with duckdb.connect() as connection:
        create_raw_schema(connection)
        tables = connection.execute(
            "select schema_name, count(*) from duckdb_tables() group by 1 order by 1"
        ).fetchall()
    assert tables == [("ops", 1), ("quarantine", len(TABLES)), ("raw", len(TABLES))]


def test_rows_stay_visible_after_an_insert_of_none_in_the_same_transaction(connection):
    # DuckDB 2.0.0 lost sight of them: an ordered insert of no rows, then one of a whole row group.
    connection.execute("create table pattern (r varchar)")
    connection.execute("begin")
    for rows in (0, 130_000):
        connection.execute(f"insert into pattern select 'x' || i from range({rows}) t(i) order by i")
    assert len(connection.execute("select r from pattern").fetchall()) == 130_000
    connection.execute("commit")
    assert len(connection.execute("select r from pattern").fetchall()) == 130_000
