"""The small shop, and what is left after each kind of run on it; every run is made once a session."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import duckdb
import pytest
import yaml

from tests.integration.homes import FinishedRun, Home, finish
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


@dataclass(frozen=True)
class Rush:
    """What came of two runs that started at once under the eyes of two readers."""

    home: Home
    runs: list[FinishedRun]
    readers: list[FinishedRun]
    seen: list[list[str]]


@pytest.fixture(scope="session")
def rush(homes: Path, home: Home) -> Rush:
    rush_home = home.copy(homes / "rush")
    stop, seen = homes / "stop", [homes / "seen_1", homes / "seen_2"]
    published = str(rush_home.settings.published_folder)
    readers = [rush_home.start("tests.integration.reader", published, str(stop), str(path)) for path in seen]
    started = [rush_home.start(), rush_home.start()]
    runs = [finish(process) for process in started]
    stop.touch()
    ended = [finish(reader) for reader in readers]
    return Rush(rush_home, runs, ended, [path.read_text().split() for path in seen if path.exists()])


@pytest.fixture(scope="session")
def nightly_home(rush: Rush) -> Home:
    """The installation after two more runs, which are nightly ones."""
    assert [run.exit_code for run in rush.runs] == [0, 0], [run.output for run in rush.runs]
    return rush.home


@dataclass(frozen=True)
class SideRuns:
    """Runs on copies of the installation that do not need each other."""

    retrained: tuple[Home, FinishedRun]
    broken_source: tuple[Home, FinishedRun]
    corrupted: tuple[Home, FinishedRun]


@pytest.fixture(scope="session")
def side_runs(homes: Path, home: Home) -> SideRuns:
    """All of them at once, for the sake of the second processor."""
    retrained = home.copy(homes / "retrained")
    broken = home.copy(homes / "broken_source", source=write_broken_source(home))
    corrupted = home.copy(homes / "corrupted")
    double_a_stay(corrupted)
    months = [f"monthly_retrain:{month}" for month in (NEWEST_MONTH, EARLIER_MONTH)]
    processes = [retrained.start("tests.integration.run_jobs", *months), broken.start(), corrupted.start()]
    runs = [finish(process) for process in processes]
    return SideRuns(*zip((retrained, broken, corrupted), runs, strict=True))


def write_broken_source(home: Home) -> Path:
    """The home's source YAML, but it names a column that the file does not have."""
    document = yaml.safe_load(home.source.read_text())
    document["tables"]["order_lines"]["columns"]["net_amount"] = "gross_total"
    path = home.source.with_name("broken.yml")
    path.write_text(yaml.safe_dump(document))
    return path


def double_a_stay(home: Home) -> None:
    """Gives one customer the same stay twice in the stored history, as no run does."""
    with duckdb.connect(str(home.settings.warehouse_path)) as connection:
        connection.execute(
            "insert into segments.customer_segment_history "
            "select history.* replace (date '2024-05-01' as valid_from) "
            "from segments.customer_segment_history as history, range(2) where customer_id = 'c0001'"
        )


@pytest.fixture(scope="session")
def retrained_home(side_runs: SideRuns) -> Home:
    """The installation after a retrain on unchanged data and a backfill of an earlier month."""
    home, run = side_runs.retrained
    assert run.exit_code == 0, run.output
    return home


@pytest.fixture(scope="session")
def instance(home: Home) -> Iterator[dg.DagsterInstance]:
    """Dagster's record of the first run."""
    with home.instance() as instance:
        yield instance
