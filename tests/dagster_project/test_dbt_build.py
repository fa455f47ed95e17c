"""dbt inside this process, on a project of one seed, one model and one test."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from dagster_project import dbt_build
from dagster_project.dbt_build import DbtError, run_dbt
from dagster_project.settings import Settings, read_settings

MODEL = "select n from {{ ref('numbers') }} where n <= cast('{{ env_var(\"LARGEST\", \"9\") }}' as integer)\n"
YAML = {
    "version": 2,
    "models": [{"name": "small_numbers", "columns": [{"name": "n", "data_tests": ["unique", "not_null"]}]}],
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("home")
    return read_settings({"SEGMENTS_HOME": str(home)})


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, settings: Settings):
    """The project, parsed; the shipped one is put back afterwards."""
    folder = tmp_path_factory.mktemp("dbt")
    shipped = dbt_build.DBT_FOLDER
    (folder / "profiles.yml").write_text((shipped / "profiles.yml").read_text())
    (folder / "dbt_project.yml").write_text(
        yaml.safe_dump(
            {"name": "segments", "profile": "segments", "config-version": 2, "models": {"+materialized": "table"}}
        )
    )
    for name, text in {
        "seeds/numbers.csv": "n\n1\n2\n3\n",
        "models/small_numbers.sql": MODEL,
        "models/_models.yml": yaml.safe_dump(YAML),
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dbt_build, "DBT_FOLDER", folder)
        run_dbt(["parse"], settings=settings, target_folder=settings.dbt_target_folder)
        yield folder


def build(settings: Settings, **environment: str):
    return run_dbt(["build"], settings=settings, target_folder=settings.dbt_target_folder, environment=environment)


def count_in_another_process(path: Path) -> int:
    script = f"import duckdb; print(duckdb.connect({str(path)!r}).execute('from main.small_numbers').fetchall())"
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return finished.stdout.count(",)")


def test_every_node_is_in_the_result(project, settings):
    names = [result.node.name for result in build(settings).results]
    assert set(names) == {"numbers", "small_numbers", "unique_small_numbers_n", "not_null_small_numbers_n"}


def test_variables_reach_dbt_without_another_parse(project, settings):
    build(settings, LARGEST="2")
    assert count_in_another_process(settings.warehouse_path) == 2
    build(settings, LARGEST="1")
    assert count_in_another_process(settings.warehouse_path) == 1


def test_environment_is_as_before(project, settings):
    before = dict(os.environ)
    build(settings, LARGEST="2")
    assert dict(os.environ) == before


def test_warehouse_is_free_for_others_afterwards(project, settings):
    build(settings)
    assert count_in_another_process(settings.warehouse_path) == 3


def test_failure_names_the_nodes_and_the_reason(project, settings):
    with pytest.raises(DbtError, match=r"1 of \d+ nodes failed: small_numbers: .*Could not convert string 'many'"):
        build(settings, LARGEST="many")


def test_warehouse_is_free_for_others_after_a_failure(project, settings):
    build(settings)
    with pytest.raises(DbtError):
        build(settings, LARGEST="many")
    assert count_in_another_process(settings.warehouse_path) == 3


def test_project_that_cannot_be_parsed_is_told_with_the_file(project, settings, tmp_path):
    broken = project / "models" / "broken.sql"
    broken.write_text("select * from {{ ref('nothing') }}")
    other = read_settings({"SEGMENTS_HOME": str(tmp_path)})
    with pytest.raises(DbtError, match="broken"):
        run_dbt(["parse"], settings=other, target_folder=other.dbt_target_folder)
    broken.unlink()
