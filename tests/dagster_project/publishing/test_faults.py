"""Publishing while processes die, the disk is full, and readers read."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT_ROOT = Path(__file__).parents[3]


def observe(action: str, home: Path, count: int) -> dict:
    script = Path(__file__).with_name("publish_processes.py")
    arguments = [sys.executable, str(script), action, str(home), str(count)]
    done = subprocess.run(arguments, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("kills", [5, pytest.param(100, marks=pytest.mark.soak)])
def test_killed_publish_leaves_the_old_generation_or_the_new_one_whole(tmp_path, kills):
    outcome = observe("crash", tmp_path, kills)
    assert outcome["deaths"] >= kills
    assert set(outcome["seen"]) == {"old", "new"}
    assert outcome["last"] == "g999"
    assert outcome["leftovers"] == []


def test_full_disk_is_reported_and_the_next_publish_needs_no_hand(tmp_path):
    outcome = observe("full_disk", tmp_path, 300)
    assert outcome["is_full"]
    assert "ran full: a generation needs about" in outcome["error"]
    assert outcome["names"] == [".publish.lock", "current", "g000"]
    assert outcome["status"] == 0
    assert outcome["last"] == "g001"


@pytest.mark.parametrize("publishes", [8, pytest.param(200, marks=pytest.mark.soak)])
def test_every_read_beside_publishes_is_whole(tmp_path, publishes):
    outcome = observe("readers", tmp_path, publishes)
    assert outcome["publish_failures"] == 0
    assert outcome["statuses"] == [0, 0]
    assert [reader["mixed"] for reader in outcome["counts"]] == [0, 0]
    assert max(len(reader["generations"]) for reader in outcome["counts"]) > 1
    assert len(outcome["kept"]) == 5
