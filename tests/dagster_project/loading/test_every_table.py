"""Every table of the contract from every format: all rows are stored, and with the values that were written."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from dagster_project.loading.columns import Kind
from dagster_project.loading.contract import TABLES
from dagster_project.loading.report import TableLoad
from tests.dagster_project.loading.conftest import OpenShop, Shop
from tests.dagster_project.loading.good_rows import describe_all, make_rows, write_file

ROWS = 20
ENDINGS = ("csv", "csv.gz", "jsonl", "jsonl.gz", "parquet")

LoadAll = Callable[[str], tuple[Shop, dict[str, TableLoad]]]


@pytest.fixture(scope="module")
def load_all(open_shop: OpenShop) -> Iterator[LoadAll]:
    """Load good files of all tables in one format, once for the module."""
    loaded: dict[str, tuple[Shop, dict[str, TableLoad]]] = {}
    with ExitStack() as stack:

        def load(ending: str) -> tuple[Shop, dict[str, TableLoad]]:
            if ending not in loaded:
                shop = stack.enter_context(open_shop())
                for table in TABLES.values():
                    shop.write(f"{table.name}.{ending}", write_file(make_rows(table, ROWS), ending))
                shop.describe(describe_all(ending))
                loaded[ending] = shop, {load.table_name: load for load in shop.load().tables}
            return loaded[ending]

        yield load


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", TABLES)
def test_every_row_of_a_good_file_is_stored(load_all, name, ending):
    shop, loads = load_all(ending)
    totals = loads[name].totals
    assert (totals.rows_read, totals.rows_loaded) == (ROWS, ROWS)
    stored = shop.rows(f"select count(*), count(distinct source_row) from raw.{name}")
    assert stored == [(ROWS, ROWS)]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", TABLES)
def test_every_value_of_a_good_file_is_the_one_that_was_written(load_all, name, ending):
    shop, _ = load_all(ending)
    columns = TABLES[name].columns
    selected = ", ".join(column.name for column in columns)
    stored = [
        dict(zip(TABLES[name].column_names, row, strict=True))
        for row in shop.rows(f"select {selected} from raw.{name}")
    ]
    nested = [column.name for column in columns if column.kind is Kind.JSON]
    for row in stored:
        row.update({column: json.loads(row[column]) for column in nested})
    order = TABLES[name].key[0]
    assert sorted(stored, key=lambda row: row[order]) == sorted(
        make_rows(TABLES[name], ROWS), key=lambda row: row[order]
    )
