"""Installations of the project that tests start runs in, each run in a process of its own."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from dagster_project.publishing.generations import current_generation
from dagster_project.publishing.manifest import Manifest, read_manifest
from dagster_project.publishing.tables import DATABASE_NAME
from dagster_project.publishing.verify import verify_generation
from dagster_project.settings import PROJECT_ROOT, Settings, read_settings
from dagster_project.warehouse import open_readonly

# Longer than any run of the small shop on a busy machine; only a hanging one comes here.
PATIENCE_SECONDS = 300


@dataclass(frozen=True)
class FinishedRun:
    """How a process ended and what it wrote."""

    exit_code: int
    output: str


@dataclass(frozen=True)
class Home:
    """One installation: the folder of all that its runs make, and its source YAML."""

    path: Path
    source: Path

    @property
    def settings(self) -> Settings:
        return read_settings({"SEGMENTS_HOME": str(self.path), "SOURCES": str(self.source)})

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts ``python -m`` with ``arguments``, the whole loop by default, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", *(arguments or ("dagster_project.run",))],
            cwd=PROJECT_ROOT,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str) -> FinishedRun:
        """Runs a process to its end; a run that hangs is ended and fails the test."""
        return finish(self.start(*arguments))

    def copy(self, path: Path, source: Path | None = None) -> "Home":
        """The same installation in another folder, perhaps with another source."""
        shutil.copytree(self.path, path, symlinks=True)
        return Home(path, source or self.source)

    def generation(self) -> Path | None:
        """Folder of the published generation."""
        return current_generation(self.settings.published_folder)

    def manifest(self) -> Manifest:
        """Manifest of the published generation."""
        folder = self.generation()
        assert folder is not None, "nothing is published"
        return read_manifest(folder)

    def verify(self) -> Manifest:
        """Manifest of the published generation, checked against every file."""
        folder = self.generation()
        assert folder is not None, "nothing is published"
        return verify_generation(folder)

    def content_hashes(self) -> dict[str, str]:
        """Hash of each published table without its run stamps."""
        return {name: table.content_hash for name, table in self.manifest().tables.items()}

    def published(self, sql: str) -> pl.DataFrame:
        """Rows of a query on the published DuckDB file."""
        with open_readonly(self.settings.published_folder / "current" / DATABASE_NAME) as connection:
            return connection.sql(sql).pl()

    def warehouse(self, sql: str) -> pl.DataFrame:
        """Rows of a query on the warehouse, while no run is on."""
        with open_readonly(self.settings.warehouse_path) as connection:
            return connection.sql(sql).pl()

    @contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        """The Dagster instance in which the runs are recorded."""
        with dg.DagsterInstance.from_config(str(self.settings.dagster_home)) as instance:
            yield instance

    def _environment(self) -> dict[str, str]:
        variables: dict[str, Any] = {
            "SEGMENTS_HOME": self.path,
            "SOURCES": self.source,
            "DAGSTER_HOME": self.path / "dagster",
            "OMP_NUM_THREADS": 1,
        }
        return {**os.environ, **{name: str(value) for name, value in variables.items()}}


def finish(process: subprocess.Popen[str]) -> FinishedRun:
    """Waits for a process and what it wrote; ends the whole group when it takes too long."""
    try:
        output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
    return FinishedRun(process.returncode, output)
