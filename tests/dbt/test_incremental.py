"""Tables that are kept from night to night are equal to the byte to those that a rebuild makes of the same rows."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from dagster_project.loading.load import load_sources
from dagster_project.loading.raw_schema import create_raw_schema
from dagster_project.loading.read_sources import read_sources
from tests.dbt.random_visits import Delivery, make_history, write_delivery, write_source
from tests.dbt.warehouses import CompiledModel, Workshop, read

KEPT = ("+fct_customer_features", "+fct_feature_loads")
# Which as-of dates a run makes anew is not the same in a rebuild, which makes all of them.
PLAN = "intermediate.int_as_of_dates_to_build"


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


def list_tables(warehouse: Path) -> list[str]:
    query = """
        select schema_name || '.' || table_name from duckdb_tables()
        where schema_name in ('intermediate', 'marts') order by all
    """
    return read(warehouse, query).to_series().to_list()


def read_text(warehouse: Path, table: str, dates: Sequence[str] | None) -> str:
    """All rows of a table in a fixed order, each number written so that every bit of it counts."""
    columns = read(warehouse, f"describe {table}")["column_name"].to_list()
    condition = f"where as_of_date in ({', '.join(map(repr, dates))})" if dates and "as_of_date" in columns else ""
    frame = read(warehouse, f"select * from {table} {condition}")
    frame = frame.select(sorted(frame.columns))
    return f"{frame.dtypes}\n{frame.sort(frame.columns).write_csv()}"


def find_differences(kept: Path, rebuilt: Path) -> dict[str, list[str]]:
    """Tables that differ, with some of the rows that only one of the two files has."""
    made_anew = read(kept, f"select cast(as_of_date as varchar) from {PLAN}").to_series().to_list()
    differences = {}
    for table in list_tables(kept):
        # What is made from customers' days is made for these dates only; the mart keeps the others.
        dates = made_anew if table.startswith("intermediate.") and table != "intermediate.int_as_of_dates" else None
        texts = [read_text(path, table, dates) for path in (kept, rebuilt)]
        if table != PLAN and texts[0] != texts[1]:
            kept_rows, rebuilt_rows = (set(text.splitlines()) for text in texts)
            differences[table] = [
                *(f"kept:    {row}" for row in sorted(kept_rows - rebuilt_rows)[:3]),
                *(f"rebuilt: {row}" for row in sorted(rebuilt_rows - kept_rows)[:3]),
            ]
    return differences


def require_same_as_rebuilt(workshop: Workshop, kept: Path, full_build: Sequence[CompiledModel]) -> None:
    rebuilt = workshop.rebuild(kept, full_build)
    assert list_tables(kept) == list_tables(rebuilt)
    assert find_differences(kept, rebuilt) == {}


def with_soak(short: list[int], long: range) -> list[object]:
    return [*short, *(pytest.param(seed, marks=pytest.mark.soak) for seed in long)]


@pytest.mark.parametrize("seed", with_soak([1], range(2, 101)))
def test_kept_tables_are_those_of_a_rebuild_after_every_night(workshop, night_loads, seed):
    warehouse = night_loads.start()
    full_build: list[CompiledModel] = []
    for number, (delivery, loaded_at) in enumerate(make_history(seed)):
        night_loads.add(warehouse, number, delivery, loaded_at)
        warehouse = workshop.build(warehouse, select=KEPT)
        full_build = full_build or list(workshop.compiled)
        require_same_as_rebuilt(workshop, warehouse, full_build)
    tables = list_tables(warehouse)
    assert {"marts.fct_customer_features", "intermediate.int_sessions", "intermediate.int_visitor_links"} <= set(tables)


@pytest.mark.parametrize("seed", with_soak([1001], range(1002, 1031)))
def test_a_night_after_a_run_that_was_cut_short_catches_up(workshop, night_loads, seed):
    warehouse = night_loads.start()
    first, cut_short, last = make_history(seed)[:3]
    night_loads.add(warehouse, 0, *first)
    warehouse = workshop.build(warehouse, select=KEPT)
    full_build = list(workshop.compiled)
    night_loads.add(warehouse, 1, *cut_short)
    names = [model.name for model in full_build]
    warehouse = workshop.build(warehouse, select=names[: len(names) * (seed % 10) // 10])
    night_loads.add(warehouse, 2, *last)
    warehouse = workshop.build(warehouse, select=KEPT)
    require_same_as_rebuilt(workshop, warehouse, full_build)
