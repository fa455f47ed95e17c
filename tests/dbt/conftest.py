"""The corner shop's warehouses that several tests look at; each is made once a session."""

from pathlib import Path

import pytest

from dagster_project.dbt_build import run_dbt
from dagster_project.settings import read_settings
from tests.dbt.corner_shop import FIRST_LOAD_AT, SECOND_LOAD_AT, first_delivery, second_delivery
from tests.dbt.warehouses import ALL_MARTS, Workshop


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    folder = tmp_path_factory.mktemp("dbt")
    settings = read_settings({"SEGMENTS_HOME": str(folder / "home")})
    settings.home.mkdir()
    run_dbt(["parse"], settings=settings, target_folder=settings.dbt_target_folder)
    return Workshop(settings, folder)


@pytest.fixture(scope="session")
def first_load(workshop: Workshop) -> Path:
    return workshop.load((first_delivery(), FIRST_LOAD_AT))


@pytest.fixture(scope="session")
def both_loads(workshop: Workshop) -> Path:
    return workshop.load((first_delivery(), FIRST_LOAD_AT), (second_delivery(), SECOND_LOAD_AT))


@pytest.fixture(scope="session")
def after_first_load(workshop: Workshop, first_load: Path) -> Path:
    return workshop.build(first_load, select=ALL_MARTS)


@pytest.fixture(scope="session")
def after_both_loads(workshop: Workshop, both_loads: Path) -> Path:
    return workshop.build(both_loads, select=ALL_MARTS)
