import json
import os
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.launcher import DefaultRunLauncher, RunLauncher, WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._grpc.client import DagsterGrpcClient

from dagster_project.file_lock import try_lock
from dagster_project.launcher import CheckedRunLauncher


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SEGMENTS_HOME", str(tmp_path))
    return tmp_path


def started_run(**tags: str) -> dg.DagsterRun:
    return dg.DagsterRun(job_name="nightly", run_id="r1", status=dg.DagsterRunStatus.STARTED, tags=tags)


def test_run_that_holds_its_lock_is_running(home):
    descriptor = try_lock(home / "running" / "r1")
    status = CheckedRunLauncher().check_run_worker_health(started_run()).status
    os.close(descriptor)
    assert status == WorkerStatus.RUNNING


def test_run_whose_lock_nobody_holds_has_failed(home):
    os.close(try_lock(home / "running" / "r1"))
    health = CheckedRunLauncher().check_run_worker_health(started_run())
    assert health.status == WorkerStatus.FAILED
    assert "nobody holds its lock" in health.msg


def test_run_from_the_command_line_counts_as_running_until_it_has_a_lock(home):
    assert CheckedRunLauncher().check_run_worker_health(started_run()).status == WorkerStatus.RUNNING


def test_run_without_a_lock_has_failed_when_its_code_server_is_gone(home):
    run = started_run(**{GRPC_INFO_TAG: json.dumps({"host": "localhost", "socket": str(home / "no.sock")})})
    health = CheckedRunLauncher().check_run_worker_health(run)
    assert health.status == WorkerStatus.FAILED
    assert "code server that started this run is gone" in health.msg


def test_run_monitoring_asks_this_launcher():
    assert CheckedRunLauncher().supports_check_run_worker_health


def test_dagster_still_has_what_the_launcher_overrides_and_calls():
    assert issubclass(CheckedRunLauncher, DefaultRunLauncher)
    assert isinstance(RunLauncher.supports_check_run_worker_health, property)
    assert callable(RunLauncher.check_run_worker_health)
    assert callable(DagsterGrpcClient.can_cancel_execution)
    assert GRPC_INFO_TAG == ".dagster/grpc_info"
