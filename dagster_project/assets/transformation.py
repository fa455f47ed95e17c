"""The dbt models as assets: one step before the models of ml, one step after them."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt import dbt_assets

from dagster_project import names
from dagster_project.dbt_build import build_nodes
from dagster_project.dbt_manifest import fingerprint_project, read_manifest
from dagster_project.dbt_translator import SegmentsDbtTranslator
from dagster_project.loading.read_sources import read_sources
from dagster_project.partitions import add_months
from dagster_project.scoring_log import newest_scored_date
from dagster_project.settings import read_settings
from dagster_project.warehouse import Warehouse

# What the models of ml wrote splits the project: nodes below it wait for the scores.
_AFTER_SCORING = "source:segmentation+"

_settings = read_settings()
_manifest = read_manifest(_settings)
_translator = SegmentsDbtTranslator()


@dbt_assets(
    manifest=_manifest,
    exclude=_AFTER_SCORING,
    name="customer_marts",
    dagster_dbt_translator=_translator,
    required_resource_keys={"run_lock", "warehouse"},
    pool=names.WAREHOUSE_POOL,
)
def customer_marts(context: dg.AssetExecutionContext) -> Iterator[Any]:
    """Raw facts to orders, features and labels, with the data tests that guard them."""
    warehouse = context.resources.warehouse
    _require_no_later_scores(warehouse)
    environment = build_environment()
    recipe = fingerprint_project(_manifest, environment)
    yield from build_nodes(
        context,
        manifest=_manifest,
        settings=_settings,
        environment={**environment, "FEATURE_RECIPE": recipe},
        full_refresh=_kept_recipe(warehouse) != recipe,
    )
    as_of_dates = warehouse.read("select as_of_date from intermediate.int_as_of_dates order by as_of_date")
    add_months(context.instance, as_of_dates["as_of_date"])


@dbt_assets(
    manifest=_manifest,
    select=_AFTER_SCORING,
    name="segment_tables",
    dagster_dbt_translator=_translator,
    required_resource_keys={"run_lock"},
    pool=names.WAREHOUSE_POOL,
)
def segment_tables(context: dg.AssetExecutionContext) -> Iterator[Any]:
    """What is published: segments with their history, profiles, migrations, scores and reasons."""
    yield from build_nodes(context, manifest=_manifest, settings=_settings, environment=build_environment())


# Every table of the published schema, whichever step builds it.
PUBLISHED_TABLES = sorted(key for key in (customer_marts.keys | segment_tables.keys) if key.path[0] == names.SEGMENTS)

# What the columns of the published tables mean, by table and column.
PUBLISHED_COLUMNS = {
    node["name"]: {name: column["description"] for name, column in node["columns"].items()}
    for node in _manifest["nodes"].values()
    if node["resource_type"] == "model" and node["schema"] == names.SEGMENTS
}


def _kept_recipe(warehouse: Warehouse) -> str | None:
    """What the kept features were made by; None where there are none."""
    schema, table = names.FEATURE_LOADS.path
    exists = "select 1 from information_schema.tables where table_schema = ? and table_name = ?"
    if warehouse.read(exists, [schema, table]).is_empty():
        return None
    recipes = warehouse.read(f"select distinct recipe from {schema}.{table}")["recipe"].to_list()
    return recipes[0] if len(recipes) == 1 else None


def _require_no_later_scores(warehouse: Warehouse) -> None:
    """A fixed as-of date before one that was scored would rewrite history, with models from its future."""
    fixed = _settings.as_of_date
    newest = newest_scored_date(warehouse)
    if fixed and newest and newest > fixed:
        raise dg.Failure(
            f"AS_OF_DATE={fixed} lies before {newest}, which this installation has scored; its models and "
            f"history know of later days. Use another SEGMENTS_HOME for a look at {fixed}",
            allow_retries=False,
        )


def build_environment() -> dict[str, str]:
    """What the dbt models are told: the shop's time zone, and a fixed as-of date where one is set."""
    sources = read_sources(_settings.sources)
    fixed = _settings.as_of_date
    return {
        "BUSINESS_TIME_ZONE": sources[0].time_zone,
        "AS_OF_DATE": fixed.isoformat() if fixed else "",
    }
