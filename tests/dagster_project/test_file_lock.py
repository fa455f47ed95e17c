import os
import subprocess
import sys

from dagster_project.file_lock import exclusive_lock, is_locked, read_holder, try_lock, write_holder


def test_lock_is_held_by_one_at_a_time(tmp_path):
    descriptor = try_lock(tmp_path / "run.lock")
    assert try_lock(tmp_path / "run.lock") is None
    os.close(descriptor)
    again = try_lock(tmp_path / "run.lock")
    assert again is not None
    os.close(again)


def test_asking_tells_held_free_and_absent_apart(tmp_path):
    path = tmp_path / "run.lock"
    assert is_locked(path) is None
    with exclusive_lock(path):
        assert is_locked(path) is True
    assert is_locked(path) is False


def test_child_process_does_not_keep_the_lock(tmp_path):
    descriptor = try_lock(tmp_path / "run.lock")
    wait_for_end = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen(wait_for_end, stdin=subprocess.PIPE) as child:
        os.close(descriptor)
        assert is_locked(tmp_path / "run.lock") is False
        child.stdin.close()


def test_shorter_holder_replaces_a_longer_one(tmp_path):
    descriptor = try_lock(tmp_path / "run.lock")
    write_holder(descriptor, {"pid": 1, "run_id": "a-long-name"})
    write_holder(descriptor, {"pid": 2, "run_id": "b"})
    os.close(descriptor)
    assert read_holder(tmp_path / "run.lock") == {"pid": 2, "run_id": "b"}


def test_holder_that_is_not_written_yet_is_empty(tmp_path):
    (tmp_path / "run.lock").write_text('{"pid": 1')
    assert read_holder(tmp_path / "run.lock") == {}
    assert read_holder(tmp_path / "absent") == {}
