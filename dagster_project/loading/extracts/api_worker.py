"""The process that fetches from an API: an order on standard input, a file of JSON lines for each of its resources.

Ends with 0 when all rows of all resources are written, and with 1 and the reason on standard error otherwise.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dagster_project.settings import override_environment


def fetch(order: dict[str, Any]) -> None:
    """Write every resource of ``order`` to its file; raises whatever keeps dlt from it."""
    from dlt.sources.rest_api import rest_api_resources

    client = {name: value for name, value in order["client"].items() if value}
    for resource in order["resources"]:
        endpoint = {
            "path": resource["path"],
            "params": resource["params"],
            "data_selector": resource["rows"],
            "response_actions": [_require_rows(resource)],
        }
        made = rest_api_resources({"client": client, "resources": [{"name": "rows", "endpoint": endpoint}]})
        with Path(resource["file"]).open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, default=str) + "\n" for row in made[0])


def _require_rows(resource: dict[str, Any]) -> Callable[..., None]:
    """A look at every page: where the rows are not where they should be, dlt would find none and go on."""
    from dlt.common import jsonpath

    def check(response: Any, *_: Any, **__: Any) -> None:
        response.raise_for_status()
        try:
            document = response.json()
        except ValueError as error:
            kind = response.headers.get("Content-Type", "an unnamed type")
            raise ValueError(f"{resource['path']} answered with {kind} that is no whole JSON") from error
        if not jsonpath.find_values(resource["rows"], document):
            raise ValueError(f"{resource['path']} answered without {resource['rows']}, where its rows should be")

    return check


def main() -> int:
    """Fetch what is ordered; the exit status."""
    order = json.load(sys.stdin)
    os.chdir(order["folder"])  # dlt reads settings from where it is started
    try:
        with override_environment({"RUNTIME__DLTHUB_TELEMETRY": "false", "DLT_DATA_DIR": order["folder"]}):
            fetch(order)
    except Exception as error:
        reason = error
        while type(reason).__module__.startswith("dlt.") and isinstance(reason.__cause__, Exception):
            reason = reason.__cause__  # dlt's own errors say where in dlt it was
        sys.stderr.write(f"\n{type(reason).__name__}: {' '.join(str(reason).split())}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
