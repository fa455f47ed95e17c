"""Column lineage of compiled SQL."""

import pytest

from dagster_project.column_lineage import trace_columns

ORDERS = {"marts": {"orders": {"customer_id": "VARCHAR", "amount": "DECIMAL(18,4)", "ordered_on": "DATE"}}}


def made_of(sql, columns, upstream=ORDERS):
    return {row["column"]: row["made_of"] for row in trace_columns(sql, columns, upstream)}


def test_a_column_is_traced_through_ctes_and_stars_to_the_table_it_comes_from():
    sql = """
        with orders as (select * from "warehouse"."marts"."orders"),
        totals as (select customer_id, sum(amount) as revenue from orders group by customer_id)
        select * from totals
    """
    assert made_of(sql, ["customer_id", "revenue"]) == {
        "customer_id": "marts.orders.customer_id",
        "revenue": "marts.orders.amount",
    }


def test_a_column_of_two_inputs_names_both_in_alphabetical_order():
    sql = 'select concat(customer_id, ordered_on) as key from "warehouse"."marts"."orders"'
    assert made_of(sql, ["key"]) == {"key": "marts.orders.customer_id, marts.orders.ordered_on"}


def test_a_constant_is_computed_here():
    assert made_of('select 7 as step from "warehouse"."marts"."orders"', ["step"]) == {"step": "computed here"}


def test_the_branches_of_a_union_are_both_named():
    upstream = {"raw": {"a": {"x": "INT"}, "b": {"x": "INT"}}}
    sql = 'select x from "warehouse"."raw"."a" union all select x from "warehouse"."raw"."b"'
    assert made_of(sql, ["x"], upstream) == {"x": "raw.a.x, raw.b.x"}


@pytest.mark.parametrize("columns", [["revenue", "customer_id"], ["customer_id", "revenue"]])
def test_rows_come_in_the_order_that_was_asked_for(columns):
    sql = 'select customer_id, amount as revenue from "warehouse"."marts"."orders"'
    assert [row["column"] for row in trace_columns(sql, columns, ORDERS)] == columns
