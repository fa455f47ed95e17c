from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from dagster_project.publishing.generations import PublishedGeneration, publish_generation
from dagster_project.publishing.manifest import RunFacts
from dagster_project.warehouse import Warehouse

FACTS = RunFacts(
    as_of_date=date(2017, 12, 30),
    created_at=datetime(2018, 1, 2, 3, 4, 5, tzinfo=UTC),
    run_id="4b1d2c3e-0000",
    model_versions={"behaviour": "2017-12-30/1"},
)


@pytest.fixture
def facts() -> RunFacts:
    return FACTS


@pytest.fixture
def segments() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "customer_id": ["c2", "c1", "c3"],
            "segment_id": [7, 7, 9],
            "strength": [0.25, 0.5, None],
            "computed_at": [datetime(2018, 1, 2, hour) for hour in (1, 2, 3)],
        }
    )


@pytest.fixture
def warehouse(tmp_path: Path, segments: pl.DataFrame) -> Warehouse:
    warehouse = Warehouse(path=str(tmp_path / "warehouse.duckdb"))
    profiles = pl.DataFrame({"segment_id": [7, 9], "customers": [2, 1]})
    warehouse.replace_tables({"segments.customer_segments": segments, "segments.segment_profiles": profiles})
    return warehouse


@pytest.fixture
def published(tmp_path: Path) -> Path:
    return tmp_path / "published"


@pytest.fixture
def publish(warehouse: Warehouse, published: Path) -> Callable[..., PublishedGeneration]:
    """Publishes the warehouse as it is; by default as generation g1, keeping five."""

    def run(generation: str = "g1", **arguments: object) -> PublishedGeneration:
        options = {"facts": FACTS, "keep": 5, **arguments}
        with warehouse.connect() as connection:
            return publish_generation(connection, published_folder=published, generation=generation, **options)

    return run
