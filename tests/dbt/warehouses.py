"""Warehouse files of the corner shop: loaded by the loader, built by dbt or by the SQL that dbt compiled."""

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from dagster_project.dbt_build import run_dbt
from dagster_project.loading.load import load_sources
from dagster_project.loading.raw_schema import create_raw_schema
from dagster_project.loading.read_sources import read_sources
from dagster_project.settings import Settings
from tests.dbt.corner_shop import TIME_ZONE, Delivery, write_delivery, write_source

FEATURES = "marts.fct_customer_features"
LABELS = "marts.fct_customer_labels"

# Everything that is built before the models of ml, by the tables at its ends.
ALL_MARTS = (
    "+fct_customer_labels",
    "+fct_identity_links",
    "+fct_feature_loads",
    "+dim_customers",
    "+fct_order_lines",
    "+revenue_waterfall",
    "+int_order_total_gaps",
)
# Everything that is built after them.
PUBLISHED = ("source:segmentation+",)
_TABLES_ONLY = ("--exclude-resource-type", "test", "unit_test")
_FEATURES_ONLY = ("+fct_customer_features",)


@dataclass(frozen=True)
class CompiledModel:
    """What dbt ran for one model."""

    name: str
    relation: str
    kind: str
    sql: str


@dataclass
class Workshop:
    """One parsed dbt project that builds one warehouse file after another in the same place.

    Parsing costs more than building these few rows, and dbt keeps the parse for one installation.
    """

    settings: Settings
    folder: Path
    manifest: Any
    compiled: list[CompiledModel] = field(default_factory=list)  # of the newest build
    _numbers: Any = field(default_factory=count)

    def load(self, *deliveries: tuple[Delivery, datetime], seed: int | None = None) -> Path:
        """A new warehouse with the raw tables of ``deliveries``; ``seed`` shuffles the rows of every file."""
        place = self.folder / f"load-{next(self._numbers)}"
        place.mkdir(parents=True)
        source = write_source(place)
        path = place / "warehouse.duckdb"
        with duckdb.connect(str(path)) as connection:
            create_raw_schema(connection)
            for number, (delivery, loaded_at) in enumerate(deliveries):
                write_delivery(place, delivery if seed is None else _shuffle(delivery, seed), number)
                load_sources(connection, read_sources(source), loaded_at=loaded_at, load_id=f"load-{number}")
        return path

    def build(self, warehouse: Path, *, as_of_date: str = "", select: Sequence[str] = _FEATURES_ONLY) -> Path:
        """A copy of ``warehouse`` in which dbt has built the models of ``select``."""
        results = self.dbt("build", warehouse, select=select, options=_TABLES_ONLY, as_of_date=as_of_date)
        nodes = [result.node for result in results.results]
        self.compiled = [_compiled_model(node) for node in nodes if node.resource_type == "model"]
        return Path(shutil.copy(self.settings.warehouse_path, self._new_path()))

    def dbt(
        self, command: str, warehouse: Path, *, select: Sequence[str], options: Sequence[str] = (), as_of_date: str = ""
    ) -> Any:
        """The result of a dbt command on a copy of ``warehouse``; raises DbtError when a node fails."""
        shutil.copy(warehouse, self.settings.warehouse_path)
        return run_dbt(
            [command, "--select", *select, *options],
            settings=self.settings,
            target_folder=self.settings.dbt_target_folder,
            environment={"BUSINESS_TIME_ZONE": TIME_ZONE, "AS_OF_DATE": as_of_date},
        )

    def rebuild(
        self,
        warehouse: Path,
        compiled: Sequence[CompiledModel],
        *,
        threads: int = 2,
        change: Callable[[CompiledModel], str] = lambda model: model.sql,
    ) -> Path:
        """A copy of ``warehouse`` in which the SQL of ``compiled`` has run, each model's as ``change`` gives it.

        Faster than dbt, and on as many threads as it is asked to.
        """
        path = Path(shutil.copy(warehouse, self._new_path()))
        with duckdb.connect(str(path), config={"threads": threads}) as connection:
            connection.execute("set TimeZone = 'UTC'")
            for model in compiled:
                connection.execute(f"create schema if not exists {model.relation.split('.')[1]}")
                connection.execute(f"create or replace {model.kind} {model.relation} as {change(model)}")
        return path

    def _new_path(self) -> Path:
        path = self.folder / f"built-{next(self._numbers)}" / "warehouse.duckdb"
        path.parent.mkdir(parents=True)
        return path


def read(warehouse: Path, query: str) -> pl.DataFrame:
    """The rows of a query."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.sql(query).pl()


def read_rows(warehouse: Path, table: str, *, through: str | None = None) -> list[tuple[Any, ...]]:
    """All rows of a table in a fixed order, without is_current; of as-of dates up to ``through``."""
    frame = read(warehouse, f"select * from {table}")
    if through is not None:
        frame = frame.filter(pl.col("as_of_date") <= date.fromisoformat(through))
    return frame.drop("is_current", strict=False).sort(pl.all()).rows()


def require_same_features(warehouse: Path, other: Path, *, through: str) -> None:
    """Raises AssertionError naming the first rows in which the features up to a date differ by as much as a bit."""
    rows, others = (read_rows(path, FEATURES, through=through) for path in (warehouse, other))
    assert rows, f"there are no features up to {through}"
    if rows != others:
        first = sorted({row[:2] for row in set(rows) ^ set(others)})[:3]
        raise AssertionError(f"features up to {through} differ, e.g. of {first}")


def _shuffle(delivery: Delivery, seed: int) -> Delivery:
    generator = random.Random(seed)
    return {table: generator.sample(rows, len(rows)) for table, rows in delivery.items()}


def _compiled_model(node: Any) -> CompiledModel:
    kind = "view" if node.config.materialized == "view" else "table"
    return CompiledModel(node.name, node.relation_name, kind, node.compiled_code)
