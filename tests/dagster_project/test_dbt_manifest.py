import json
import os
import threading
from pathlib import Path

import pytest

from dagster_project import dbt_manifest
from dagster_project.dbt_manifest import prepare_manifest, read_manifest
from dagster_project.settings import Settings, read_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"SEGMENTS_HOME": str(tmp_path / "home")})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dbt project of one model, older than any parse of it."""
    folder = tmp_path / "dbt"
    (folder / "models").mkdir(parents=True)
    (folder / "models" / "orders.sql").write_text("select 1")
    os.utime(folder / "models" / "orders.sql", (1, 1))
    monkeypatch.setattr(dbt_manifest, "DBT_FOLDER", folder)
    return folder


@pytest.fixture
def parses(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The manifests that dbt would have written."""
    written: list[Path] = []

    def parse(_settings: Settings, manifest: Path) -> None:
        manifest.parent.mkdir(parents=True, exist_ok=True)
        manifest.write_text("{}")
        written.append(manifest)

    monkeypatch.setattr(dbt_manifest, "_parse", parse)
    return written


def write_later(path: Path, manifest: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("select 2")
    later = manifest.stat().st_mtime + 10
    os.utime(path, (later, later))


def test_first_call_parses(settings, parses):
    assert prepare_manifest(settings) == settings.dbt_target_folder / "manifest.json"
    assert len(parses) == 1


def test_second_call_takes_what_is_there(settings, parses):
    prepare_manifest(settings)
    prepare_manifest(settings)
    assert len(parses) == 1


@pytest.mark.parametrize("name", ["models/new.sql", "models/_models.yml", "seeds/rules.csv", "macros/deep/time.sql"])
def test_newer_file_of_the_project_parses_again(settings, project, parses, name):
    write_later(project / name, prepare_manifest(settings))
    prepare_manifest(settings)
    assert len(parses) == 2


@pytest.mark.parametrize("name", ["target/compiled/orders.sql", "logs/dbt.yml", "models/notes.txt"])
def test_file_that_dbt_does_not_read_changes_nothing(settings, project, parses, name):
    write_later(project / name, prepare_manifest(settings))
    prepare_manifest(settings)
    assert len(parses) == 1


def test_two_that_start_at_once_parse_once(settings, parses):
    threads = [threading.Thread(target=prepare_manifest, args=[settings]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(parses) == 1


def test_unit_tests_are_left_out_of_what_becomes_assets(settings, parses):
    content = {
        "nodes": {"model.a": {}, "test.a": {}},
        "unit_tests": {"unit_test.a": {}},
        "parent_map": {"model.a": [], "test.a": ["model.a"], "unit_test.a": ["model.a"]},
        "child_map": {"model.a": ["test.a", "unit_test.a"], "test.a": [], "unit_test.a": []},
    }
    prepare_manifest(settings).write_text(json.dumps(content))
    assert read_manifest(settings) == {
        "nodes": {"model.a": {}, "test.a": {}},
        "unit_tests": {},
        "parent_map": {"model.a": [], "test.a": ["model.a"]},
        "child_map": {"model.a": ["test.a"], "test.a": []},
    }
