"""What all tests share: an installation of their own, and the definitions as they load there."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from dagster_project.settings import override_environment

_EXIT_STATUS = pytest.StashKey[int]()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[_EXIT_STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends the process without unloading its modules.

    Hypothesis keeps test modules alive to the very end, and DuckDB's binding then lists its own types as
    leaked, a page of noise behind the results.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(config.stash.get(_EXIT_STATUS, 0))


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test reads or writes the installation that a developer works with."""
    home = tmp_path_factory.mktemp("home")
    with override_environment({"SEGMENTS_HOME": str(home), "DAGSTER_HOME": str(home / "dagster")}):
        yield home


@pytest.fixture(scope="session")
def defs(own_home: Path) -> dg.Definitions:
    """All definitions; imported here because importing them parses the dbt project once."""
    from dagster_project.definitions import defs

    return defs


@pytest.fixture(scope="session")
def graph(defs: dg.Definitions) -> Any:
    """The asset graph of all definitions."""
    return defs.resolve_asset_graph()
