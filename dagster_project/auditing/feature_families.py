"""Which raw tables each feature of the mart is made of, read from the dbt project itself."""

from collections.abc import Mapping
from typing import Any

from dagster_project.loading.tables.privacy import CONSENTS, ERASURE_REQUESTS

# What people have decided takes rows out and adds none, so it is never what a feature lacks.
_DECISIONS = frozenset((CONSENTS.name, ERASURE_REQUESTS.name))


def trace_features(manifest: Mapping[str, Any], *, model: str, source: str = "raw") -> dict[str, frozenset[str]]:
    """The tables of ``source`` by which each feature of ``model`` differs from the others.

    A feature comes from the parent of ``model`` that documents a column of its name. That parent's own tables
    are those it declares as ``meta: {families: [...]}``, or else those it reads, near or far, without the
    models that all of these parents have in common: who is a customer is told by every table there is.
    """
    nodes = manifest["nodes"]
    mart = next(key for key, node in nodes.items() if node["resource_type"] == "model" and node["name"] == model)
    parents = _find_feature_models(manifest, mart)
    shared = _find_shared(manifest, parents)
    families = {key: _find_families(manifest, key, shared, source) for key in parents}
    return {
        feature: frozenset().union(*(families[key] for key, columns in parents.items() if feature in columns))
        for feature in nodes[mart]["columns"]
        if any(feature in columns for columns in parents.values())
    }


def _find_feature_models(manifest: Mapping[str, Any], mart: str) -> dict[str, set[str]]:
    """The features that each parent documents; a parent that others build on says who is there, and has none."""
    nodes = manifest["nodes"]
    documented = {key: set(nodes[key]["columns"]) for key in manifest["parent_map"][mart] if key in nodes}
    below = set().union(*(_find_ancestors(manifest, key, set()) for key in documented))
    columns = {key: names for key, names in documented.items() if names and key not in below}
    keys = set.intersection(*columns.values()) if len(columns) > 1 else set()
    return {key: names - keys for key, names in columns.items()}


def _find_shared(manifest: Mapping[str, Any], parents: Mapping[str, set[str]]) -> set[str]:
    """Models above staging that every parent descends from."""
    if len(parents) < 2:
        return set()
    common = set.intersection(*(_find_ancestors(manifest, key, set()) for key in parents))
    return {key for key in common if key in manifest["nodes"] and manifest["nodes"][key]["fqn"][1] != "staging"}


def _find_families(manifest: Mapping[str, Any], node: str, shared: set[str], source: str) -> frozenset[str]:
    declared = manifest["nodes"][node]["config"]["meta"].get("families")
    if declared is not None:
        return frozenset(declared)
    sources = manifest["sources"]
    found = (sources[key] for key in _find_ancestors(manifest, node, shared) if key in sources)
    return frozenset(table["name"] for table in found if table["source_name"] == source) - _DECISIONS


def _find_ancestors(manifest: Mapping[str, Any], node: str, left_out: set[str]) -> set[str]:
    seen: set[str] = set()
    open_nodes = [node]
    while open_nodes:
        new = set(manifest["parent_map"].get(open_nodes.pop(), [])) - seen - left_out
        seen |= new
        open_nodes += new
    return seen
