"""What is said of a day is the same whether the world ended with it or went on.

Thousands of generated histories lie in one warehouse, with facts of every family that arrive in time, late, long
after the day, and in corrections. Everything that had not occurred and arrived by the end of a day is taken out of
the raw tables, in Python, and the features of all days until then are compared with those made from everything.

A few things of a customer's row hang on others, and the world that ended decides them from what it has: which families
are known by then, and what others have paid (price_index). One thing does not belong to any day: who may be profiled
is decided as of now, so both worlds have the consent gate of the whole one. And a month of which no order is known has
no as-of date; dates that only one world has are not compared.
"""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest

from tests.dbt.histories.facts import Fact, end_of
from tests.dbt.histories.world import cut_off, tell_histories, write_world
from tests.dbt.leaks import describe, list_differences, with_change
from tests.dbt.planted_leaks import PLANTED_LEAKS
from tests.dbt.warehouses import FEATURES, CompiledModel, Workshop, read

NOW = date(2024, 11, 30)
# Within the history; after it, with a load of old days still to come; after the second load.
LAST_DAYS = [date(2024, 5, 31), date(2024, 8, 31), date(2024, 10, 31)]
A_LAST_DAY = LAST_DAYS[1]
HISTORIES = 2000
FEW_HISTORIES = 400
# So few that what hangs on others changes with each of them.
A_HANDFUL = 4

Build = Callable[[Sequence[Fact], date], Path]


@pytest.fixture(scope="module")
def histories() -> list[Fact]:
    return tell_histories(HISTORIES, seed=21)


@pytest.fixture(scope="module")
def whole_world(workshop: Workshop, histories: list[Fact], tmp_path_factory) -> tuple[Path, list[CompiledModel]]:
    raw = write_world(tmp_path_factory.mktemp("histories") / "whole.duckdb", histories)
    return workshop.build(raw, as_of_date=NOW.isoformat()), list(workshop.compiled)


@pytest.fixture(scope="module")
def build(workshop: Workshop, whole_world, tmp_path_factory) -> Build:
    """Makes a warehouse of facts in which a day is the current as-of date, by the SQL that dbt compiled."""

    def build_facts(facts: Sequence[Fact], day: date) -> Path:
        raw = write_world(tmp_path_factory.mktemp("facts") / "warehouse.duckdb", facts)
        return workshop.rebuild(
            raw,
            whole_world[1],
            change=lambda model: model.sql.replace(f"cast('{NOW}' as date)", f"cast('{day}' as date)"),
        )

    return build_facts


@pytest.fixture(scope="module")
def few_histories() -> list[Fact]:
    return tell_histories(FEW_HISTORIES, seed=7)


@pytest.fixture(scope="module")
def few_as_of_that_day(build: Build, few_histories: list[Fact]) -> Path:
    """Everything is in the raw tables, and a past day is the current as-of date."""
    return build(few_histories, A_LAST_DAY)


@pytest.fixture(scope="module")
def few_until_that_day(build: Build, few_histories: list[Fact]) -> Path:
    return build(cut_off(few_histories, A_LAST_DAY), A_LAST_DAY)


def require_no_leak(build: Build, facts: list[Fact], warehouse: Path, day: date) -> None:
    differences = list_differences(warehouse, build(cut_off(facts, day), day), through=day)
    assert differences == {}, describe(differences)


def make_folder(path: Path) -> Path:
    path.mkdir()
    return path


def list_month_ends(warehouse: Path) -> list[date]:
    dates = read(warehouse, f"select distinct as_of_date from {FEATURES} where not is_current order by as_of_date")
    return dates["as_of_date"].to_list()


@pytest.mark.parametrize("day", LAST_DAYS, ids=str)
def test_a_world_that_ended_says_the_same(build, histories, whole_world, day):
    require_no_leak(build, histories, whole_world[0], day)


def test_the_histories_hold_all_that_could_leak(histories):
    """Facts of every family that are taken out of the past for each of the reasons there are."""
    end = end_of(A_LAST_DAY)
    for table in ("orders", "order_lines", "events", "email_events", "support_tickets", "calls", "campaign_members"):
        taken_out = [fact for fact in histories if fact.table == table and not fact.was_known_by(end)]
        old = [fact for fact in taken_out if fact.occurred_at and fact.occurred_at < end]
        assert any(not fact.is_correction for fact in old), f"no {table} came late"
        assert any(fact.is_correction for fact in old), f"no {table} were corrected later"
        assert any(fact.row.get("is_deleted") for fact in old), f"no {table} left later"
        assert len(taken_out) > len(old), f"no {table} happened later"


def test_training_reads_what_scoring_read(few_as_of_that_day, build, few_histories):
    """The row of a month end is the one that was scored when that day was the current one."""
    later = build(few_histories, NOW)
    is_current = f"select distinct is_current from {FEATURES} where as_of_date = date '{A_LAST_DAY}'"
    assert (read(few_as_of_that_day, is_current).item(), read(later, is_current).item()) == (True, False)
    differences = list_differences(few_as_of_that_day, later, through=A_LAST_DAY)
    assert differences == {}, describe(differences)


@pytest.mark.parametrize("leak", PLANTED_LEAKS, ids=lambda leak: leak.model)
def test_a_planted_leak_is_found(whole_world, few_as_of_that_day, few_until_that_day, tmp_path, leak):
    went_on, ended = (
        with_change(built, make_folder(tmp_path / name), whole_world[1], leak.model, leak.plant)
        for name, built in (("went_on", few_as_of_that_day), ("ended", few_until_that_day))
    )
    assert list_differences(went_on, ended, through=A_LAST_DAY) != {}


def test_without_a_planted_leak_there_is_none(few_as_of_that_day, few_until_that_day):
    differences = list_differences(few_as_of_that_day, few_until_that_day, through=A_LAST_DAY)
    assert differences == {}, describe(differences)


# Here the first membership of the shop is of somebody who is no customer yet.
@pytest.mark.parametrize("seed", [14])
def test_a_shop_of_a_handful_says_the_same_of_its_first_month(build, seed):
    facts = tell_histories(A_HANDFUL, seed=seed)
    warehouse = build(facts, NOW)
    require_no_leak(build, facts, warehouse, list_month_ends(warehouse)[0])


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
def test_a_shop_of_a_handful_says_the_same(build, seed):
    facts = tell_histories(A_HANDFUL, seed=seed)
    warehouse = build(facts, NOW)
    for day in list_month_ends(warehouse):
        ended = build(cut_off(facts, day), day)
        # The month end is no as-of date where its orders arrived later.
        if day in read(ended, f"select distinct as_of_date from {FEATURES}")["as_of_date"].to_list():
            differences = list_differences(warehouse, ended, through=day)
            assert differences == {}, f"{day}\n{describe(differences)}"


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 110))
def test_thousands_more_say_the_same(build, seed):
    facts = tell_histories(5000, seed=seed)
    warehouse = build(facts, NOW)
    for day in LAST_DAYS:
        require_no_leak(build, facts, warehouse, day)
