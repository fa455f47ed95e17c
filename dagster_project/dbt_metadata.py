"""What the UI shows of a table that dbt built: its exact row count, columns and where they come from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from dagster_project.column_lineage import trace_columns
from dagster_project.metadata import tabulate

# A view would have to be computed to be counted.
_COUNTED = {"table", "incremental", "seed"}
_COLUMNS_SQL = """
select schema_name, table_name, column_name, data_type
from duckdb_columns() where not internal and database_name = current_database()
order by schema_name, table_name, column_index
"""


def describe_node(manifest: Mapping[str, Any], unique_id: str, compiled_folder: Path) -> dict[str, Any]:
    """Metadata of the node that was just built, read through dbt's own connection: another would be refused."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    node = manifest["nodes"][unique_id]
    handle = DuckDBConnectionManager.env().handle()
    try:
        cursor = handle.cursor()
        columns = _arrange(cursor.execute(_COLUMNS_SQL).fetchall())
        metadata: dict[str, Any] = {}
        if node["config"]["materialized"] in _COUNTED:
            relation = f'"{node["schema"]}"."{node["alias"]}"'
            metadata["dagster/row_count"] = cursor.execute(f"select count(*) from {relation}").fetchone()[0]
    finally:
        handle.close()
    own = columns[node["schema"]][node["alias"]]
    texts = {name: column["description"] for name, column in node["columns"].items()}
    metadata["dagster/column_schema"] = dg.TableSchema(
        columns=[dg.TableColumn(name, type=type_, description=texts.get(name) or None) for name, type_ in own.items()]
    )
    if node["resource_type"] == "model":
        sql = (compiled_folder / node["package_name"] / node["original_file_path"]).read_text()
        upstream = _pick_upstream(manifest, node, columns)
        metadata["column_lineage"] = tabulate(trace_columns(sql, list(own), upstream))
    return metadata


def _arrange(rows: list[tuple[str, str, str, str]]) -> dict[str, dict[str, dict[str, str]]]:
    arranged: dict[str, dict[str, dict[str, str]]] = {}
    for schema, table, column, type_ in rows:
        arranged.setdefault(schema, {}).setdefault(table, {})[column] = type_
    return arranged


def _pick_upstream(
    manifest: Mapping[str, Any], node: Mapping[str, Any], columns: Mapping[str, Mapping[str, Mapping[str, str]]]
) -> dict[str, dict[str, Mapping[str, str]]]:
    """The columns of what the model reads; its own too, for a model that reads its earlier rows."""
    upstream: dict[str, dict[str, Mapping[str, str]]] = {}
    parents = [manifest["sources"].get(key) or manifest["nodes"][key] for key in node["depends_on"]["nodes"]]
    for parent in [*parents, node]:
        table = parent.get("identifier") or parent["alias"]
        upstream.setdefault(parent["schema"], {})[table] = columns[parent["schema"]][table]
    return upstream
