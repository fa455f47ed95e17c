"""What orchestration costs beside the work itself, on Complete Journey; writes docs/benchmarks.md.

``make bench``. Takes some minutes, needs an otherwise idle machine, and ends with the status 1 when a target
is missed.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

from dagster_project.dbt_build import DBT_FOLDER
from dagster_project.settings import PROJECT_ROOT
from tests.benchmarks.cost import Cost, alternate, measure, measure_ui, median_cost
from tests.benchmarks.report import (
    DAGSTER_IMPORT,
    DAGSTER_RUN,
    DBT_BUILD,
    DEFINITIONS_IMPORT,
    RAW_SQL,
    Figures,
    targets_of,
    write_report,
)

REPETITIONS = 3
IMPORT_REPETITIONS = 7
REPORT = PROJECT_ROOT / "docs" / "benchmarks.md"

# The nodes that the step customer_marts builds and tests.
_MARTS = ("--exclude", "source:segmentation+", "--exclude-resource-type", "unit_test")


class Bench:
    """An installation of its own in a temporary folder, and the commands that are measured there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._target = folder / "dbt_target"
        self._warehouse = folder / "home" / "warehouse.duckdb"
        self._environment = {
            **os.environ,
            "SEGMENTS_HOME": str(folder / "home"),
            "SOURCES": str(PROJECT_ROOT / "dagster_project" / "sources" / "complete_journey.yml"),
            "DAGSTER_HOME": str(folder / "home" / "dagster"),
            "WAREHOUSE_PATH": str(self._warehouse),
            "BUSINESS_TIME_ZONE": "America/New_York",
        }

    def demo(self) -> Cost:
        """The whole loop, from nothing to a published generation."""
        return self._python("-m", "dagster_project.run")

    def raw_sql(self) -> Cost:
        """The SQL that dbt compiled last."""
        results, manifest = self._target / "run_results.json", self._target / "manifest.json"
        return self._python("-m", "tests.benchmarks.raw_sql", str(self._warehouse), str(results), str(manifest))

    def dbt_build(self) -> Cost:
        """dbt by itself, as somebody runs it in a terminal."""
        dbt = str(Path(sys.executable).with_name("dbt"))
        folders = {
            "--project-dir": DBT_FOLDER,
            "--profiles-dir": DBT_FOLDER,
            "--target-path": self._target,
            "--log-path": self._folder / "logs",
        }
        options = [word for option, folder in folders.items() for word in (option, str(folder))]
        return self._measure(dbt, "build", *_MARTS, *options, "--quiet")

    def dagster_run(self) -> Cost:
        """The same nodes as a Dagster run in a process of its own."""
        return self._python("-m", "tests.benchmarks.run_marts")

    def import_dagster(self) -> Cost:
        """What any project of this kind pays."""
        return self._python("-c", "import dagster, dagster_dbt")

    def import_definitions(self) -> Cost:
        """What this one pays."""
        return self._python("-c", "import dagster_project.definitions")

    def ui(self) -> Cost:
        """The UI, as ``make ui`` starts it."""
        return measure_ui(self._environment, self._folder / "log")

    def node_count(self) -> int:
        """Nodes of the newest dbt build."""
        return len(json.loads((self._target / "run_results.json").read_text())["results"])

    def _python(self, *arguments: str) -> Cost:
        return self._measure(sys.executable, *arguments)

    def _measure(self, *command: str) -> Cost:
        return measure(command, self._environment, self._folder / "log")


def run_all(bench: Bench) -> Figures:
    """Every measurement, one after the other."""
    _tell("the whole demo")
    demo = bench.demo()
    _tell("a build that is not counted, to have the project parsed")
    bench.dbt_build()
    builds = {RAW_SQL: bench.raw_sql, DBT_BUILD: bench.dbt_build, DAGSTER_RUN: bench.dagster_run}
    build = alternate(builds, repetitions=REPETITIONS, tell=_tell)
    imports = {DAGSTER_IMPORT: bench.import_dagster, DEFINITIONS_IMPORT: bench.import_definitions}
    return Figures(
        nodes=bench.node_count(),
        build=build,
        imports=alternate(imports, repetitions=IMPORT_REPETITIONS, tell=_tell),
        ui=median_cost(list(alternate({"UI": bench.ui}, repetitions=REPETITIONS, tell=_tell).values())),
        demo=demo,
        repetitions=REPETITIONS,
        import_repetitions=IMPORT_REPETITIONS,
    )


def main() -> int:
    """Measures, writes the report, and returns 1 when a target is missed."""
    with tempfile.TemporaryDirectory() as folder:
        figures = run_all(Bench(Path(folder)))
    write_report(REPORT, figures)
    _tell(f"written to {REPORT.relative_to(PROJECT_ROOT)}")
    missed = [target for target in targets_of(figures) if not target.is_met]
    for target in missed:
        _tell(f"MISSED: {target.what}: {target.measured:.2f}{target.unit}, at most {target.limit:g}{target.unit}")
    return 1 if missed else 0


def _tell(text: str) -> None:
    sys.stdout.write(f"  {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
