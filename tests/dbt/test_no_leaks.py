"""What is said of a day is the same whether the world ended with it or went on.

Thousands of generated histories lie in one warehouse, with facts of every family that arrive in time, late, long
after the day, and in corrections. Everything that had not occurred and arrived by the end of a day is taken out of
the raw tables, in Python, and the features of all days until then are compared with those made from everything.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from tests.dbt.histories.facts import Fact
from tests.dbt.histories.world import cut_off, tell_histories, write_world
from tests.dbt.leaks import describe, list_differences
from tests.dbt.warehouses import FEATURES, CompiledModel, Workshop, read

NOW = date(2024, 11, 30)
# Within the history; after it, with a load of old days still to come; after the second load.
LAST_DAYS = [date(2024, 5, 31), date(2024, 8, 31), date(2024, 10, 31)]
HISTORIES = 3000


@pytest.fixture(scope="module")
def histories() -> list[Fact]:
    return tell_histories(HISTORIES, seed=20)


@pytest.fixture(scope="module")
def whole_world(workshop: Workshop, histories: list[Fact], tmp_path_factory) -> tuple[Path, list[CompiledModel]]:
    raw = write_world(tmp_path_factory.mktemp("histories") / "whole.duckdb", histories)
    return workshop.build(raw, as_of_date=NOW.isoformat()), list(workshop.compiled)


def build_as_of(
    workshop: Workshop, folder: Path, compiled: Sequence[CompiledModel], facts: Sequence[Fact], day: date
) -> Path:
    """A warehouse of ``facts`` in which ``day`` is the current as-of date."""
    return workshop.rebuild(
        write_world(folder / f"until-{day}.duckdb", facts),
        compiled,
        change=lambda model: model.sql.replace(f"cast('{NOW}' as date)", f"cast('{day}' as date)"),
    )


@pytest.mark.parametrize("day", LAST_DAYS, ids=str)
def test_a_world_that_ended_says_the_same(workshop, tmp_path, histories, whole_world, day):
    warehouse, compiled = whole_world
    ended = build_as_of(workshop, tmp_path, compiled, cut_off(histories, day), day)
    differences = list_differences(warehouse, ended, through=day)
    assert differences == {}, describe(differences)
