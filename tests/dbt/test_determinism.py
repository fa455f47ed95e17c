"""The same facts give the same marts, whatever the order of the rows and however many threads work on them."""

from pathlib import Path

import pytest

from tests.dbt.corner_shop import FIRST_LOAD_AT, SECOND_LOAD_AT, first_delivery, second_delivery
from tests.dbt.warehouses import ALL_MARTS, CompiledModel, Workshop, read, read_rows


@pytest.fixture(scope="module")
def shuffled(workshop: Workshop) -> tuple[Path, list[CompiledModel]]:
    """The same two loads with the rows of every file in another order, and the SQL that built it."""
    load = workshop.load((first_delivery(), FIRST_LOAD_AT), (second_delivery(), SECOND_LOAD_AT), seed=1)
    return workshop.build(load, select=ALL_MARTS), list(workshop.compiled)


def list_tables(warehouse: Path) -> list[str]:
    query = """
        select schema_name || '.' || table_name from duckdb_tables()
        where schema_name in ('marts', 'segments') order by all
    """
    return read(warehouse, query).to_series().to_list()


def require_same_tables(warehouse: Path, other: Path) -> None:
    tables = list_tables(warehouse)
    assert "marts.fct_customer_features" in tables
    assert tables == list_tables(other)
    assert [table for table in tables if read_rows(warehouse, table) != read_rows(other, table)] == []


def test_order_of_rows_in_the_files_changes_nothing(after_both_loads, shuffled):
    require_same_tables(after_both_loads, shuffled[0])


@pytest.mark.parametrize("threads", [1, 2])
def test_number_of_threads_changes_nothing(workshop, after_both_loads, shuffled, threads):
    warehouse, compiled = shuffled
    require_same_tables(after_both_loads, workshop.rebuild(warehouse, compiled, threads=threads))
