"""What is wrong with orders as a whole: totals that their lines do not make, and numbers that were given twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from dagster_project.auditing.features import list_columns
from dagster_project.auditing.findings import NOTE, OK, Finding, grade, say_change, say_money, say_share
from dagster_project.auditing.profiles import FamilyProfile
from dagster_project.auditing.settings import Limits
from dagster_project.loading.tables.commerce import ORDER_LINES, ORDERS
from dagster_project.warehouse import Connection

TOTAL_GAPS = "intermediate.int_order_total_gaps"

_EXAMPLES = 3


def judge_orders(connection: Connection, profiles: Mapping[str, FamilyProfile], limits: Limits) -> Iterator[Finding]:
    """Findings about orders, and about lines that say themselves who ordered and when."""
    orders, lines = profiles[ORDERS.name], profiles[ORDER_LINES.name]
    for profile in (orders, lines):
        if profile.rows:
            yield _judge_reused_keys(connection, profile.table.name, limits)
    # A warehouse that was built before there was this table says nothing of its totals.
    if orders.rows and lines.rows and list_columns(connection, TOTAL_GAPS):
        yield from _judge_total_gaps(connection, orders.given["net_amount"], limits)


def _judge_reused_keys(connection: Connection, table: str, limits: Limits) -> Finding:
    """Orders of several customers, or of times more than a day apart, among all versions of their rows.

    A correction may move an order to another customer once; a receipt number that starts again does it each day.
    """
    # An order that came once has one customer and one time.
    repeated = f"semi join (select order_id from raw.{table} where is_correction) using (order_id)"
    count, orders, rows, amount, examples = connection.execute(f"""
        with stored as (
            select order_id, customer_id, ordered_at, net_amount
            from raw.{table} {repeated if table == ORDERS.name else ""} where not coalesce(is_deleted, false)
        ),
        mixed as (
            select order_id from stored group by order_id
            having min(customer_id) <> max(customer_id) or max(ordered_at) - min(ordered_at) > interval 1 day
        ),
        counted as (
            select order_id, count(*) as row_count, sum(net_amount) as amount,
                count(distinct customer_id) as customer_count, count(distinct cast(ordered_at as date)) as day_count
            from stored semi join mixed using (order_id) group by order_id
        )
        select count(*), (select count(distinct order_id) from raw.{table}),
            cast(coalesce(sum(row_count), 0) as bigint), coalesce(sum(amount), 0),
            list(
                format('{{}} ({{}} customers, {{}} days)', order_id, customer_count, day_count)
                order by row_count desc, order_id
            )[:{_EXAMPLES}]
        from counted
    """).fetchall()[0]
    said = say_share(count, orders)
    if not count:
        sentence = "No order has several customers, or times more than a day apart."
        return _of_family(table, "reused_order_ids", OK, sentence, said, 0.0)
    sentence = (
        f"{said} orders have several customers, or times more than a day apart: {rows:,} rows worth "
        f"{say_money(amount)} became one order each, such as {', '.join(examples)}."
    )
    remedy = (
        "If order numbers start again, add what tells them apart to order_id in the source YAML, such as the day or "
        "the shop (receipt || '-' || day), and load into a new SEGMENTS_HOME. They are listed by: select order_id, "
        f"count(distinct customer_id), min(ordered_at), max(ordered_at) from raw.{table} group by order_id "
        "having min(customer_id) <> max(customer_id) or max(ordered_at) - min(ordered_at) > interval 1 day"
    )
    status = grade(count / orders, warning=limits.reused_order_share_warning)
    return _of_family(table, "reused_order_ids", status, sentence, said, float(count), remedy)


def _judge_total_gaps(connection: Connection, totals: int, limits: Limits) -> Iterator[Finding]:
    for is_explained in (False, True):
        count, size, change, examples = connection.execute(
            f"select count(*), coalesce(sum(abs(gap_amount)), 0), coalesce(sum(gap_amount), 0), "
            f"coalesce(list(order_id order by abs(gap_amount) desc, order_id), [])[:{_EXAMPLES}] "
            f"from {TOTAL_GAPS} where is_explained = ?",
            [is_explained],
        ).fetchall()[0]
        said = say_share(count, totals)
        check_name = "explained_total_gaps" if is_explained else "total_gaps"
        why = "by the discount of the order" if is_explained else "and nothing says why"
        if not count:
            sentence = f"No order's total differs from its lines {why}."
            yield _of_family(ORDERS.name, check_name, OK, sentence, said, 0.0)
            continue
        sentence = (
            f"The totals of {said} orders differ from their lines {why}: by {say_money(size)}, the totals being "
            f"{say_change(change)} in all, such as {', '.join(examples)}. The total is what counts."
        )
        status = NOTE if is_explained else grade(count / totals, warning=limits.total_gap_share_warning)
        remedy = (
            None if is_explained
            else "Look for lines, discounts, shipping or tax that the export lacks or that only one of the two has. "
            f"They are listed by: from {TOTAL_GAPS} where not is_explained order by abs(gap_amount) desc"
        )  # fmt: skip
        yield _of_family(ORDERS.name, check_name, status, sentence, said, float(size), remedy)


def _of_family(
    table: str, check_name: str, status: str, sentence: str, value: str, figure: float, remedy: str | None = None
) -> Finding:
    return Finding("family", table, check_name, status, sentence, value, figure, remedy, table)
