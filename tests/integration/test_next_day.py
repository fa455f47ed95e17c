"""A day more in the files: what the night adds to the kept tables is what a rebuild makes of all days."""

import shutil
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from tests.dbt.differences import find_differences
from tests.integration.homes import Home
from tests.integration.small_shop import LAST_COMPLETE_DAY, add_a_day

CURRENT_DATE = "select max(as_of_date) as as_of_date from marts.fct_customer_features where is_current"


@pytest.fixture(scope="module")
def after_the_night(homes: Path, home: Home) -> Home:
    """The installation after the night in which the day came."""
    shop = homes / "next_day_shop"
    shutil.copytree(home.source.parent, shop)
    night = home.copy(homes / "next_day", source=shop / home.source.name)
    add_a_day(shop / "files")
    run = night.run("tests.integration.run_jobs", "load_and_build")
    assert run.exit_code == 0, run.output
    return night


def test_next_day_is_taken_up(after_the_night):
    assert after_the_night.warehouse(CURRENT_DATE).item() == LAST_COMPLETE_DAY + timedelta(days=1)
    loads = "select count(distinct changed_at) as loads from intermediate.int_sessions"
    assert after_the_night.warehouse(loads).item() == 2


def test_kept_tables_are_those_of_a_rebuild(after_the_night, homes):
    rebuilt = after_the_night.copy(homes / "next_day_rebuilt")
    with duckdb.connect(str(rebuilt.settings.warehouse_path)) as connection:
        connection.execute("update marts.fct_feature_loads set recipe = 'an older one'")
    run = rebuilt.run("tests.integration.run_jobs", "load_and_build")
    assert run.exit_code == 0, run.output
    kept, anew = (home.settings.warehouse_path for home in (after_the_night, rebuilt))
    assert find_differences(kept, anew) == []
