"""Tables that are kept from night to night are equal to the byte to those that a rebuild makes of the same rows."""

import itertools
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from dagster_project.loading.load import load_sources
from dagster_project.loading.raw_schema import create_raw_schema
from dagster_project.loading.read_sources import read_sources
from tests.dbt.random_visits import Delivery, make_history, write_delivery, write_source
from tests.dbt.warehouses import FEATURES, CompiledModel, Workshop, read_rows

KEPT = ("+fct_customer_features", "+fct_feature_loads")
# Which as-of dates a run makes anew is not the same in a rebuild, which makes all of them.
PLAN = "intermediate.int_as_of_dates_to_build"
DATES = "intermediate.int_as_of_dates"
CURRENT_SUMS = "intermediate.int_current_session_sums"
SUMS = ("+int_current_session_sums",)


@pytest.fixture(scope="module")
def full_build(workshop: Workshop, tmp_path_factory: pytest.TempPathFactory) -> list[CompiledModel]:
    """What dbt runs where nothing is kept yet: the same SQL whatever the rows, so it rebuilds every warehouse here."""
    workshop.build(NightLoads(tmp_path_factory.mktemp("nights")).start(), select=KEPT)
    return list(workshop.compiled)


@pytest.fixture
def night_loads(tmp_path: Path) -> "NightLoads":
    return NightLoads(tmp_path)


class NightLoads:
    """One warehouse file after another with one more delivery in its raw tables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = write_source(folder)

    def start(self) -> Path:
        path = self.folder / "warehouse.duckdb"
        with duckdb.connect(str(path)) as connection:
            create_raw_schema(connection)
        return path

    def add(self, warehouse: Path, number: int, delivery: Delivery, loaded_at: datetime) -> None:
        write_delivery(self.folder, delivery, number)
        with duckdb.connect(str(warehouse)) as connection:
            load_sources(connection, read_sources(self.source), loaded_at=loaded_at, load_id=f"load-{number}")


def find_differences(kept: Path, rebuilt: Path) -> list[str]:
    """Columns, tables and rows that only one of the two files has; numbers are compared by every bit of them."""
    with duckdb.connect() as connection:
        for name, path in (("kept", kept), ("rebuilt", rebuilt)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        columns, other_columns = (list_columns(connection, name) for name in ("kept", "rebuilt"))
        differences = [f"column {column}" for column in sorted(set(columns) ^ set(other_columns))]
        for table in sorted({table for table, *_ in columns} - {PLAN}):
            differences += compare_rows(connection, table, [column for other, column, _ in columns if other == table])
    return differences


def list_columns(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str, str]]:
    """Table, name and type of each column of all tables that are built before the models of ml."""
    query = f"""
        select columns.schema_name || '.' || columns.table_name, columns.column_name, columns.data_type
        from duckdb_columns() as columns
        inner join duckdb_tables() as tables using (database_name, schema_name, table_name)
        where columns.database_name = '{database}' and columns.schema_name in ('intermediate', 'marts')
    """
    return connection.sql(query).fetchall()


def compare_rows(connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> list[str]:
    """Some rows of each file that the other one has not, or not as often."""
    # What is made by as-of dates is made for those that a run makes anew; the mart keeps the others.
    is_part = table.startswith("intermediate.") and table != DATES and "as_of_date" in columns
    condition = f"where as_of_date in (select as_of_date from kept.{PLAN})" if is_part else ""
    # As text, in which a number is written so that every bit of it counts.
    lines = f"select cast(row({', '.join(columns)}) as varchar) as line from {{}}.{table} {condition}"
    both = [lines.format(name) for name in ("kept", "rebuilt")]
    differences = []
    for name, here, there in (("kept", *both), ("rebuilt", *both[::-1])):
        rows = connection.sql(f"({here}) except all ({there}) order by all limit 3").fetchall()
        differences += [f"{table}, only {name}: {line}" for (line,) in rows]
    return differences


def require_same_as_rebuilt(workshop: Workshop, kept: Path, full_build: Sequence[CompiledModel]) -> None:
    assert find_differences(kept, workshop.rebuild(kept, full_build)) == []


@pytest.mark.parametrize("seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(3, 103))])
def test_kept_tables_are_those_of_a_rebuild_even_after_a_run_that_was_cut_short(
    workshop, night_loads, full_build, seed
):
    tables = [model.name for model in full_build if model.kind == "table"]
    # The second night builds some of the tables only, other ones with every seed; the third one has to catch up.
    built_by_night = [tables, tables[: len(tables) * (1 + seed % 9) // 10], tables]
    first, *later = make_history(seed)
    warehouse = night_loads.start()
    night_loads.add(warehouse, 0, *first)
    warehouse = workshop.rebuild(warehouse, full_build)
    for number, (delivery, built) in enumerate(zip(later, built_by_night, strict=True), start=1):
        night_loads.add(warehouse, number, *delivery)
        warehouse = workshop.build(warehouse, select=built)
        if built == tables:
            require_same_as_rebuilt(workshop, warehouse, full_build)


def test_sums_kept_on_one_date_are_those_of_a_rebuild_on_another(workshop, night_loads):
    warehouse = night_loads.start()
    night_loads.add(warehouse, 0, *make_history(1)[0])
    kept, sums = warehouse, []
    # Visits up to June 2 leave the windows of 7, then of 30 days; the last date goes back.
    for as_of_date in ("2024-06-02", "2024-06-05", "2024-08-28", "2024-05-30"):
        kept, rebuilt = (workshop.build(path, select=SUMS, as_of_date=as_of_date) for path in (kept, warehouse))
        sums.append(read_rows(kept, CURRENT_SUMS))
        assert sums[-1] == read_rows(rebuilt, CURRENT_SUMS)
    assert all(sums)
    assert all(some != others for some, others in itertools.pairwise(sums))


def test_a_kept_row_that_a_rebuild_does_not_make_is_found(workshop, night_loads, full_build):
    warehouse = night_loads.start()
    night_loads.add(warehouse, 0, *make_history(0)[0])
    rebuilt = workshop.rebuild(warehouse, full_build)
    changed = workshop.rebuild(warehouse, full_build)
    with duckdb.connect(str(changed)) as connection:
        connection.execute("update intermediate.int_visitor_slots set engaged_seconds = engaged_seconds + 0.001")
        connection.execute("insert into intermediate.int_sessions from intermediate.int_sessions limit 1")
        connection.execute(f"update {FEATURES} set pages_per_session = -0.0 where session_count = 0")
        connection.execute("alter table intermediate.int_customer_days alter search_count type integer")
    found = [line.split(":")[0] for line in find_differences(changed, rebuilt)]
    assert set(found) == {
        "column ('intermediate.int_customer_days', 'search_count', 'BIGINT')",
        "column ('intermediate.int_customer_days', 'search_count', 'INTEGER')",
        "intermediate.int_visitor_slots, only kept",
        "intermediate.int_visitor_slots, only rebuilt",
        "intermediate.int_sessions, only kept",
        f"{FEATURES}, only kept",
        f"{FEATURES}, only rebuilt",
    }
