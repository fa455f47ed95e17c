"""The shape of the dbt project, read from its manifest: who reads what, and that everything is described."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from dagster_project.dbt_manifest import prepare_manifest
from dagster_project.settings import read_settings

Node = Mapping[str, Any]

KEY_TESTS = {"unique", "unique_combination"}
CONSENT_GATE = "model.segments.int_profiled_customers"


@pytest.fixture(scope="module")
def manifest(own_home: Path) -> dict[str, Any]:
    return json.loads(prepare_manifest(read_settings()).read_bytes())


def list_nodes(manifest: Node, resource_type: str) -> list[Node]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == resource_type]


def list_marts(manifest: Node) -> list[Node]:
    return [node for node in list_nodes(manifest, "model") if node["fqn"][1] == "marts"]


def find_ancestors(manifest: Node, unique_id: str) -> Iterator[str]:
    for parent in manifest["parent_map"][unique_id]:
        yield parent
        yield from find_ancestors(manifest, parent)


def test_only_staging_reads_sources_but_for_what_the_models_of_ml_wrote(manifest):
    readers = {
        (node["name"], manifest["sources"][parent]["source_name"])
        for node in list_nodes(manifest, "model")
        for parent in node["depends_on"]["nodes"]
        if parent in manifest["sources"] and node["fqn"][1] != "staging"
    }
    assert {name for name, source in readers if source != "segmentation"} == set()
    published = {node["name"] for node in list_marts(manifest) if node["schema"] == "segments"}
    assert {name for name, _ in readers} <= published


def test_each_source_table_is_read_by_one_staging_model_for_what_is_there_and_one_for_what_has_left(manifest):
    for unique_id, source in manifest["sources"].items():
        if source["source_name"] != "segmentation":
            readers = [child for child in manifest["child_map"][unique_id] if child.startswith("model.")]
            of_what_left = [reader for reader in readers if ".stg_deleted_" in reader]
            assert len(readers) - len(of_what_left) == 1, f"{unique_id} is read by {readers}"
            assert len(of_what_left) <= 1, f"{unique_id} is read by {readers}"


def test_models_read_layers_below_them_only(manifest):
    layers = ["staging", "intermediate", "marts"]
    for node in list_nodes(manifest, "model"):
        parents = [manifest["nodes"][parent] for parent in node["depends_on"]["nodes"] if parent.startswith("model.")]
        above = [parent["name"] for parent in parents if layers.index(parent["fqn"][1]) > layers.index(node["fqn"][1])]
        assert above == [], f"{node['name']} reads {above}"


@pytest.mark.parametrize("resource_type", ["model", "seed"])
def test_every_model_and_seed_is_described_with_its_grain(manifest, resource_type):
    descriptions = {node["name"]: node["description"].strip() for node in list_nodes(manifest, resource_type)}
    assert {name for name, text in descriptions.items() if "One row per" not in text} == set()


def test_every_source_and_its_tables_are_described(manifest):
    sources = manifest["sources"].values()
    undescribed = {
        source["name"] for source in sources if not source["description"] or not source["source_description"]
    }
    assert undescribed == set()


def test_every_column_of_models_is_described(manifest):
    for node in list_nodes(manifest, "model") + list_nodes(manifest, "seed"):
        assert node["columns"], f"{node['name']} has no described column"
        undescribed = [name for name, column in node["columns"].items() if not column["description"]]
        assert undescribed == [], f"{node['name']}: {undescribed}"


def test_every_mart_has_an_enforced_contract(manifest):
    assert {node["name"] for node in list_marts(manifest) if not node["config"]["contract"]["enforced"]} == set()


def test_every_model_has_a_key_test(manifest):
    tested = {
        test["attached_node"]
        for test in list_nodes(manifest, "test")
        if (test.get("test_metadata") or {}).get("name") in KEY_TESTS
    }
    assert {node["name"] for node in list_nodes(manifest, "model") if node["unique_id"] not in tested} == set()


def test_every_relation_about_customers_that_models_read_or_make_is_behind_the_consent_gate(manifest):
    profiling = [
        node
        for node in list_marts(manifest)
        if node["name"].startswith("fct_customer_")
        or (node["schema"] == "segments" and "customer_id" in node["columns"])
    ]
    assert len(profiling) >= 7
    assert {
        node["name"] for node in profiling if CONSENT_GATE not in set(find_ancestors(manifest, node["unique_id"]))
    } == set()


def test_every_model_with_a_boundary_rule_has_a_unit_test(manifest):
    tested = {test["model"] for test in manifest["unit_tests"].values()}
    rules = {node["name"] for node in list_nodes(manifest, "model") if node["fqn"][1] == "intermediate"}
    assert rules - tested == set()


def test_exposures_name_every_published_table(manifest):
    exposed = {parent for exposure in manifest["exposures"].values() for parent in exposure["depends_on"]["nodes"]}
    published = {node["unique_id"] for node in list_marts(manifest) if node["schema"] == "segments"}
    assert exposed == published
