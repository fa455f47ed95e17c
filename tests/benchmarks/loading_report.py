"""The figures of loading as a part of docs/benchmarks.md."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.cost import Cost
from tests.benchmarks.report import describe_machine, write_parts
from tests.benchmarks.sessions_report import Target

# Memory beside what DuckDB is allowed: Python, Arrow, the buffers of readers.
_BESIDE_LIMIT_GB = 0.5


@dataclass
class LoadSize:
    """What was measured with so many events; ``idle`` is a load that finds nothing new."""

    events: int
    rows: int = 0
    costs: dict[str, Cost] = field(default_factory=dict)
    day_rows: int = 0
    day: Cost = field(default_factory=lambda: Cost(0, 0))
    idle: Cost = field(default_factory=lambda: Cost(0, 0))

    @property
    def against_floor(self) -> float:
        """CPU of the load by that of the plain insert."""
        return self.costs["load"].cpu / self.costs["floor"].cpu

    @property
    def day_against_share(self) -> float:
        """What a row of one more day costs, by what a row of the first load does."""
        of_day = (self.day.cpu - self.idle.cpu) / self.day_rows
        return of_day / (self.costs["load"].cpu / self.rows)


def targets_of(sizes: Sequence[LoadSize]) -> list[Target]:
    """What is asked, with what was measured at each size."""
    found = []
    for size in sizes:
        at = f", {size.events / 1e6:.0f} million events"
        found.append(Target(f"A first load against a plain insert{at}, CPU", size.against_floor, 3, "x"))
        peak = size.costs["load"].peak / 1024
        found.append(Target(f"Most memory of a first load{at}", peak, 4 + _BESIDE_LIMIT_GB, " GiB"))
    return found


def write_section(path: Path, sizes: Sequence[LoadSize], *, memory_limit: str) -> None:
    """Replaces this part of the page."""
    write_parts(path, loading="\n".join(_lines(sizes, memory_limit)))


def _lines(sizes: Sequence[LoadSize], memory_limit: str) -> Iterator[str]:
    yield "# What loading costs"
    yield ""
    yield f"Measured by `make bench` on {date.today()}. {describe_machine()}. The simulated shop with all its tables,"
    yield "dirt included, from Parquet and CSV files. The plain insert casts the same expressions to the same types"
    yield "in one transaction of one DuckDB process; it checks nothing, knows no versions and rejects no row."
    yield f"DuckDB may hold {memory_limit} in both. Each figure is of a process of its own, run once, with imports."
    yield ""
    yield "| target | measured | at most | |"
    yield "|---|---|---|---|"
    for target in targets_of(sizes):
        verdict = "met" if target.is_met else "**not met**"
        yield f"| {target.what} | {target.measured:.2f}{target.unit} | {target.limit:g}{target.unit} | {verdict} |"
    yield ""
    yield "| events | rows of all tables | | CPU (s) | wall (s) | most memory (MiB) |"
    yield "|---|---|---|---|---|---|"
    for size in sizes:
        for name, cost in (("plain insert", size.costs["floor"]), ("first load", size.costs["load"])):
            yield f"| {size.events:,} | {size.rows:,} | {name} | {cost.cpu:.1f} | {cost.wall:.1f} | {cost.peak:,.0f} |"
        day = f"{size.day_rows:,}"
        yield f"| | {day} | one more day of events | {size.day.cpu:.1f} | {size.day.wall:.1f} | {size.day.peak:,.0f} |"
        yield f"| | 0 | nothing new | {size.idle.cpu:.1f} | {size.idle.wall:.1f} | {size.idle.peak:,.0f} |"
    yield ""
    for size in sizes:
        yield f"At {size.events:,} events, a row of one more day costs {size.day_against_share:.1f} times a row of the"
        yield "first load, beyond what a load of nothing takes."
    yield ""
    yield f"Versions: duckdb {version('duckdb')}, pyarrow {version('pyarrow')}."
