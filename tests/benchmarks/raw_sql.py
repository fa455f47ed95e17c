"""The compiled SQL of a dbt build, run again in one DuckDB process: what the tables cost without dbt.

Arguments: warehouse file, run_results.json and manifest.json of the build.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.settings import PROJECT_ROOT


def statements(run_results: dict[str, Any], manifest: dict[str, Any]) -> Iterator[str]:
    """The statements of the nodes that dbt built or tested, in the order in which it did."""
    for result in run_results["results"]:
        node = manifest["nodes"][result["unique_id"]]
        relation = f'"{node["schema"]}"."{node["alias"]}"'
        if node["resource_type"] == "test":
            yield f"select count(*) from ({result['compiled_code']})"
        elif node["resource_type"] == "seed":
            # Emptied, not made anew: which types dbt gives the columns of a seed is its own affair.
            yield f"truncate {relation}"
            yield f"insert into {relation} from read_csv('{PROJECT_ROOT / 'dbt' / node['original_file_path']}')"
        else:
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            yield f"create or replace {kind} {relation} as {result['compiled_code']}"


def main(warehouse: str, run_results: str, manifest: str) -> None:
    """Runs all statements on ``warehouse``; each one commits by itself, as dbt's do."""
    found = statements(json.loads(Path(run_results).read_text()), json.loads(Path(manifest).read_text()))
    with duckdb.connect(warehouse) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set threads = 2")
        for statement in found:
            connection.execute(statement).fetchall()


if __name__ == "__main__":
    main(*sys.argv[1:])
