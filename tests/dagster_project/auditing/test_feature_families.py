"""The raw tables of a feature, as the dbt project has them."""

from dagster_project.auditing.feature_families import trace_features
from dagster_project.dbt_manifest import read_manifest
from dagster_project.settings import read_settings

SQL = """
with order_features as (

    select * from {{ ref('int_orders') }}

),

ticket_features as (

    select * from {{ ref('int_tickets') }}

)

select
    order_features.customer_id,
    order_features.orders_ever as order_count,
    ticket_features.ticket_count,
    1 + order_features.order_count as order_count_and_one
from order_features
left join ticket_features
    on order_features.customer_id = ticket_features.customer_id
"""


def model(name, sql=""):
    return {"name": name, "resource_type": "model", "raw_code": sql}


MANIFEST = {
    "nodes": {
        "m.mart": model("mart", SQL),
        "m.o": model("int_orders"),
        "m.t": model("int_tickets"),
        "m.s": model("stg"),
    },
    "sources": {
        "s.orders": {"name": "orders", "source_name": "raw"},
        "s.tickets": {"name": "support_tickets", "source_name": "raw"},
        "s.ledger": {"name": "load_ledger", "source_name": "ops"},
    },
    "parent_map": {
        "m.mart": ["m.o", "m.t"],
        "m.o": ["s.orders", "s.ledger"],
        "m.t": ["m.s", "m.o"],
        "m.s": ["s.tickets"],
    },
}


def test_features_lead_to_the_raw_tables_of_their_parents():
    assert trace_features(MANIFEST, model="mart") == {
        "customer_id": {"orders"},
        "order_count": {"orders"},
        "ticket_count": {"orders", "support_tickets"},
    }


def test_every_feature_of_the_mart_can_be_traced(own_home):
    manifest = read_manifest(read_settings())
    traced = trace_features(manifest, model="fct_customer_features")
    columns = next(node["columns"] for node in manifest["nodes"].values() if node["name"] == "fct_customer_features")
    assert set(columns) <= set(traced)
    assert "campaigns" in traced["campaign_response_rate"]
    assert "campaigns" not in traced["order_count"]
