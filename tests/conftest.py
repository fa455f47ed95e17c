"""What all tests share: an installation of their own, and the definitions as they load there."""

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from dagster_project.settings import override_environment, read_settings

_session = ExitStack()
_EXIT_STATUS = pytest.StashKey[int]()


def pytest_configure() -> None:
    """No test reads or writes the installation that a developer works with; modules read it when imported."""
    home = _session.enter_context(tempfile.TemporaryDirectory(prefix="segments-tests-"))
    _session.enter_context(override_environment({"SEGMENTS_HOME": home, "DAGSTER_HOME": f"{home}/dagster"}))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Kept for the very end, see pytest_unconfigure."""
    session.config.stash[_EXIT_STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """The installation goes with the session, and the process ends without unloading its modules.

    Hypothesis keeps test modules alive to the very end, and DuckDB's binding would then list its own types as
    leaked: a page of noise behind the results.
    """
    _session.close()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(config.stash.get(_EXIT_STATUS, 0))


@pytest.fixture(scope="session")
def own_home() -> Path:
    """The folder of this session's installation."""
    return read_settings().home


@pytest.fixture(scope="session")
def defs(own_home: Path) -> dg.Definitions:
    """All definitions; imported here because importing them parses the dbt project once."""
    from dagster_project.definitions import defs

    return defs


@pytest.fixture(scope="session")
def graph(defs: dg.Definitions) -> Any:
    """The asset graph of all definitions."""
    return defs.resolve_asset_graph()
