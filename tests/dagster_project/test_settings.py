import os
from datetime import date
from pathlib import Path

import pytest

from dagster_project.settings import (
    DEFAULT_HOME,
    DEFAULT_SOURCES,
    SettingsError,
    expand_variables,
    override_environment,
    read_settings,
)


def test_empty_environment_gives_the_demo():
    settings = read_settings({})
    assert (settings.home, settings.sources) == (DEFAULT_HOME, DEFAULT_SOURCES)
    assert settings.as_of_date is None


def test_everything_a_run_makes_lies_below_home(tmp_path):
    settings = read_settings({"SEGMENTS_HOME": str(tmp_path)})
    made = [
        settings.warehouse_path,
        settings.run_lock_path,
        settings.models_folder,
        settings.published_folder,
        settings.dagster_home,
        settings.dbt_target_folder,
    ]
    assert {path.parent for path in made} == {tmp_path}
    assert len(set(made)) == len(made)


def test_relative_home_counts_from_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert read_settings({"SEGMENTS_HOME": "mine"}).home == tmp_path / "mine"


def test_empty_variable_counts_as_unset():
    assert read_settings({"SEGMENTS_HOME": "", "AS_OF_DATE": ""}) == read_settings({})


def test_as_of_date_is_read_as_a_day():
    assert read_settings({"AS_OF_DATE": "2017-12-30"}).as_of_date == date(2017, 12, 30)


def test_unreadable_as_of_date_is_refused_by_name():
    with pytest.raises(SettingsError, match=r"AS_OF_DATE='30\.12\.2017' is no date; write it as 2017-12-30"):
        read_settings({"AS_OF_DATE": "30.12.2017"})


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5"])
def test_number_of_generations_to_keep_is_one_or_more(text):
    with pytest.raises(SettingsError, match="KEEP_GENERATIONS"):
        read_settings({"KEEP_GENERATIONS": text})


def test_variables_in_a_text_are_replaced():
    assert expand_variables("${SHOP}/${YEAR:-2024}", {"SHOP": "files"}) == "files/2024"


def test_set_variable_wins_over_its_default():
    assert expand_variables("${YEAR:-2024}", {"YEAR": "2017"}) == "2017"


def test_unset_variable_without_default_is_refused_by_name():
    with pytest.raises(SettingsError, match="needs the environment variable SHOP"):
        expand_variables("${SHOP}/orders", {})


def test_overridden_environment_is_put_back(monkeypatch):
    monkeypatch.setenv("KEPT", "before")
    monkeypatch.delenv("ADDED", raising=False)
    with override_environment({"KEPT": "inside", "ADDED": "inside"}):
        assert (os.environ["KEPT"], os.environ["ADDED"]) == ("inside", "inside")
    assert os.environ["KEPT"] == "before"
    assert "ADDED" not in os.environ


def test_overridden_environment_is_put_back_after_an_error(monkeypatch):
    monkeypatch.setenv("KEPT", "before")
    overridden = override_environment({"KEPT": "inside"})
    with pytest.raises(RuntimeError), overridden:
        raise RuntimeError
    assert os.environ["KEPT"] == "before"


def test_shipped_sources_exist():
    assert Path(DEFAULT_SOURCES).is_file()


@pytest.mark.parametrize(("text", "is_history"), [("", False), ("no", False), ("yes", True), ("YES", True)])
def test_history_is_said_by_yes(text, is_history):
    assert read_settings({"HISTORY": text}).is_history is is_history


def test_any_other_word_for_history_is_refused_by_name():
    with pytest.raises(SettingsError, match="is neither yes nor no"):
        read_settings({"HISTORY": "perhaps"})


@pytest.mark.parametrize(("text", "limit"), [("", "4GB"), ("8GB", "8GB"), ("512 MiB", "512 MiB")])
def test_memory_has_a_limit_unless_another_is_set(text, limit):
    assert read_settings({"DUCKDB_MEMORY_LIMIT": text}).memory_limit == limit


@pytest.mark.parametrize("text", ["4", "80%", "lots", "4GB; drop table x"])
def test_an_amount_of_memory_without_a_unit_is_refused_by_name(text):
    with pytest.raises(SettingsError, match="DUCKDB_MEMORY_LIMIT"):
        read_settings({"DUCKDB_MEMORY_LIMIT": text})
