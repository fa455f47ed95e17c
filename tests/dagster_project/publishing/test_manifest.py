import json
import os
from datetime import UTC, datetime

import pytest

from dagster_project.publishing.manifest import (
    FileFacts,
    Manifest,
    RunFacts,
    TableFacts,
    describe_file,
    read_manifest,
    write_manifest,
)


@pytest.fixture
def manifest(facts) -> Manifest:
    return Manifest(
        generation="g1",
        tables={"customer_segments": TableFacts(row_count=3, content_hash="ab")},
        files={"segments.duckdb": FileFacts(byte_count=2, sha256="cd")},
        **facts.model_dump(),
    )


def test_manifest_is_read_as_it_was_written(tmp_path, manifest):
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest


def test_changed_value_is_refused(tmp_path, manifest):
    write_manifest(tmp_path, manifest)
    path = tmp_path / "manifest.json"
    path.write_text(path.read_text().replace('"row_count": 3', '"row_count": 4'))
    with pytest.raises(ValueError, match=r"manifest\.json is damaged: its text does not match"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"checksum": ""}', "\x00\x00"])
def test_text_that_is_no_manifest_is_refused_with_its_path(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ValueError, match=r"manifest\.json is damaged and cannot be read"):
        read_manifest(tmp_path)


def test_any_flipped_byte_is_refused(tmp_path, manifest):
    write_manifest(tmp_path, manifest)
    path = tmp_path / "manifest.json"
    whole = path.read_bytes()
    for position in range(0, len(whole), 7):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 4]) + whole[position + 1 :])
        with pytest.raises(ValueError, match="is damaged"):
            read_manifest(tmp_path)


def test_folder_without_a_manifest_is_no_generation(tmp_path):
    with pytest.raises(ValueError, match="it is no published generation"):
        read_manifest(tmp_path)


def test_file_is_described_by_size_and_hash(tmp_path):
    (tmp_path / "f").write_bytes(b"abc")
    # SHA-256 of "abc" as FIPS 180-2 gives it
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert describe_file(tmp_path / "f") == FileFacts(byte_count=3, sha256=expected)


def test_time_without_a_zone_is_refused(facts):
    with pytest.raises(ValueError, match="timezone"):
        RunFacts(**{**facts.model_dump(), "created_at": datetime(2018, 1, 2)})


def test_manifest_on_disk_is_plain_json_with_utc_times(tmp_path, manifest):
    write_manifest(tmp_path, manifest)
    content = json.loads((tmp_path / "manifest.json").read_text())
    assert content["as_of_date"] == "2017-12-30"
    assert datetime.fromisoformat(content["created_at"]) == datetime(2018, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert os.listdir(tmp_path) == ["manifest.json"]
