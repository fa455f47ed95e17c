"""One run at a time, whatever started it: the UI, the daemon, a schedule or the command line.

Dagster's pools and run queue only hold back what goes through its daemon, and they keep the claims of a run
that was killed. An operating-system lock has neither fault: it covers every process on the machine, and the
kernel drops it at ``kill -9`` and at a power cut.

Each run also holds a lock on a file of its own, ``running/<run id>``, from before it waits until it ends. A
file whose lock is free is the proof that its run died; a run without a file has not come this far and is
left alone. The reasons are in docs/decisions/0004-one-run-at-a-time.md.
"""

import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from dagster_project.file_lock import is_locked, read_holder, sync_folder, try_lock, write_holder

POLL_SECONDS = 0.5

# Long enough for a full history load, shorter than the run monitoring's max_runtime_seconds.
DEFAULT_WAIT_SECONDS = 2 * 60 * 60

# Registrations of runs of this process whose resources are gone, kept locked until their success or failure
# is on record: unlocked any earlier, such a run would read as dead in the moment before.
_ENDING: dict[Path, int] = {}

_UNFINISHED = [
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


class RunLock(dg.ConfigurableResource):
    """Held from before a run's first step until after its last; other runs wait for it.

    Needs the in-process executor, which makes its resources once a run, before any step claims a pool slot.
    Every asset and check that writes under SEGMENTS_HOME requires it.
    """

    path: str
    wait_seconds: float = DEFAULT_WAIT_SECONDS
    message_every_seconds: float = 10

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["RunLock"]:
        """Waits for the lock, clears up after dead runs, and holds the lock to the end of the run.

        Raises TimeoutError naming the holder after ``wait_seconds``, and dg.Failure when the run was
        ended from outside while it waited.
        """
        run_id = context.run.run_id if context.run else "no-run"
        _close_ended(context.instance)
        with _registered(Path(self.path), run_id), self._held(context, run_id):
            _require_still_wanted(context, run_id)
            free_leftovers(context, Path(self.path), run_id)
            yield self

    @contextmanager
    def _held(self, context: dg.InitResourceContext, run_id: str) -> Iterator[None]:
        descriptor = self._wait(context)
        try:
            write_holder(descriptor, {"pid": os.getpid(), "run_id": run_id})
            yield
        finally:
            os.ftruncate(descriptor, 0)
            os.close(descriptor)

    def _wait(self, context: dg.InitResourceContext) -> int:
        started = next_message = time.monotonic()
        while (descriptor := try_lock(Path(self.path))) is None:
            now = time.monotonic()
            if now - started >= self.wait_seconds:
                raise TimeoutError(
                    f"{self._describe_holder()} still holds {self.path} after {now - started:.0f} s; let it "
                    "end or terminate it, then start this run again"
                )
            if now >= next_message:
                _log(context, f"Waiting for {self._describe_holder()} to end ({now - started:.0f} s)")
                next_message = now + self.message_every_seconds
            time.sleep(POLL_SECONDS * random.uniform(0.5, 1.5))
        return descriptor

    def _describe_holder(self) -> str:
        holder = read_holder(Path(self.path))
        return f"run {holder.get('run_id', '(unknown)')} in process {holder.get('pid', '(unknown)')}"


def is_run_alive(lock_path: Path, run_id: str) -> bool | None:
    """Whether the process of a run lives; None for a run that never came as far as the lock."""
    return is_locked(_registration(lock_path, run_id))


def free_leftovers(context: dg.InitResourceContext, lock_path: Path, own_run_id: str) -> None:
    """Ends the records of dead runs and frees the pool slots they keep; for the holder of the lock only.

    Slots are claimed by the lock's holder alone, so any other run's claim is left over.
    """
    instance = context.instance
    if instance is None:
        return
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=_UNFINISHED)):
        if run.run_id != own_run_id and is_run_alive(lock_path, run.run_id) is False:
            _end_dead_run(context, instance, run.run_id)
    _forget_finished(instance, lock_path, own_run_id)
    storage = instance.event_log_storage
    if storage.supports_global_concurrency_limits:
        for run_id in sorted(storage.get_concurrency_run_ids() - {own_run_id}):
            storage.free_concurrency_slots_for_run(run_id)
            _log(context, f"Freed the pool slots of run {run_id}: it no longer runs")


def _registration(lock_path: Path, run_id: str) -> Path:
    return lock_path.parent / "running" / run_id


@contextmanager
def _registered(lock_path: Path, run_id: str) -> Iterator[None]:
    registration = _registration(lock_path, run_id)
    # Locked under another name first: a visible registration without a lock would read as a dead run.
    hidden = registration.with_name(f".{run_id}.{os.getpid()}")
    descriptor = try_lock(hidden)
    if descriptor is None:
        raise RuntimeError(f"{hidden} is locked by another process; the same run was started twice")
    try:
        write_holder(descriptor, {"pid": os.getpid(), "run_id": run_id})
        hidden.rename(registration)
        sync_folder(registration.parent)
        yield
    finally:
        _ENDING[registration] = descriptor


def _require_still_wanted(context: dg.InitResourceContext, run_id: str) -> None:
    run = context.instance.get_run_by_id(run_id) if context.instance else None
    if run is not None and (run.is_finished or run.status == dg.DagsterRunStatus.CANCELING):
        raise dg.Failure(f"Run {run_id} was ended while it waited ({run.status.value}); it does nothing more")


def _end_dead_run(context: dg.InitResourceContext, instance: dg.DagsterInstance, run_id: str) -> None:
    # Read again after its process was seen dead: it may have finished in between.
    run = instance.get_run_by_id(run_id)
    if run is None or run.is_finished:
        return
    message = "The process of this run died without a word (killed, or a power cut); the next run cleared up."
    if run.status == dg.DagsterRunStatus.CANCELING:
        instance.report_run_canceled(run, message)
    else:
        instance.report_run_failed(run, message)
    _log(context, f"Ended the record of run {run_id}: its process died")


def _close_ended(instance: dg.DagsterInstance | None) -> None:
    for registration, descriptor in list(_ENDING.items()):
        run = instance.get_run_by_id(registration.name) if instance else None
        if run is None or run.is_finished:
            registration.unlink(missing_ok=True)
            os.close(descriptor)
            del _ENDING[registration]


def _forget_finished(instance: dg.DagsterInstance, lock_path: Path, own_run_id: str) -> None:
    for registration in sorted(_registration(lock_path, own_run_id).parent.glob("[!.]*")):
        run = instance.get_run_by_id(registration.name)
        if run is not None and run.is_finished and not is_locked(registration):
            registration.unlink(missing_ok=True)


def _log(context: dg.InitResourceContext, message: str) -> None:
    if context.log:
        context.log.info(message)
