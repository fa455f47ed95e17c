"""What all tests share: an installation of their own, and the definitions as they load there."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from dagster_project.settings import override_environment, read_settings

_session = ExitStack()


def pytest_configure() -> None:
    """No test reads or writes the installation that a developer works with; modules read it when imported."""
    home = _session.enter_context(tempfile.TemporaryDirectory(prefix="segments-tests-"))
    _session.enter_context(override_environment({"SEGMENTS_HOME": home, "DAGSTER_HOME": f"{home}/dagster"}))


def pytest_unconfigure() -> None:
    """The installation goes with the session."""
    _session.close()


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
