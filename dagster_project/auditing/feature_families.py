"""Which raw tables each feature of the mart is made of, read from the dbt project itself."""

import re
from collections.abc import Mapping
from typing import Any

# `<name> as ( select * from {{ ref('<model>') }}`, as the models of this project import their parents.
_IMPORT = re.compile(r"(\w+)\s+as\s*\(\s*select\s+\*\s+from\s+\{\{\s*ref\('(\w+)'\)\s*\}\}", re.IGNORECASE)
# `<name>.<column>` or `<name>.<column> as <feature>` on a line of its own, as the mart lists its features.
_FEATURE = re.compile(r"^\s*(\w+)\.(\w+)(?:\s+as\s+(\w+))?\s*,?\s*$", re.IGNORECASE | re.MULTILINE)


def trace_features(manifest: Mapping[str, Any], *, model: str, source: str = "raw") -> dict[str, frozenset[str]]:
    """The tables of ``source`` that the parent of each feature of ``model`` reads, near or far.

    Feature by feature as the model lists them; a column that it computes itself is left out.
    """
    nodes = {node["name"]: key for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    sql = manifest["nodes"][nodes[model]]["raw_code"]
    parents = dict(_IMPORT.findall(sql))
    traced: dict[str, frozenset[str]] = {}
    for parent, column, alias in _FEATURE.findall(sql):
        if parent in parents and parents[parent] in nodes:
            traced[alias or column] = _find_tables(manifest, nodes[parents[parent]], source)
    return traced


def _find_tables(manifest: Mapping[str, Any], node: str, source: str) -> frozenset[str]:
    seen: set[str] = set()
    open_nodes = [node]
    while open_nodes:
        for parent in manifest["parent_map"].get(open_nodes.pop(), []):
            if parent not in seen:
                seen.add(parent)
                open_nodes.append(parent)
    found = (manifest["sources"][key] for key in seen if key in manifest["sources"])
    return frozenset(table["name"] for table in found if table["source_name"] == source)
