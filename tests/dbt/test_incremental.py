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
from tests.dbt.deletions import delete_at_random
from tests.dbt.differences import find_differences
from tests.dbt.random_visits import Delivery, make_history, write_delivery, write_source
from tests.dbt.warehouses import FEATURES, CompiledModel, Workshop, read_rows

KEPT = ("+fct_customer_features", "+fct_feature_loads")
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
        """A delivery, and that some of what was there before and came with it has left."""
        write_delivery(self.folder, delivery, number)
        with duckdb.connect(str(warehouse)) as connection:
            load_sources(connection, read_sources(self.source), loaded_at=loaded_at, load_id=f"load-{number}")
            delete_at_random(connection, number, loaded_at=loaded_at)


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
