"""Advisory locks on files (flock): the kernel drops them when their process dies, however it dies.

The holder writes who it is into the file, so that whoever waits can say whom it waits for. A lock file is
never removed while others may wait on it: a new file of the same name would be a second lock.
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


def try_lock(path: Path) -> int | None:
    """An open descriptor that holds the lock on ``path``, or None when another process holds it.

    Creates the file and its folder. The lock ends when the descriptor is closed or its process dies; child
    processes do not inherit it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


@contextmanager
def exclusive_lock(path: Path) -> Iterator[None]:
    """Holds the lock on ``path``; waits for as long as another process holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool | None:
    """Whether a living process holds the lock on ``path``; None when there is no such file."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        # Shared, so that two processes which ask at once do not take each other for the holder.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def write_holder(descriptor: int, holder: Mapping[str, object]) -> None:
    """Replaces the text of a locked file with ``holder``, on disk before it returns."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, json.dumps(dict(holder), sort_keys=True).encode(), 0)
    os.fsync(descriptor)


def read_holder(path: Path) -> dict[str, object]:
    """What the holder wrote; empty when there is no file, or nothing whole has been written yet."""
    try:
        holder = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return holder if isinstance(holder, dict) else {}


def sync_folder(folder: Path) -> None:
    """Makes the names in ``folder`` survive a power cut: a rename is durable only with its folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
