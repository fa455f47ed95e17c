"""The raw tables as assets: one step loads what is new in the files of all sources, in one transaction."""

from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from dagster_project import names
from dagster_project.loading.contract import TABLES
from dagster_project.metadata import describe_table, tabulate
from dagster_project.resources import SourceFolder
from dagster_project.run_lock import RunLock
from dagster_project.warehouse import Warehouse

_LOADER_KINDS = {"duckdb", "python"}


@dg.multi_asset(
    name="load",
    specs=[
        *(
            dg.AssetSpec(
                ["raw", table.name],
                description=f"{table.description} One row per version; append-only.",
                group_name=names.RAW,
                kinds=_LOADER_KINDS,
                owners=names.OWNERS,
                metadata={"dagster/table_name": f"raw.{table.name}"},
            )
            for table in TABLES.values()
        ),
        dg.AssetSpec(
            names.LOAD_LEDGER,
            description="One row per file, raw table and load: what was read, loaded, rejected and repeated.",
            group_name=names.RAW,
            kinds=_LOADER_KINDS,
            owners=names.OWNERS,
            metadata={"dagster/table_name": "ops.load_ledger"},
        ),
    ],
    pool=names.WAREHOUSE_POOL,
)
def load(
    context: dg.AssetExecutionContext, warehouse: Warehouse, sources: SourceFolder, run_lock: RunLock
) -> Iterator[dg.MaterializeResult]:
    """Loads new files of every source; the same file twice changes nothing."""
    from dagster_project.loading.load import load_sources

    with warehouse.connect() as connection:
        loaded_at = datetime.now(UTC).replace(tzinfo=None)
        report = load_sources(
            connection,
            sources.read(),
            loaded_at=loaded_at,
            load_id=context.run_id,
            is_history=sources.is_history,
        )
    for change in report.changes:
        context.log.warning(f"A file differs from all earlier ones: {change}")
    for warning in report.warnings:
        context.log.warning(warning)
    described = warehouse.describe_tables(["raw", "ops"])
    loads = report.as_table()
    for spec_key in context.assets_def.keys:
        schema, table = spec_key.path
        rows = [row for row in loads if row["table"] == table or schema == "ops"]
        warnings = {"warnings": dg.MetadataValue.md("\n".join(f"- {text}" for text in report.warnings))}
        yield dg.MaterializeResult(
            asset_key=spec_key,
            metadata={
                **(warnings if schema == "ops" and report.warnings else {}),
                "loads": tabulate(rows),
                **describe_table(described, schema, table),
            },
        )
