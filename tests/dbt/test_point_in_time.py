"""What happens or arrives after an as-of date changes nothing that is said of it."""

from pathlib import Path

import pytest

from tests.dbt.corner_shop import (
    FIRST_LOAD_AT,
    LAST_COMPLETE_DAY,
    LATE_CUSTOMER,
    first_delivery,
    without_later_facts,
)
from tests.dbt.warehouses import FEATURES, LABELS, CompiledModel, Workshop, read, read_rows, require_same_features

# The next day has orders from its first second on.
CUT_OFF = "2024-05-14"
NEWEST_MONTH_END_BEFORE = "2024-04-30"
DAY_BEFORE_SECOND_LOAD, DAY_OF_SECOND_LOAD = "2024-07-09", "2024-07-10"


@pytest.fixture(scope="module")
def load_up_to_cut_off(workshop: Workshop) -> Path:
    return workshop.load((without_later_facts(first_delivery(), CUT_OFF), FIRST_LOAD_AT))


@pytest.fixture(scope="module")
def built_up_to_cut_off(workshop: Workshop, load_up_to_cut_off: Path) -> Path:
    return workshop.build(load_up_to_cut_off, as_of_date=CUT_OFF)


@pytest.fixture(scope="module")
def built_at_cut_off(workshop: Workshop, first_load: Path) -> tuple[Path, list[CompiledModel]]:
    """All facts of the first load seen from the cut-off date, and the SQL that saw them."""
    return workshop.build(first_load, as_of_date=CUT_OFF), list(workshop.compiled)


@pytest.fixture(scope="module")
def later_load_seen_from_before(workshop: Workshop, both_loads: Path) -> tuple[Path, list[CompiledModel]]:
    """Both loads seen from the last as-of date before the second one, and the SQL that saw them."""
    return workshop.build(both_loads, as_of_date=LAST_COMPLETE_DAY), list(workshop.compiled)


def count_orders(warehouse: Path, as_of_date: str) -> int:
    query = f"select order_count from {FEATURES} where customer_id = '{LATE_CUSTOMER}' and as_of_date = '{as_of_date}'"
    return read(warehouse, query).item()


def test_later_facts_change_no_feature(built_up_to_cut_off, built_at_cut_off):
    require_same_features(built_up_to_cut_off, built_at_cut_off[0], through=CUT_OFF)


def test_later_facts_change_no_feature_of_earlier_dates_when_the_as_of_date_moves(
    built_up_to_cut_off, after_first_load
):
    require_same_features(built_up_to_cut_off, after_first_load, through=NEWEST_MONTH_END_BEFORE)


def test_a_feature_that_sees_tomorrow_is_found(workshop, load_up_to_cut_off, first_load, built_at_cut_off):
    def see_tomorrow(model: CompiledModel) -> str:
        if model.name != "int_orders_as_of":
            return model.sql
        condition = "order_versions.ordered_on <= as_of_dates.as_of_date"
        assert model.sql.count(condition) == 1
        return model.sql.replace(condition, "order_versions.ordered_on <= as_of_dates.as_of_date + 1").replace(
            "order_versions.known_on <= as_of_dates.as_of_date", "order_versions.known_on <= as_of_dates.as_of_date + 1"
        )

    compiled = built_at_cut_off[1]
    without_tomorrow = workshop.rebuild(load_up_to_cut_off, compiled, change=see_tomorrow)
    with_tomorrow = workshop.rebuild(first_load, compiled, change=see_tomorrow)
    with pytest.raises(AssertionError, match=f"features up to {CUT_OFF} differ"):
        require_same_features(without_tomorrow, with_tomorrow, through=CUT_OFF)


def test_a_later_load_changes_no_feature_of_any_earlier_date(after_first_load, later_load_seen_from_before):
    seen_from_before = later_load_seen_from_before[0]
    require_same_features(after_first_load, seen_from_before, through=LAST_COMPLETE_DAY)
    assert read(seen_from_before, f"select max(as_of_date) from {FEATURES}").item().isoformat() == LAST_COMPLETE_DAY


def test_a_later_load_changes_no_feature_of_earlier_dates_when_the_as_of_date_moves(after_first_load, after_both_loads):
    require_same_features(after_first_load, after_both_loads, through=NEWEST_MONTH_END_BEFORE)


def test_a_later_load_changes_labels_of_earlier_dates(after_first_load, after_both_loads):
    labels, later = (
        read_rows(path, LABELS, through=NEWEST_MONTH_END_BEFORE) for path in (after_first_load, after_both_loads)
    )
    assert [row[:2] for row in labels] == [row[:2] for row in later]
    assert labels != later


def test_new_orders_of_a_later_load_are_in_the_new_as_of_date(after_both_loads):
    newest = read(
        after_both_loads,
        f"select as_of_date, min(days_since_last_order) as days from {FEATURES} where is_current group by as_of_date",
    ).row(0)
    assert (newest[0].isoformat(), newest[1]) == ("2024-07-07", 0)


def test_a_late_order_counts_from_the_day_it_arrived_on(workshop, both_loads, later_load_seen_from_before):
    def count_orders_on(day: str) -> int:
        moved = workshop.rebuild(
            both_loads,
            later_load_seen_from_before[1],
            change=lambda model: model.sql.replace(f"cast('{LAST_COMPLETE_DAY}' as date)", f"cast('{day}' as date)"),
        )
        return count_orders(moved, day)

    assert count_orders_on(DAY_OF_SECOND_LOAD) == count_orders_on(DAY_BEFORE_SECOND_LOAD) + 1
