"""The identifiers of people, devices and accounts over all raw tables: grouped once, then compared.

A person is one person only where every table writes the identifier alike, to the last character.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dagster_project.loading.contract import TABLES
from dagster_project.loading.tables.behaviour import EVENTS
from dagster_project.loading.tables.commerce import ORDER_LINES, ORDERS
from dagster_project.warehouse import Connection, quote_identifier, quote_literal

IDENTIFIERS = ("customer_id", "anonymous_id", "account_id")


@dataclass(frozen=True)
class Identifiers:
    """The distinct values of one column, as a temporary table of the connection.

    ``relation`` has one row per identifier: id, row_count and amount (what orders, or else their lines, are
    worth; NULL without any), each of first versions, order_count, event_count, and the ``tables`` it is in.
    """

    column: str
    relation: str
    count: int
    rows: int


@contextmanager
def collect_identifiers(connection: Connection, column: str, filled: Collection[str]) -> Iterator[Identifiers | None]:
    """The identifiers of ``column`` in the raw tables ``filled`` (those with rows); None where there is none."""
    parts = [_count_by_identifier(name, column, filled) for name in filled if TABLES[name].has_column(column)]
    if not parts:
        yield None
        return
    relation = quote_identifier(f"audited {column}")
    connection.execute(f"""
        create or replace temp table {relation} as
        select id, cast(sum(row_count) as bigint) as row_count, max(amount) as amount,
            max(order_count) as order_count, max(event_count) as event_count,
            list(table_name order by table_name) as tables
        from ({" union all by name ".join(parts)}) group by id
    """)
    try:
        count, rows = connection.execute(f"select count(*), coalesce(sum(row_count), 0) from {relation}").fetchall()[0]
        yield Identifiers(column, relation, int(count), int(rows)) if count else None
    finally:
        connection.execute(f"drop table {relation}")


def select_orders(filled: Collection[str]) -> str | None:
    """SQL of the orders' first versions (order_id, customer_id, ordered_at, net_amount); None without any.

    Of a shop without orders of their own, what its lines say of them.
    """
    if ORDERS.name in filled:
        return f"select order_id, customer_id, ordered_at, net_amount from raw.{ORDERS.name} where not is_correction"
    if ORDER_LINES.name in filled:
        return (
            "select order_id, max(customer_id) as customer_id, min(ordered_at) as ordered_at, "
            f"sum(net_amount) as net_amount from raw.{ORDER_LINES.name} where not is_correction group by order_id"
        )
    return None


def _count_by_identifier(table_name: str, column: str, filled: Collection[str]) -> str:
    name = quote_identifier(column)
    amount = "sum(net_amount)" if TABLES[table_name].has_column("net_amount") else "null"
    orders = "0"
    if table_name == ORDERS.name:
        orders = "count(*)"
    elif table_name == ORDER_LINES.name and ORDERS.name not in filled:
        orders = "count(distinct order_id)"
    return (
        f"select {name} as id, {quote_literal(table_name)} as table_name, count(*) as row_count, "
        f"cast({amount} as decimal(38, 4)) as amount, {orders} as order_count, "
        f"{'count(*)' if table_name == EVENTS.name else '0'} as event_count "
        f"from raw.{table_name} where not is_correction and {name} is not null group by {name}"
    )
