"""Starts runs as Dagster's default launcher does, and can also tell whether a run still lives.

The default launcher has no health check, so that after a power cut the record of a run stays "started", and
keeps its place in the queue and the pool, until the longest allowed run time is over. With a health check,
the daemon's run monitoring ends such a record within one poll.
"""

import json

import dagster as dg
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import deserialize_value

from dagster_project.run_lock import is_run_alive
from dagster_project.settings import read_settings

HEALTH_TIMEOUT_SECONDS = 10


class CheckedRunLauncher(DefaultRunLauncher):
    """DefaultRunLauncher with a worker health check for Dagster's run monitoring."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """True: run monitoring asks this launcher about each started run."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """RUNNING or FAILED for the process of ``run``.

        The lock that a run holds decides wherever it has one. Before that, the code server that started
        the run is asked; a run from the command line has none, and counts as running until it has a lock.
        """
        is_alive = is_run_alive(read_settings().run_lock_path, run.run_id)
        if is_alive is None:
            return self._ask_code_server(run)
        if is_alive:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.FAILED, "The run's process died: nobody holds its lock.")

    def _ask_code_server(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        if GRPC_INFO_TAG not in run.tags:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        address = json.loads(run.tags[GRPC_INFO_TAG])
        client = DagsterGrpcClient(
            port=address.get("port"),
            socket=address.get("socket"),
            host=address.get("host"),
            use_ssl=bool(address.get("use_ssl", False)),
        )
        try:
            answer = deserialize_value(
                client.can_cancel_execution(
                    CanCancelExecutionRequest(run_id=run.run_id), timeout=HEALTH_TIMEOUT_SECONDS
                ),
                CanCancelExecutionResult,
            )
        except DagsterUserCodeUnreachableError:
            return CheckRunHealthResult(WorkerStatus.FAILED, "The code server that started this run is gone.")
        if answer.can_cancel:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.FAILED, "The code server no longer runs this run.")
