from datetime import date
from pathlib import Path

import pytest

from dagster_project import run
from dagster_project.model_store import ModelStore
from dagster_project.partitions import add_months
from tests.dagster_project.conftest import save_segments
from tests.factories import AS_OF


class Jobs:
    """Stands in for the execution of jobs, and keeps which ones were asked for."""

    def __init__(self, *, months: list[date], failing: str | None = None) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self._months, self._failing = months, failing

    def __call__(self, _defs, instance, job_name, partition_key=None):
        self.asked.append((job_name, partition_key))
        if job_name == "load_and_build":
            add_months(instance, self._months)
        return job_name != self._failing


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, defs) -> Path:
    """An installation in which nothing ran yet."""
    monkeypatch.setenv("SEGMENTS_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, home: Path):
    """Runs the loop with jobs that only note that they ran: the exit status and what was asked for."""

    def main(months=(date(2024, 5, 31), date(2024, 6, 29)), failing=None):
        jobs = Jobs(months=list(months), failing=failing)
        monkeypatch.setattr(run, "_execute", jobs)
        return run.main(), jobs.asked

    return main


def promote_segments(home: Path, fit) -> ModelStore:
    models = ModelStore(path=str(home / "models"))
    models.promote("behaviour", save_segments(models, fit), "run-1")
    return models


TRAINED_FOR_THE_NEWEST_MONTH = [("load_and_build", None), ("monthly_retrain", "2024-06")]


def test_first_run_builds_and_then_trains_for_the_newest_month(start):
    assert start() == (0, TRAINED_FOR_THE_NEWEST_MONTH)


def test_later_runs_are_nightly_ones(start, home, segment_fit):
    promote_segments(home, segment_fit).note_not_trained("churn", cut_off=AS_OF, reason="too few customers")
    assert start() == (0, [("nightly", None)])


def test_run_after_one_that_died_between_two_promotions_trains_again(start, home, segment_fit):
    promote_segments(home, segment_fit)
    assert start() == (0, TRAINED_FOR_THE_NEWEST_MONTH)


def test_failed_build_trains_nothing(start, capsys):
    assert start(failing="load_and_build") == (1, [("load_and_build", None)])
    assert "Nothing new was published" in capsys.readouterr().out


def test_failed_training_is_a_failed_run(start):
    status, _ = start(failing="monthly_retrain")
    assert status == 1


def test_data_without_a_month_to_train_for_say_where_to_look(start, capsys):
    assert start(months=[]) == (1, [("load_and_build", None)])
    assert "no complete day with an order" in capsys.readouterr().err


def test_unusable_source_is_told_before_anything_runs(start, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("SOURCES", str(tmp_path / "none.yml"))
    assert start() == (2, [])
    assert "none.yml" in capsys.readouterr().err


def test_unusable_setting_is_told_before_anything_runs(start, monkeypatch, capsys):
    monkeypatch.setenv("AS_OF_DATE", "yesterday")
    assert start() == (2, [])
    assert "AS_OF_DATE='yesterday' is no date" in capsys.readouterr().err
