"""Which model scored each as-of date: what a later run compares a change of segment with."""

from __future__ import annotations

from datetime import date

from dagster_project.warehouse import Warehouse

SCHEMA = "segmentation"
SCORING_LOG = f"{SCHEMA}.scoring_log"


def log_scoring(warehouse: Warehouse, segmentation: str, as_of_date: date, version: str) -> None:
    """Notes the model of one as-of date; a repeated run replaces its note."""
    import polars as pl

    entry = pl.DataFrame({"segmentation": [segmentation], "as_of_date": [as_of_date], "model_version": [version]})
    warehouse.replace_tables({SCORING_LOG: entry}, where={"segmentation": segmentation, "as_of_date": as_of_date})


def find_earlier_version(warehouse: Warehouse, segmentation: str, as_of_date: date) -> str | None:
    """The model that scored the newest as-of date before this one; reruns of this one do not count."""
    if not _has_log(warehouse):
        return None
    earlier = warehouse.read(
        f"select model_version from {SCORING_LOG} where segmentation = ? and as_of_date < ? "
        "order by as_of_date desc limit 1",
        [segmentation, as_of_date],
    )
    return None if earlier.is_empty() else earlier.item()


def newest_scored_date(warehouse: Warehouse) -> date | None:
    """The newest as-of date that any model scored, or None before the first one."""
    if not _has_log(warehouse):
        return None
    return warehouse.read(f"select max(as_of_date) as as_of_date from {SCORING_LOG}").item()


def _has_log(warehouse: Warehouse) -> bool:
    return not warehouse.describe_tables([SCHEMA]).filter(table="scoring_log").is_empty()
