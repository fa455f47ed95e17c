"""The small shop, and what is left after each kind of run on it; every run is made once a session."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from tests.integration.homes import FinishedRun, Home
from tests.integration.small_shop import write_shop

# The newest month of the small shop, and one that a backfill asks for.
NEWEST_MONTH, EARLIER_MONTH = "2024-06", "2024-03"


@pytest.fixture(scope="session")
def shop_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_shop(tmp_path_factory.mktemp("small_shop"))


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the installations of this session lie in."""
    return tmp_path_factory.mktemp("homes")


@pytest.fixture(scope="session")
def first_run(homes: Path, shop_source: Path) -> tuple[Home, FinishedRun]:
    home = Home(homes / "first", shop_source)
    return home, home.run()


@pytest.fixture(scope="session")
def home(first_run: tuple[Home, FinishedRun]) -> Home:
    """The installation after its first run. Nothing runs in it again: tests that run take a copy."""
    home, run = first_run
    assert run.exit_code == 0, run.output
    return home


@pytest.fixture(scope="session")
def nightly_home(homes: Path, home: Home) -> Home:
    """The installation after a second run, which is a nightly one."""
    second = home.copy(homes / "nightly")
    run = second.run()
    assert run.exit_code == 0, run.output
    return second


@pytest.fixture(scope="session")
def retrained_home(homes: Path, home: Home) -> Home:
    """The installation after a retrain on unchanged data and a backfill of an earlier month."""
    retrained = home.copy(homes / "retrained")
    run = retrained.run(
        "tests.integration.run_jobs", f"monthly_retrain:{NEWEST_MONTH}", f"monthly_retrain:{EARLIER_MONTH}"
    )
    assert run.exit_code == 0, run.output
    return retrained


@pytest.fixture(scope="session")
def instance(home: Home) -> Iterator[dg.DagsterInstance]:
    """Dagster's record of the first run."""
    with home.instance() as instance:
        yield instance
