"""The benchmark's figures as a page of the documentation."""

import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.cost import Cost

_PACKAGES = ("dagster", "dagster-dbt", "dbt-core", "dbt-duckdb", "duckdb", "polars", "scikit-learn", "lightgbm")

# What each part of the page begins with, in their order.
_MARKS = {
    "orchestration": "",
    "sessions": "<!-- sessions and features: tests/benchmarks/sessions.py -->",
    "loading": "<!-- loading: tests/benchmarks/loading.py -->",
}

RAW_SQL = "the compiled SQL alone, in one DuckDB process"
DBT_BUILD = "`dbt build`, project parsed already"
DAGSTER_RUN = "the Dagster run"
DAGSTER_IMPORT = "`import dagster, dagster_dbt`"
DEFINITIONS_IMPORT = "`import dagster_project.definitions`"


@dataclass(frozen=True)
class Figures:
    """All that one benchmark measured."""

    nodes: int
    build: Mapping[str, Cost]
    imports: Mapping[str, Cost]
    ui: Cost
    demo: Cost
    repetitions: int
    import_repetitions: int


@dataclass(frozen=True)
class Target:
    """A figure, and what it must not exceed."""

    what: str
    measured: float
    limit: float
    unit: str

    @property
    def is_met(self) -> bool:
        """Whether the measured figure is within the limit."""
        return self.measured <= self.limit


def targets_of(figures: Figures) -> list[Target]:
    """What is asked of the orchestration, with what was measured."""
    build, imports = figures.build, figures.imports
    return [
        Target("The Dagster run against `dbt build`, CPU", build[DAGSTER_RUN].cpu / build[DBT_BUILD].cpu, 3.0, "x"),
        Target(
            "Importing the definitions against importing dagster and dagster_dbt, CPU",
            imports[DEFINITIONS_IMPORT].cpu / imports[DAGSTER_IMPORT].cpu,
            1.3,
            "x",
        ),
        Target("A warm start of the UI, all processes", figures.ui.cpu, 15.0, " CPU-s"),
    ]


def write_report(path: Path, figures: Figures) -> None:
    """Writes this benchmark's part of the page, anew as a whole; the part of sessions stays."""
    write_parts(path, orchestration="\n".join(_lines(figures)) + "\n")


def write_parts(path: Path, **given: str) -> None:
    """Replaces the parts that are given (orchestration, sessions, loading); each benchmark writes its own."""
    parts = _split(path.read_text()) if path.is_file() else {}
    parts |= given
    path.parent.mkdir(parents=True, exist_ok=True)
    written = [f"{mark}\n\n{parts[name].strip()}" for name, mark in _MARKS.items() if name in parts]
    path.write_text("\n\n".join(text.strip() for text in written) + "\n")


def _split(page: str) -> dict[str, str]:
    """The parts of the page by name, without the marks that they begin with."""
    starts = sorted((page.index(mark), name) for name, mark in _MARKS.items() if mark in page)
    ends = [start for start, _ in starts[1:]] + [len(page)]
    return {name: page[start + len(_MARKS[name]) : end] for (start, name), end in zip(starts, ends, strict=True)}


def _lines(figures: Figures) -> Iterator[str]:
    yield "# What orchestration costs"
    yield ""
    yield f"Measured by `make bench` on {date.today()}, all of it in one run. {describe_machine()}."
    yield "CPU is user and system time with all children, as the kernel counts it; wall time depends on what else the"
    yield "machine does."
    yield ""
    yield "| target | measured | at most | |"
    yield "|---|---|---|---|"
    for target in targets_of(figures):
        verdict = "met" if target.is_met else "**not met**"
        yield f"| {target.what} | {target.measured:.2f}{target.unit} | {target.limit:g}{target.unit} | {verdict} |"
    yield ""
    yield "## Building and testing the marts of Complete Journey"
    yield ""
    yield f"The same {figures.nodes} dbt nodes (tables, views and their data tests) on 1.47 million order lines;"
    yield f"median of {figures.repetitions} repetitions that take turns. The Dagster run is a process of its own that"
    yield "imports the definitions, runs dbt inside, and records every table with row count, columns and lineage."
    yield ""
    yield from _tabulate(figures.build, beside=DBT_BUILD)
    yield "## Importing"
    yield ""
    yield f"New processes with compiled byte code and a parsed dbt project; median of {figures.import_repetitions}."
    yield ""
    yield from _tabulate(figures.imports, beside=DAGSTER_IMPORT)
    yield "## Whole things"
    yield ""
    whole = {
        "`dagster dev`, from its start until GraphQL lists the assets": figures.ui,
        "`make demo`: load, build, train, score, publish, from an empty folder": figures.demo,
    }
    yield from _tabulate(whole)
    yield "Versions: " + ", ".join(f"{name} {version(name)}" for name in _PACKAGES) + "."


def _tabulate(costs: Mapping[str, Cost], beside: str | None = None) -> Iterator[str]:
    yield "| | CPU (s) | wall (s) |" + (f" CPU against {beside} |" if beside else "")
    yield "|---|---|---|" + ("---|" if beside else "")
    for name, cost in costs.items():
        ratio = f" {cost.cpu / costs[beside].cpu:.2f}x |" if beside else ""
        yield f"| {name} | {cost.cpu:.1f} | {cost.wall:.1f} |{ratio}"
    yield ""


def describe_machine() -> str:
    """Cores, memory and Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB of memory, Python {platform.python_version()}"
