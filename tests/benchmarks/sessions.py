"""What sessions and their features cost, beside other ways to compute the same; writes docs/benchmarks.md.

``python -m tests.benchmarks.sessions [--quick | sizes]``. Every figure is of a process of its own. Ends with the
status 1 when the competitors do not agree in every feature, or a target is missed.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import polars as pl

from dagster_project.settings import PROJECT_ROOT
from tests.benchmarks.cost import Cost, measure
from tests.benchmarks.events import write_events
from tests.benchmarks.session_features import AS_OF
from tests.benchmarks.sessions_report import Night, Size, targets_of, write_section

SIZES = (1_000_000, 10_000_000, 50_000_000)
# pandas needs some 1.5 KB of memory per event, polars 0.7 even where it streams, Featuretools minutes per million.
FRAMES_LIMIT = 12_000_000
FEATURETOOLS_LIMIT = 1_500_000
MEMORY_LIMIT = "4GB"
REPORT = PROJECT_ROOT / "docs" / "benchmarks.md"
PEERS = PROJECT_ROOT / ".venv-peers" / "bin" / "python"
SCAN, QUERY, MODELS, POLARS, PANDAS = "a scan of the columns", "one query by hand", "the models", "polars", "pandas"
FEATURETOOLS = "Featuretools (its own features)"

# Nodes whose work depends on what is new, not on how many customers there are.
NEW_DATA_NODES = {
    "int_repeated_events", "int_visitor_slots", "int_sessions", "int_session_parts", "int_visitor_links",
    "int_visitor_owners", "int_customer_days",
}  # fmt: skip


class ResultsDifferError(RuntimeError):
    """Competitors computed different features; their times say nothing then."""


@dataclass
class Bench:
    """One size: its events, and where results go."""

    folder: Path
    results: dict[str, Path] = field(default_factory=dict)

    @property
    def events(self) -> str:
        """The folder of the Parquet files."""
        return str(self.folder / "events")

    def competitor(self, name: str, module: str, *options: str) -> Cost:
        """Runs another way to compute the features."""
        self.results[name] = self.folder / f"{module}.parquet"
        return self._measure(sys.executable, "-m", f"tests.benchmarks.{module}", self.events, str(self.results[name]),
                             *options)  # fmt: skip

    def scan(self) -> Cost:
        """Reads the columns."""
        return self._measure(sys.executable, "-m", "tests.benchmarks.session_scan", self.events)

    def featuretools(self) -> Cost:
        """Featuretools in its own environment."""
        return self._measure(str(PEERS), "tests/benchmarks/featuretools_features.py", self.events)

    def load(self, condition: str = "true") -> None:
        """Events into the warehouse; not part of any figure."""
        self._models("load", self.events, condition)

    def build(self, as_of: str, *options: str) -> tuple[Cost, dict[str, float]]:
        """What a build cost as a process, and its nodes by themselves."""
        cost = self._models("build", as_of, *options)
        return cost, json.loads((self.folder / "log").read_text().splitlines()[-1])

    def keep_features(self) -> None:
        """The features of the models as a file like those of the others.

        Without people who have no session any more: only the models know that a device was theirs once.
        """
        self.results[MODELS] = self.folder / "models.parquet"
        with duckdb.connect(str(self.folder / "home" / "warehouse.duckdb"), read_only=True) as connection:
            connection.execute(
                f"""copy (select * exclude (as_of_date) from intermediate.int_session_features
                where as_of_date = date '{AS_OF}' and session_count > 0) to '{self.results[MODELS]}'"""
            )

    def clear(self) -> None:
        """An empty installation."""
        shutil.rmtree(self.folder / "home", ignore_errors=True)

    def _models(self, *arguments: str) -> Cost:
        return self._measure(sys.executable, "-m", "tests.benchmarks.session_models", *arguments)

    def _measure(self, *command: str) -> Cost:
        environment = {**os.environ, "SEGMENTS_HOME": str(self.folder / "home"), "DUCKDB_MEMORY_LIMIT": MEMORY_LIMIT}
        return measure(command, environment, self.folder / "log")


def compare(results: dict[str, Path]) -> int:
    """Number of customers; raises ResultsDifferError unless all agree in customers and in every feature."""
    frames = {name: pl.read_parquet(path).sort("customer_id") for name, path in results.items()}
    (first, expected), *others = frames.items()
    for name, frame in others:
        if set(frame.columns) != set(expected.columns) or not frame["customer_id"].equals(expected["customer_id"]):
            raise ResultsDifferError(f"{name} has other customers or columns than {first}")
        for column in sorted(set(expected.columns) - {"customer_id"}):
            ours, theirs = (found[column].cast(pl.Float64) for found in (expected, frame))
            error = (ours - theirs).abs() / pl.Series(pl.select(pl.max_horizontal(ours.abs(), pl.lit(1.0))).to_series())
            differing = ((ours.is_null() != theirs.is_null()) | (error > 1e-9).fill_null(False)).sum()
            if differing:
                raise ResultsDifferError(f"{name} and {first} differ in {column} of {differing} customers")
    return expected.height


def measure_size(count: int, bench: Bench) -> Size:
    """All competitors that can do this size, each once, and one new day on a year."""
    size = Size(write_events(Path(bench.events), count))
    _tell(f"{size.events} events")
    cases: dict[str, Callable[[], Cost]] = {
        SCAN: bench.scan,
        QUERY: lambda: bench.competitor(QUERY, "session_query", MEMORY_LIMIT),
    }
    if count <= FRAMES_LIMIT:
        cases[POLARS] = lambda: bench.competitor(POLARS, "session_polars")
        cases[PANDAS] = lambda: bench.competitor(PANDAS, "session_pandas")
    if count <= FEATURETOOLS_LIMIT and PEERS.is_file():
        cases[FEATURETOOLS] = bench.featuretools
    for name, run in cases.items():
        size.costs[name] = run()
        _tell(f"{name}: {size.costs[name].cpu:.1f} CPU-s")
    size.night = measure_night(bench, size)
    size.customers = compare(bench.results)
    return size


def measure_night(bench: Bench, size: Size) -> Night:
    """A year less a day, then the day; then all of it anew, which is the figure of the models."""
    cut = f"timestamp '{AS_OF}'"
    bench.clear()
    bench.load(f"arrived_at < {cut}")
    bench.build(str(AS_OF.replace(day=AS_OF.day - 1)))
    bench.load(f"arrived_at >= {cut} and arrived_at < {cut} + interval 1 day")
    day, nodes = bench.build(str(AS_OF))
    size.costs[MODELS], rebuilt = bench.build(str(AS_OF), "--full-refresh")
    size.nodes = rebuilt
    _tell(f"{MODELS}: {size.model_cpu:.1f} CPU-s and {rebuilt['dbt']:.1f} of dbt itself")
    bench.keep_features()
    new = sum(seconds for name, seconds in nodes.items() if name in NEW_DATA_NODES)
    _tell(f"one new day: {sum(nodes.values()) - nodes['dbt']:.1f} CPU-s, {new:.1f} of it for what is new")
    return Night(day, nodes, new)


def main(arguments: list[str]) -> int:
    """Measures, writes the report, and returns 1 when a target is missed."""
    counts = SIZES[:1] if arguments == ["--quick"] else [int(float(count)) for count in arguments] or SIZES
    sizes = []
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            sizes.append(measure_size(count, Bench(Path(folder))))
    write_section(REPORT, sizes, memory_limit=MEMORY_LIMIT)
    missed = [target for target in targets_of(sizes) if not target.is_met]
    for target in missed:
        _tell(f"MISSED: {target.what}: {target.measured:.2f}{target.unit}, not {target.limit:g}{target.unit}")
    return 1 if missed else 0


def _tell(text: str) -> None:
    sys.stdout.write(f"  {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
