"""The last asset: everything in schema segments becomes one generation that readers see at once."""

from datetime import UTC, datetime

import dagster as dg

from dagster_project import names
from dagster_project.assets.transformation import PUBLISHED_TABLES
from dagster_project.marts import current_as_of_date
from dagster_project.metadata import tabulate
from dagster_project.model_store import ModelStore
from dagster_project.publishing.generations import name_generation, publish_generation
from dagster_project.publishing.manifest import RunFacts
from dagster_project.resources import PublishedFolder
from dagster_project.run_lock import RunLock
from dagster_project.warehouse import Warehouse

_SORT_KEYS = {
    "customer_segments": ["segmentation", "customer_id"],
    "customer_segment_history": ["segmentation", "customer_id", "valid_from"],
    "customer_scores": ["prediction", "customer_id"],
    "customer_explanations": ["subject", "customer_id", "rank"],
    "segment_profiles": ["segmentation", "segment_id"],
    "revenue_waterfall": ["step"],
}

PUBLISHED_GENERATION = dg.AssetKey(["published", "generation"])


@dg.asset(
    key=PUBLISHED_GENERATION,
    deps=PUBLISHED_TABLES,
    group_name=names.PUBLISHED,
    kinds={"duckdb", "parquet"},
    owners=names.OWNERS,
    pool=names.WAREHOUSE_POOL,
)
def generation(
    context: dg.AssetExecutionContext,
    warehouse: Warehouse,
    models: ModelStore,
    published: PublishedFolder,
    run_lock: RunLock,
) -> dg.MaterializeResult:
    """A DuckDB file, a Parquet file per table and a manifest, seen by readers as a whole or not at all."""
    created_at = datetime.now(UTC)
    facts = RunFacts(
        as_of_date=current_as_of_date(warehouse),
        created_at=created_at,
        run_id=context.run_id,
        model_versions=models.champion_versions(names.MODELS),
    )
    with warehouse.connect() as connection:
        result = publish_generation(
            connection,
            published_folder=published.folder,
            generation=name_generation(created_at, context.run_id),
            facts=facts,
            keep=published.keep,
            sort_keys=_SORT_KEYS,
        )
    tables = [{"table": name, "rows": table.row_count} for name, table in sorted(result.manifest.tables.items())]
    return dg.MaterializeResult(
        metadata={
            "generation": result.folder.name,
            "folder": dg.MetadataValue.path(str(result.folder)),
            "as_of_date": str(facts.as_of_date),
            "tables": tabulate(tables),
            "dagster/row_count": sum(table.row_count for table in result.manifest.tables.values()),
            "generations_removed": len(result.removed),
        }
    )
