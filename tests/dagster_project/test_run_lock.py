import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.dagster_home import prepare_dagster_home
from dagster_project.file_lock import is_locked, try_lock, write_holder
from dagster_project.run_lock import RunLock, is_run_alive
from dagster_project.settings import read_settings

PATIENCE_SECONDS = 60

RUN_IDS = {
    name: str(uuid.uuid5(uuid.NAMESPACE_OID, name)) for name in ("holder", "waiting_1", "waiting_2", "interrupted")
}


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the expected state did not come"
        time.sleep(0.05)


def messages_of(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    return [entry.user_message or entry.message for entry in instance.all_logs(run_id)]


def status_of(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status


def open_instance(home: Path) -> dg.DagsterInstance:
    return dg.DagsterInstance.from_config(str(prepare_dagster_home(read_settings({"SEGMENTS_HOME": str(home)}))))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with open_instance(home) as instance:
        yield instance


def run_job(
    instance: dg.DagsterInstance, home: Path, steps: list[Callable[[], object]], **lock: float
) -> dg.ExecuteInProcessResult:
    def make_op(number: int, body: Callable[[], object]) -> dg.OpDefinition:
        @dg.op(name=f"step_{number}", pool="warehouse_writer", ins={"start": dg.In(dg.Nothing)})
        def step(run_lock: RunLock) -> None:
            body()

        return step

    resources = {"run_lock": RunLock(path=str(home / "run.lock"), **lock)}

    @dg.job(executor_def=dg.in_process_executor, resource_defs=resources)
    def job() -> None:
        previous = None
        for number, body in enumerate(steps):
            previous = make_op(number, body)() if previous is None else make_op(number, body)(previous)

    return job.execute_in_process(instance=instance, raise_on_error=False)


@dataclass(frozen=True)
class KilledHolder:
    """What was seen as three runs waited, one of them was interrupted and the holder was killed."""

    holder_pid: int
    claimed_while_waiting: set[str]
    exit_codes: dict[str, int]
    statuses: dict[str, dg.DagsterRunStatus]
    messages: dict[str, list[str]]
    claimed_at_end: set[str]
    order: list[str]


@pytest.fixture(scope="module")
def killed_holder(tmp_path_factory: pytest.TempPathFactory) -> KilledHolder:
    folder = tmp_path_factory.mktemp("segments_home")
    names = list(RUN_IDS)
    processes: dict[str, subprocess.Popen] = {}
    with open_instance(folder) as instance, ended(processes):
        processes["holder"] = start_run("holder", folder)
        wait_until((folder / "holder.started").exists)
        for name in names[1:]:
            processes[name] = start_run(name, folder)
        for name in names[1:]:
            wait_until(lambda name=name: is_waiting(instance, RUN_IDS[name]))
        claimed_while_waiting = instance.event_log_storage.get_concurrency_run_ids()
        processes["interrupted"].send_signal(signal.SIGINT)
        interrupted_code = processes["interrupted"].wait(PATIENCE_SECONDS)
        processes["holder"].kill()
        wait_until(lambda: any((folder / f"{name}.started").exists() for name in names[1:]))
        (folder / "go").touch()
        codes = {name: process.wait(PATIENCE_SECONDS) for name, process in processes.items()}
        return KilledHolder(
            holder_pid=processes["holder"].pid,
            claimed_while_waiting=claimed_while_waiting,
            exit_codes={**codes, "interrupted": interrupted_code},
            statuses={name: status_of(instance, RUN_IDS[name]) for name in names},
            messages={name: messages_of(instance, RUN_IDS[name]) for name in names},
            claimed_at_end=instance.event_log_storage.get_concurrency_run_ids(),
            order=(folder / "order").read_text().split(),
        )


@contextmanager
def ended(processes: dict[str, subprocess.Popen]) -> Iterator[None]:
    try:
        yield
    finally:
        for process in processes.values():
            process.kill()
            process.wait()


def start_run(name: str, folder: Path) -> subprocess.Popen:
    script = Path(__file__).with_name("locked_run.py")
    return subprocess.Popen(
        [sys.executable, str(script), name, str(folder), RUN_IDS[name]],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def is_waiting(instance: dg.DagsterInstance, run_id: str) -> bool:
    return instance.has_run(run_id) and any("Waiting for" in text for text in messages_of(instance, run_id))


def test_runs_that_wait_claim_no_pool_slot(killed_holder):
    assert killed_holder.claimed_while_waiting == {RUN_IDS["holder"]}


def test_runs_that_wait_name_the_holder(killed_holder):
    expected = f"Waiting for run {RUN_IDS['holder']} in process {killed_holder.holder_pid} to end"
    for name in ("waiting_1", "waiting_2"):
        assert any(text.startswith(expected) for text in killed_holder.messages[name])


def test_record_of_a_killed_run_is_ended_by_the_next_run(killed_holder):
    assert killed_holder.exit_codes["holder"] == -signal.SIGKILL
    assert killed_holder.statuses["holder"] == dg.DagsterRunStatus.FAILURE
    assert any("died without a word" in text for text in killed_holder.messages["holder"])


def test_pool_slot_of_a_killed_run_is_freed(killed_holder):
    assert killed_holder.claimed_at_end == set()


def test_runs_that_wait_survive_the_clearing_up_and_succeed_one_after_the_other(killed_holder):
    for name in ("waiting_1", "waiting_2"):
        assert killed_holder.exit_codes[name] == 0
        assert killed_holder.statuses[name] == dg.DagsterRunStatus.SUCCESS
    assert sorted(killed_holder.order) == ["holder", "waiting_1", "waiting_2"]


def test_interrupted_run_stops_waiting(killed_holder):
    assert killed_holder.exit_codes["interrupted"] != 0
    assert killed_holder.statuses["interrupted"] in {
        dg.DagsterRunStatus.FAILURE,
        dg.DagsterRunStatus.CANCELED,
    }


def test_lock_is_taken_once_and_held_through_all_steps(instance, home):
    seen = []
    look = lambda: seen.append(is_locked(home / "run.lock"))  # noqa: E731
    result = run_job(instance, home, [look, look])
    made = [event for event in result.all_events if event.event_type_value == "RESOURCE_INIT_SUCCESS"]
    assert seen == [True, True]
    assert len(made) == 1
    assert not is_locked(home / "run.lock")


def test_run_that_waits_too_long_fails_and_names_the_holder(instance, home):
    descriptor = try_lock(home / "run.lock")
    write_holder(descriptor, {"pid": 4711, "run_id": "nightly-7"})
    result = run_job(instance, home, [lambda: None], wait_seconds=0)
    os.close(descriptor)
    assert not result.success
    error = next(event for event in result.all_events if event.is_job_failure).job_failure_data.error
    assert "run nightly-7 in process 4711 still holds" in error.to_string()


def test_run_that_was_ended_while_it_waited_does_nothing(instance, home):
    descriptor = try_lock(home / "run.lock")
    steps_done, results = [], []
    runner = threading.Thread(target=lambda: results.append(run_job(instance, home, [lambda: steps_done.append(1)])))
    runner.start()
    wait_until(lambda: any(is_waiting(instance, run.run_id) for run in instance.get_runs()))
    run = instance.get_runs()[0]
    instance.report_run_canceled(run, "ended by hand")
    os.close(descriptor)
    runner.join(PATIENCE_SECONDS)
    assert [result.success for result in results] == [False]
    assert steps_done == []


def add_run(instance: dg.DagsterInstance, run_id: str, status: dg.DagsterRunStatus) -> None:
    instance.add_run(dg.DagsterRun(job_name="nightly", run_id=run_id, status=status))


def register_dead(home: Path, run_id: str) -> Path:
    registration = home / "running" / run_id
    registration.parent.mkdir(exist_ok=True)
    registration.touch()
    return registration


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE),
        (dg.DagsterRunStatus.CANCELING, dg.DagsterRunStatus.CANCELED),
    ],
)
def test_dead_run_ends_as_what_it_was_about_to_be(instance, home, before, after):
    add_run(instance, "dead", before)
    register_dead(home, "dead")
    assert run_job(instance, home, [lambda: None]).success
    assert status_of(instance, "dead") == after


def test_started_run_that_has_not_come_as_far_as_the_lock_is_left_alone(instance, home):
    add_run(instance, "importing", dg.DagsterRunStatus.STARTED)
    assert is_run_alive(home / "run.lock", "importing") is None
    assert run_job(instance, home, [lambda: None]).success
    assert status_of(instance, "importing") == dg.DagsterRunStatus.STARTED


def test_registrations_of_finished_runs_are_removed(instance, home):
    add_run(instance, "done", dg.DagsterRunStatus.SUCCESS)
    registration = register_dead(home, "done")
    assert run_job(instance, home, [lambda: None]).success
    assert not registration.exists()


def test_run_reads_as_alive_until_its_success_is_on_record(instance, home):
    result = run_job(instance, home, [lambda: None])
    assert is_run_alive(home / "run.lock", result.run_id) is True
    assert run_job(instance, home, [lambda: None]).success
    assert is_run_alive(home / "run.lock", result.run_id) is None


def test_pool_slots_of_a_run_that_is_gone_are_freed(instance, home):
    add_run(instance, "gone", dg.DagsterRunStatus.FAILURE)
    instance.event_log_storage.set_concurrency_slots("warehouse_writer", 1)
    claim = instance.event_log_storage.claim_concurrency_slot("warehouse_writer", "gone", "step")
    assert claim.is_claimed
    assert run_job(instance, home, [lambda: None]).success
    assert instance.event_log_storage.get_concurrency_run_ids() == set()
