"""The raw tables of a feature, as the dbt project has them."""

import pytest

from dagster_project.auditing.feature_families import trace_features
from dagster_project.dbt_manifest import read_manifest
from dagster_project.settings import read_settings


def model(name, *columns, layer="intermediate", **meta):
    return {
        "name": name,
        "resource_type": "model",
        "fqn": ["project", layer, name],
        "columns": dict.fromkeys(("customer_id", *columns)),
        "config": {"meta": meta},
    }


def source(name, source_name="raw"):
    return {"name": name, "source_name": source_name}


@pytest.fixture
def manifest():
    """A mart of orders, e-mails and sessions; all of them tell who is a customer."""
    names = ("orders", "email_events", "events", "consents")
    return {
        "nodes": {
            "mart": model(
                "mart", "is_current", "order_count", "open_rate", "session_count", "made_here", layer="marts"
            ),
            "int_orders": model("int_orders", "order_count"),
            "int_emails": model("int_emails", "open_rate"),
            "int_visits": model("int_visits", "session_count", families=["events"]),
            "int_people": model("int_people", "is_current"),
            **{f"stg_{name}": model(f"stg_{name}", layer="staging") for name in names},
        },
        "sources": {name: source(name) for name in names} | {"ledger": source("load_ledger", "ops")},
        "parent_map": {
            "mart": ["int_orders", "int_emails", "int_visits", "int_people"],
            "int_orders": ["int_people", "stg_orders", "ledger"],
            "int_emails": ["int_people", "stg_email_events", "stg_consents"],
            "int_visits": ["int_people"],
            "int_people": [f"stg_{name}" for name in names],
            **{f"stg_{name}": [name] for name in names},
        },
    }


def test_features_lead_to_the_tables_of_their_own_parent(manifest):
    traced = trace_features(manifest, model="mart")
    assert traced["order_count"] == {"orders"}
    assert traced["open_rate"] == {"email_events"}


def test_parent_may_declare_its_tables(manifest):
    assert trace_features(manifest, model="mart")["session_count"] == {"events"}


def test_parent_that_others_build_on_has_no_feature(manifest):
    assert "is_current" not in trace_features(manifest, model="mart")


def test_keys_and_columns_that_the_mart_makes_itself_are_left_out(manifest):
    assert set(trace_features(manifest, model="mart")) == {"order_count", "open_rate", "session_count"}


def test_shipped_features_are_traced(own_home):
    manifest = read_manifest(read_settings())
    traced = trace_features(manifest, model="fct_customer_features")
    mart = next(node for node in manifest["nodes"].values() if node["name"] == "fct_customer_features")
    assert {name for name in mart["columns"] if not traced.get(name)} == {"customer_id", "as_of_date", "is_current"}
    assert traced["campaign_response_rate"] == {"campaigns", "campaign_members", "coupon_redemptions"}
    assert "products" in traced["category_entropy"]
    assert traced["order_count"] == {"orders", "order_lines"}
    assert traced["session_count"] == {"events"}
    assert traced["ticket_count"] == {"support_tickets"}
