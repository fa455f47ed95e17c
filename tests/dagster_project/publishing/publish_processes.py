"""Publishes in processes of their own, so that tests can kill them, starve them of disk and race them.

Arguments: what to do (crash, full_disk or readers), the home folder, and a number that says how often.
Prints what was seen as JSON. Every part forks from here, so that no process inherits an open database.
"""

import errno
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

import dagster_project.publishing
from dagster_project.publishing.generations import current_generation, publish_generation
from dagster_project.publishing.manifest import RunFacts
from dagster_project.publishing.verify import verify_generation
from dagster_project.warehouse import Warehouse, open_readonly

AS_OF_DATE = date(2017, 12, 30)
CUSTOMERS = 1_000
PUBLISHING_CODE = str(Path(dagster_project.publishing.__file__).parent)

JOIN = """
select count(*), min(segments.generation), max(segments.generation), min(scores.generation),
    max(scores.generation), (select min(generation) from manifest), (select max(generation) from manifest)
from customer_segments as segments
inner join customer_scores as scores on segments.customer_id = scores.customer_id
"""


def publish(home: Path, number: int) -> None:
    """Writes both tables with the generation's name in every row, and publishes them."""
    generation = f"g{number:03d}"
    ids = [f"c{customer}" for customer in range(CUSTOMERS)]
    segments = pl.DataFrame({"customer_id": ids, "generation": generation})
    scores = segments.with_columns(value=pl.int_range(pl.len()) * (number + 1) / 7)
    warehouse = Warehouse(path=str(home / "warehouse.duckdb"))
    warehouse.replace_tables({"segments.customer_segments": segments, "segments.customer_scores": scores})
    facts = RunFacts(as_of_date=AS_OF_DATE, created_at=datetime(2024, 1, 1, tzinfo=UTC), run_id=generation)
    with warehouse.connect() as connection:
        publish_generation(connection, published_folder=home / "published", generation=generation, facts=facts, keep=5)


def in_child(body: Callable[[], object]) -> int:
    """Runs ``body`` in a forked process and returns its exit status; negative when a signal ended it."""
    child = os.fork()
    if child == 0:
        try:
            body()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def whole_generation(home: Path) -> str:
    """The name of the published generation after checking it in full, in a process of its own."""
    answer = home / "answer"
    status = in_child(lambda: answer.write_text(verify_generation(current_generation(home / "published")).generation))
    return answer.read_text() if status == 0 else "torn"


def watch_lines(on_line: Callable[[int], object]) -> None:
    """Calls ``on_line`` with 1, 2, ... at each line of the publishing code that this process runs."""
    seen = 0

    def trace(frame, event, argument):
        nonlocal seen
        if not frame.f_code.co_filename.startswith(PUBLISHING_CODE):
            return None
        if event == "line":
            seen += 1
            on_line(seen)
        return trace

    sys.settrace(trace)


def kill_at_line(number: int) -> None:
    """Makes this process die at the ``number``-th line of the publishing code that it runs from now on."""
    watch_lines(lambda line: line == number and os.kill(os.getpid(), signal.SIGKILL))


def kill_after(seconds: float) -> None:
    """Makes the kernel end this process, without a chance to clean up, after ``seconds``."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)


def crash(home: Path, kills: int) -> dict[str, object]:
    """Kills a publish at evenly spaced lines and then at evenly spaced moments, ``kills`` times each."""
    in_child(lambda: publish(home, 0))
    line_count = count_lines(home)
    started = time.monotonic()
    in_child(lambda: publish(home, 2))
    seconds = time.monotonic() - started
    deaths, seen, before = 0, [], "g002"
    moments = [(kill_at_line, 1 + (line_count - 1) * kill // (kills - 1)) for kill in range(kills)]
    moments += [(kill_after, seconds * (kill + 0.5) / kills) for kill in range(kills)]
    for number, (arm, moment) in enumerate(moments, start=3):
        status = in_child(lambda arm=arm, moment=moment, number=number: (arm(moment), publish(home, number)))
        deaths += status < 0
        after = whole_generation(home)
        seen.append("old" if after == before else "new" if after == f"g{number:03d}" else after)
        before = after
    in_child(lambda: publish(home, 999))
    leftovers = [path.name for path in (home / "published").iterdir() if path.name.startswith((".draft", ".r"))]
    return {"deaths": deaths, "seen": seen, "last": whole_generation(home), "leftovers": leftovers}


def count_lines(home: Path) -> int:
    """How many lines of the publishing code one publish runs."""
    counter = home / "lines"

    def count() -> None:
        lines = []
        watch_lines(lines.append)
        publish(home, 1)
        sys.settrace(None)
        counter.write_text(str(lines[-1]))

    in_child(count)
    return int(counter.read_text())


def full_disk(home: Path, kibibytes: int) -> dict[str, object]:
    """Publishes where no file may grow beyond ``kibibytes``, and again in the same process without limit."""
    in_child(lambda: publish(home, 0))
    answer = home / "failure"

    def starve() -> None:
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        warehouse = Warehouse(path=str(home / "warehouse.duckdb"))
        facts = RunFacts(as_of_date=AS_OF_DATE, created_at=datetime(2024, 1, 1, tzinfo=UTC), run_id="r")
        arguments = {"published_folder": home / "published", "generation": "g001", "facts": facts, "keep": 5}
        with warehouse.connect() as connection:
            resource.setrlimit(resource.RLIMIT_FSIZE, (kibibytes * 1024, most))
            try:
                publish_generation(connection, **arguments)
            except OSError as error:
                resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
                is_full = error.errno == errno.ENOSPC
                names = sorted(path.name for path in (home / "published").iterdir())
                answer.write_text(json.dumps({"error": str(error), "is_full": is_full, "names": names}))
                publish_generation(connection, **arguments)

    status = in_child(starve)
    return {"status": status, "last": whole_generation(home), **json.loads(answer.read_text())}


def read_until_told(home: Path, reader: int) -> None:
    """Joins the published tables over and over, through one path, while an older connection stays open."""
    path = home / "published" / "current" / "segments.duckdb"
    counts = {"reads": 0, "mixed": 0, "generations": set()}
    with open_readonly(path):
        while not (home / "stop").exists():
            with open_readonly(path) as connection:
                rows, *names = connection.execute(JOIN).fetchone()
            counts["reads"] += 1
            counts["mixed"] += rows != CUSTOMERS or len(set(names)) != 1
            counts["generations"].add(names[0])
            if counts["reads"] % 10 == 0:
                verify_generation(current_generation(home / "published"))
    counts["generations"] = sorted(counts["generations"])
    (home / f"reader_{reader}").write_text(json.dumps(counts))


def readers(home: Path, publishes: int) -> dict[str, object]:
    """Publishes ``publishes`` times beside two readers; reports what each of them read."""
    in_child(lambda: publish(home, 0))
    children = []
    for reader in range(2):
        child = os.fork()
        if child == 0:
            os._exit(in_child(lambda reader=reader: read_until_told(home, reader)))
        children.append(child)
    failures = [in_child(lambda number=number: publish(home, number)) for number in range(1, publishes + 1)]
    (home / "stop").touch()
    statuses = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    counts = [json.loads((home / f"reader_{reader}").read_text()) for reader in range(2)]
    kept = sorted(path.name for path in (home / "published").glob("[!.]*") if not path.is_symlink())
    return {"publish_failures": sum(failures), "statuses": statuses, "counts": counts, "kept": kept}


if __name__ == "__main__":
    action = {"crash": crash, "full_disk": full_disk, "readers": readers}[sys.argv[1]]
    outcome = action(Path(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.write(json.dumps(outcome))
