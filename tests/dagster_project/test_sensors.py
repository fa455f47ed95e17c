import os
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
import yaml

from dagster_project.model_store import ModelStore
from dagster_project.resources import SourceFolder
from dagster_project.sensors import new_files_sensor
from tests.factories import AS_OF

Tick = tuple[dg.RunRequest | dg.SkipReason, str | None]


@pytest.fixture
def sources(tmp_path: Path) -> SourceFolder:
    """A source of all files orders*.csv, of which there is one."""
    (tmp_path / "orders_1.csv").write_text("id,customer,day\n1,c1,2024-06-01\n")
    columns = {"order_id": "id", "customer_id": "customer", "ordered_at": "day"}
    document = {
        "name": "shop",
        "title": "Shop",
        "folder": ".",
        "time_zone": "UTC",
        "currency": "EUR",
        "tables": {"orders": {"files": "orders*.csv", "columns": columns}},
    }
    (tmp_path / "shop.yml").write_text(yaml.safe_dump(document))
    return SourceFolder(path=str(tmp_path / "shop.yml"))


@pytest.fixture
def trained(models: ModelStore) -> ModelStore:
    """Models that were looked at, whatever came of it."""
    for name in ("behaviour", "churn"):
        models.note_not_trained(name, cut_off=AS_OF, reason="too few customers")
    return models


@pytest.fixture
def tick(sources: SourceFolder, trained: ModelStore) -> Callable[..., Tick]:
    """What the sensor says, and the cursor it leaves."""

    def evaluate(cursor: str | None, models: ModelStore = trained) -> Tick:
        resources = {"sources": sources, "models": models}
        with dg.build_sensor_context(cursor=cursor, resources=resources) as context:
            return new_files_sensor(context), context.cursor

    return evaluate


def test_first_look_notes_the_files_and_starts_nothing(tick):
    outcome, cursor = tick(None)
    assert isinstance(outcome, dg.SkipReason)
    assert "1 files" in outcome.skip_message
    assert cursor is not None


def test_unchanged_files_start_nothing(tick):
    _, cursor = tick(None)
    outcome, same = tick(cursor)
    assert isinstance(outcome, dg.SkipReason)
    assert same == cursor


def test_new_file_starts_a_run(tick, tmp_path):
    _, cursor = tick(None)
    (tmp_path / "orders_2.csv").write_text("id,customer,day\n2,c1,2024-06-02\n")
    outcome, moved = tick(cursor)
    assert isinstance(outcome, dg.RunRequest)
    assert moved != cursor


def test_changed_file_starts_a_run(tick, tmp_path):
    _, cursor = tick(None)
    path = tmp_path / "orders_1.csv"
    path.write_text(path.read_text() + "3,c2,2024-06-03\n")
    assert isinstance(tick(cursor)[0], dg.RunRequest)


def test_same_state_of_the_files_has_one_run_key(tick, tmp_path):
    _, cursor = tick(None)
    (tmp_path / "orders_2.csv").write_text("id,customer,day\n")
    assert tick(cursor)[0].run_key == tick(cursor)[0].run_key


def test_files_of_no_table_start_nothing(tick, tmp_path):
    _, cursor = tick(None)
    (tmp_path / "notes.txt").write_text("not ours")
    assert isinstance(tick(cursor)[0], dg.SkipReason)


def test_file_touched_to_another_time_counts_as_changed(tick, tmp_path):
    _, cursor = tick(None)
    os.utime(tmp_path / "orders_1.csv", ns=(1, 1))
    assert isinstance(tick(cursor)[0], dg.RunRequest)


def test_new_file_waits_where_no_model_can_score_yet(tick, tmp_path):
    untrained = ModelStore(path=str(tmp_path / "none"))
    _, cursor = tick(None, untrained)
    (tmp_path / "orders_2.csv").write_text("id,customer,day\n2,c1,2024-06-02\n")
    outcome, same = tick(cursor, untrained)
    assert isinstance(outcome, dg.SkipReason)
    assert same == cursor
    assert isinstance(tick(same)[0], dg.RunRequest)
