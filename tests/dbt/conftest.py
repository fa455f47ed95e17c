"""The corner shop's warehouses that several tests look at; each is made once a session."""

import shutil
from pathlib import Path

import pytest

from dagster_project.dbt_build import run_dbt
from dagster_project.settings import read_settings
from tests.dbt.corner_shop import FIRST_LOAD_AT, SECOND_LOAD_AT, first_delivery, second_delivery
from tests.dbt.scored_tables import write_scored_tables
from tests.dbt.warehouses import ALL_MARTS, PUBLISHED, Workshop


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    folder = tmp_path_factory.mktemp("dbt")
    settings = read_settings({"SEGMENTS_HOME": str(folder / "home")})
    settings.home.mkdir()
    manifest = run_dbt(["parse"], settings=settings, target_folder=settings.dbt_target_folder)
    return Workshop(settings, folder, manifest)


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


@pytest.fixture(scope="session")
def after_scoring(workshop: Workshop, after_both_loads: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    scored = Path(shutil.copy(after_both_loads, tmp_path_factory.mktemp("scored")))
    write_scored_tables(scored, workshop.manifest)
    return workshop.build(scored, select=PUBLISHED)
