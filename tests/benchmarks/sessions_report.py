"""The figures of sessions and features as a part of docs/benchmarks.md."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.cost import Cost
from tests.benchmarks.report import describe_machine, write_parts

_PACKAGES = ("dbt-core", "dbt-duckdb", "duckdb", "polars", "pandas", "numpy", "pyarrow")
_QUERY, _MODELS, _POLARS, _FEATURETOOLS = (
    "one query by hand", "the models", "polars", "Featuretools (its own features)",
)  # fmt: skip


@dataclass(frozen=True)
class Night:
    """One new day on a year: the whole process, CPU seconds by node, and of the nodes that follow the new data."""

    cost: Cost
    nodes: dict[str, float]
    new_data_cpu: float

    @property
    def cpu(self) -> float:
        """CPU seconds of all nodes."""
        return sum(self.nodes.values()) - self.nodes["dbt"]


@dataclass
class Size:
    """What was measured with so many events."""

    events: int
    customers: int = 0
    costs: dict[str, Cost] = field(default_factory=dict)
    nodes: dict[str, float] = field(default_factory=dict)
    night: Night | None = None

    @property
    def model_cpu(self) -> float:
        """CPU seconds of the models' nodes in a full build."""
        return sum(self.nodes.values()) - self.nodes["dbt"]


@dataclass(frozen=True)
class Target:
    """A figure, and the bound that it must keep on its side of."""

    what: str
    measured: float
    limit: float
    unit: str
    is_floor: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the measured figure keeps to the bound."""
        return self.measured >= self.limit if self.is_floor else self.measured <= self.limit


def targets_of(sizes: Sequence[Size]) -> list[Target]:
    """What is asked, with what was measured at each size."""
    found = []
    for size in sizes:
        at = f", {_millions(size.events)} events"
        found.append(Target(f"The models against the query by hand{at}", _against(size, _QUERY), 1.3, "x"))
        if _POLARS in size.costs:
            found.append(Target(f"The models against polars{at}", _against(size, _POLARS), 1.0, "x"))
        if _FEATURETOOLS in size.costs:
            against = size.costs[_FEATURETOOLS].cpu / size.model_cpu
            found.append(Target(f"Featuretools against the models{at}", against, 25, "x", is_floor=True))
        if size.night:
            share = 100 / size.model_cpu
            found.append(Target(f"One new day against a rebuild{at}", share * size.night.cpu, 7, " %"))
            new = share * size.night.new_data_cpu
            found.append(Target(f"... of which what depends on new data alone{at}", new, 2, " %"))
    per_event = [size.model_cpu / size.events for size in sizes]
    if len(sizes) > 1:
        growth = per_event[-1] / per_event[-2]
        what = f"CPU per event, {_millions(sizes[-1].events)} against {_millions(sizes[-2].events)} events"
        found.append(Target(what, growth, 1.2, "x"))
    return found


def write_section(path: Path, sizes: Sequence[Size], *, memory_limit: str) -> None:
    """Replaces this part of the page."""
    write_parts(path, sessions="\n".join(_lines(sizes, memory_limit)))


def _lines(sizes: Sequence[Size], memory_limit: str) -> Iterator[str]:
    yield "# What sessions and their features cost"
    yield ""
    yield f"Measured by `make bench` on {date.today()}. {describe_machine()}. A made-up year of events in monthly"
    yield "Parquet files: some 50 events per visitor, 8 per session, late and repeated ones, bots and shared devices"
    yield "among them. Everything is a process of its own, run once. All but Featuretools give the same 70 features of"
    yield "the same customers to nine digits, or the benchmark ends with an error. DuckDB may hold"
    yield f"{memory_limit} of memory, in the query by hand and in the models. CPU of the models is that of their SQL;"
    yield "what dbt itself takes (starting, reading the project, for each node as much as one that only makes a view)"
    yield "comes on top and is the same for any number of events."
    yield ""
    yield "| target | measured | bound | |"
    yield "|---|---|---|---|"
    for target in targets_of(sizes):
        verdict = "met" if target.is_met else "**not met**"
        bound = f"at {'least' if target.is_floor else 'most'} {target.limit:g}{target.unit}"
        yield f"| {target.what} | {target.measured:.2f}{target.unit} | {bound} | {verdict} |"
    yield ""
    for size in sizes:
        yield from _describe(size)
    yield from _growth(sizes)
    yield "Versions: " + ", ".join(f"{name} {version(name)}" for name in _PACKAGES) + "."


def _describe(size: Size) -> Iterator[str]:
    yield f"## {size.events:,} events, {size.customers:,} customers"
    yield ""
    yield "| | CPU (s) | wall (s) | most memory (MiB) | CPU against the models |"
    yield "|---|---|---|---|---|"
    for name, cost in size.costs.items():
        cpu = size.model_cpu if name == _MODELS else cost.cpu
        yield f"| {name} | {cpu:.1f} | {cost.wall:.1f} | {cost.peak:,.0f} | {cpu / size.model_cpu:.2f}x |"
    if _FEATURETOOLS not in size.costs:
        yield f"| {_FEATURETOOLS} | not measured: 1 million events at most, and `make bench-peers` first | | | |"
    yield ""
    yield f"dbt itself: {size.nodes['dbt']:.1f} CPU-s, which the wall time of the models holds as well."
    yield ""
    if size.night:
        nodes = {name for name, cpu in size.nodes.items() if cpu >= 0.01 * size.model_cpu} - {"dbt"}
        yield "| node | all events (CPU-s) | one new day (CPU-s) |"
        yield "|---|---|---|"
        for name in (name for name in size.nodes if name in nodes):
            yield f"| {name} | {size.nodes[name]:.2f} | {size.night.nodes.get(name, 0):.2f} |"
        yield f"| all nodes | {size.model_cpu:.2f} | {size.night.cpu:.2f} |"
        yield ""


def _growth(sizes: Sequence[Size]) -> Iterator[str]:
    yield "## How the models' cost grows"
    yield ""
    yield "| events | CPU (s) | CPU per million events (s) | most memory (MiB) | one new day (CPU-s) |"
    yield "|---|---|---|---|---|"
    for size in sizes:
        per_million = size.model_cpu / size.events * 1e6
        night = f"{size.night.cpu:.1f}" if size.night else ""
        peak = size.costs[_MODELS].peak
        yield f"| {size.events:,} | {size.model_cpu:.1f} | {per_million:.2f} | {peak:,.0f} | {night} |"
    yield ""


def _against(size: Size, peer: str) -> float:
    return size.model_cpu / size.costs[peer].cpu


def _millions(events: int) -> str:
    return f"{events / 1e6:.0f} million"
