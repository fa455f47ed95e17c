"""What a process and its children cost: processor seconds from the kernel, and wall seconds."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from dagster_project.settings import PROJECT_ROOT

POLL_SECONDS = 0.25
PATIENCE_SECONDS = 300
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_ASSETS_QUERY = json.dumps({"query": "{ assetNodes { id } }"}).encode()


@dataclass(frozen=True)
class Cost:
    """Processor seconds (user and system, with all children), wall seconds, and the most memory held, in MiB."""

    cpu: float
    wall: float
    peak: float = 0.0


def median_cost(costs: Sequence[Cost]) -> Cost:
    """The middle of repetitions, each figure by itself."""
    return Cost(median(cost.cpu for cost in costs), median(cost.wall for cost in costs))


def measure(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Cost:
    """Runs a command to its end; raises RuntimeError with the end of its output when it fails."""
    started = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=PROJECT_ROOT, env=environment, stdout=output, stderr=output)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{log.read_text()[-2000:]}")
    return Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - started, usage.ru_maxrss / 1024)


def alternate(
    cases: Mapping[str, Callable[[], Cost]], *, repetitions: int, tell: Callable[[str], None]
) -> dict[str, Cost]:
    """Median cost of each case; they take turns, so that a busy minute of the machine hits all of them."""
    costs: dict[str, list[Cost]] = {name: [] for name in cases}
    for repetition in range(repetitions):
        for name, run in cases.items():
            costs[name].append(run())
            tell(f"{name}, {repetition + 1} of {repetitions}: {costs[name][-1].cpu:.1f} CPU-s")
    return {name: median_cost(found) for name, found in costs.items()}


def measure_ui(environment: Mapping[str, str], log: Path) -> Cost:
    """Starts ``dagster dev`` as ``make ui`` does, until its GraphQL lists the assets, and ends it."""
    port = _free_port()
    command = [str(Path(sys.executable).with_name("dagster")), "dev", "-w", "workspace.yaml"]
    started = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "-h", "127.0.0.1", "-p", str(port)],
            cwd=PROJECT_ROOT,
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            while not _lists_assets(port):
                if process.poll() is not None or time.monotonic() - started > PATIENCE_SECONDS:
                    raise RuntimeError(f"dagster dev did not come up:\n{log.read_text()[-2000:]}")
                time.sleep(POLL_SECONDS)
            return Cost(_session_cpu(process.pid), time.monotonic() - started)
        finally:
            _end_session(process)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _lists_assets(port: int) -> bool:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql", data=_ASSETS_QUERY, headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return bool(json.load(response)["data"]["assetNodes"])
    except OSError:
        return False


def _session_cpu(session: int) -> float:
    """Processor seconds so far of all processes of a session, and of their children that have ended."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in parentheses may hold spaces; what follows it is fixed.
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[3]) == session:
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / _TICKS_PER_SECOND


def _end_session(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=30)
    # What does not end by itself in this time would burden the next measurement.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
