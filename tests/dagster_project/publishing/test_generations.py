import errno
import os
import shutil
import stat
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from dagster_project.publishing.generations import (
    current_generation,
    list_generations,
    name_generation,
)
from dagster_project.publishing.manifest import read_manifest
from dagster_project.warehouse import open_readonly


def names_in(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_first_generation_becomes_current(publish, published):
    generation = publish("g1")
    assert os.readlink(published / "current") == "g1"
    assert current_generation(published) == generation.folder == published / "g1"
    assert read_manifest(published / "current") == generation.manifest


def test_before_the_first_publish_nothing_is_current(published):
    assert current_generation(published) is None


def test_generation_is_three_kinds_of_files_that_nobody_can_write(publish):
    folder = publish().folder
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert sorted(str(path.relative_to(folder)) for path in files) == [
        "manifest.json",
        "parquet/customer_segments.parquet",
        "parquet/segment_profiles.parquet",
        "segments.duckdb",
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o444}


def test_only_the_newest_generations_are_kept(publish, published):
    removed = [publish(name, keep=2).removed for name in ("g1", "g2", "g3", "g4")]
    assert removed == [(), (), ("g1",), ("g2",)]
    assert [folder.name for folder in list_generations(published)] == ["g3", "g4"]


def test_current_generation_is_kept_even_where_its_name_sorts_first(publish, published):
    publish("g5")
    publish("g6", keep=1)
    publish("a1", keep=1)
    assert current_generation(published) == published / "a1"
    assert (published / "g6").exists()


def test_reader_keeps_the_generation_that_it_opened(publish, published):
    publish("g1")
    path = published / "current" / "segments.duckdb"
    with open_readonly(path) as held:
        publish("g2", keep=1)
        with open_readonly(path) as fresh:
            assert fresh.execute("select distinct generation from manifest").fetchall() == [("g2",)]
        assert held.execute("select distinct generation from manifest").fetchall() == [("g1",)]
    assert names_in(published) == [".publish.lock", "current", "g2"]


def test_failed_publish_changes_nothing_and_leaves_nothing(publish, published):
    publish("g1")
    with pytest.raises(ValueError, match="no column"):
        publish("g2", sort_keys={"customer_segments": ["absent"]})
    assert current_generation(published) == published / "g1"
    assert names_in(published) == [".publish.lock", "current", "g1"]


def test_connection_can_publish_again_after_a_failure(publish):
    with pytest.raises(ValueError, match="no column"):
        publish("g1", sort_keys={"customer_segments": ["absent"]})
    assert publish("g1").manifest.generation == "g1"


def test_leftovers_of_a_publish_that_died_are_swept(publish, published):
    published.mkdir()
    for name in (".draft-g0", ".removed-g0"):
        (published / name).mkdir()
        (published / name / "segments.duckdb").write_bytes(b"half")
    (published / ".current-g0").symlink_to("g0")
    publish("g1")
    assert names_in(published) == [".publish.lock", "current", "g1"]


def test_generation_that_was_never_announced_is_written_again(publish, published):
    publish("g1")
    publish("g2")
    (published / "current").unlink()
    (published / "current").symlink_to("g1")
    publish("g2")
    assert current_generation(published) == published / "g2"


def test_current_generation_is_never_written_again(publish):
    publish("g1")
    with pytest.raises(FileExistsError, match="never written twice"):
        publish("g1")


def test_link_that_leads_nowhere_is_reported(publish, published):
    shutil.rmtree(publish("g1").folder)
    with pytest.raises(FileNotFoundError, match=r"leads to .*g1, which does not exist"):
        current_generation(published)


def test_publish_repairs_a_link_that_leads_nowhere(publish, published):
    shutil.rmtree(publish("g1").folder)
    publish("g2")
    assert current_generation(published) == published / "g2"


def test_too_little_space_is_noticed_before_anything_is_written(publish, published, monkeypatch):
    publish("g1")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1000))
    with pytest.raises(OSError, match=r"bytes and its disk has 1,000 free; free at least") as caught:
        publish("g2")
    assert caught.value.errno == errno.ENOSPC
    assert current_generation(published) == published / "g1"


@pytest.mark.parametrize("name", ["", "current", "../g1", "g1/x", ".g1", "a b"])
def test_generation_with_an_unsafe_name_is_refused(publish, name):
    with pytest.raises(ValueError, match="is no name for a generation"):
        publish(name)


def test_generation_is_named_by_utc_time_and_run():
    east = timezone(timedelta(hours=5))
    assert name_generation(datetime(2018, 1, 2, 3, 4, 5, tzinfo=east), "4b1d2c3e-77") == "20180101T220405Z-4b1d2c3e"
