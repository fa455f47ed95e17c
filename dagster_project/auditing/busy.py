"""Customers and devices that are far too busy to be one person: a word for nobody, a till, an agency, a test."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal

from dagster_project.auditing.examples import mask_examples
from dagster_project.auditing.findings import OK, WARNING, Finding, grade, say_money, say_share
from dagster_project.auditing.identifiers import Identifiers, select_orders
from dagster_project.auditing.settings import Limits
from dagster_project.loading.tables.behaviour import EVENTS
from dagster_project.warehouse import Connection

_TO_DO = (
    "If it stands for nobody, add it to the words of `no_identifier` in the source YAML, or map it to nothing. "
    "They are listed by: "
)
_SINGULAR = {"customer_id": "customer", "anonymous_id": "device"}


@dataclass(frozen=True)
class _Busy:
    """The identifiers that were found, the busiest first, what they did and what it is worth, of ``total`` in all."""

    ids: list[str]
    done: int
    amount: Decimal | None
    total: int


def judge_busy(
    connection: Connection, identifiers: Identifiers, filled: Collection[str], limits: Limits
) -> Iterator[Finding]:
    """Findings about the identifiers of one column; ``filled`` are the raw tables with rows."""
    column, orders = identifiers.column, select_orders(filled)
    if column == "customer_id" and orders is not None:
        listed = f"select customer_id, count(*) from ({orders}) group by customer_id order by 2 desc limit 10"
        found = _find_busy(connection, identifiers, "order_count", limits.busy_orders, limits.busy_times_orders, limits)
        yield _of_busy(column, "too_many_orders", "orders", found, listed)
        yield _judge_orders_a_day(connection, identifiers, orders, limits)
    if column in _SINGULAR and EVENTS.name in filled:
        listed = f"select {column}, count(*) from raw.events group by {column} order by 2 desc limit 10"
        found = _find_busy(connection, identifiers, "event_count", limits.busy_events, limits.busy_times_events, limits)
        yield _of_busy(column, "too_many_events", "events", found, listed)
    if column == "anonymous_id" and EVENTS.name in filled:
        yield _judge_shared_devices(connection, limits)


def _find_busy(
    connection: Connection, identifiers: Identifiers, measure: str, least: int, times: int, limits: Limits
) -> _Busy:
    """Those above all three limits: of their own, of the share of all, and of what the others do.

    The others are those at a rank, not the average: a shop with a few very big customers has a few more of them.
    Where nobody is at that rank there are too few to compare.
    """
    rank = max(limits.busy_rank, int(limits.busy_rank_share * identifiers.count))
    row = connection.execute(
        f"""
        with busiest as (
            select id, amount, {measure} as done from {identifiers.relation}
            where {measure} > 0 order by {measure} desc, id limit {rank + 1}
        ),
        whole as (select cast(sum({measure}) as bigint) as total from {identifiers.relation}),
        next_ones as (select min(done) as done from busiest having count(*) = {rank + 1}),
        found as (
            select busiest.* from busiest cross join whole cross join next_ones
            where busiest.done >= greatest({least}, {limits.busy_share} * total, {times} * next_ones.done)
        )
        select coalesce(list(id order by done desc, id), []), cast(coalesce(sum(done), 0) as bigint), sum(amount),
            (select coalesce(total, 0) from whole)
        from found
        """
    ).fetchall()[0]
    return _Busy(*row)


def _of_busy(column: str, check_name: str, things: str, found: _Busy, listed: str) -> Finding:
    who, said = _SINGULAR[column], say_share(found.done, found.total)
    if not found.ids:
        sentence = f"No {who} has far more {things} than all the others."
        return Finding("identifier", column, check_name, OK, sentence, f"0 {who}s", 0.0)
    sentence = (
        f"{_say_who(who, found.ids)} far too busy to be one person: {said} {things}{_say_worth(found.amount)}, such as "
        f"{mask_examples(found.ids, is_no_person=True)}."
    )
    return Finding("identifier", column, check_name, WARNING, sentence, said, float(found.done), _TO_DO + listed)


def _judge_orders_a_day(connection: Connection, identifiers: Identifiers, orders: str, limits: Limits) -> Finding:
    least = limits.busy_orders_a_day
    # Only those with so many orders in all can have them in a day.
    days = (
        f"select customer_id, cast(ordered_at as date) as ordered_on, count(*) as order_count, "
        f"sum(net_amount) as amount from ({orders}) "
        f"where customer_id in (select id from {identifiers.relation} where order_count >= {least}) "
        f"group by customer_id, ordered_on having count(*) >= {least}"
    )
    ids, day_count, done, amount = connection.execute(
        f"select coalesce(list(distinct customer_id order by customer_id), []), count(*), "
        f"cast(coalesce(sum(order_count), 0) as bigint), sum(amount) from ({days})"
    ).fetchall()[0]
    check_name = "too_many_orders_a_day"
    if not ids:
        sentence = f"No customer has {least:,} orders in a day."
        return Finding("identifier", "customer_id", check_name, OK, sentence, "0 customers", 0.0)
    sentence = (
        f"{_say_who('customer', ids)} on {day_count:,} days too busy to be one person, with {least:,} orders a day or "
        f"more: {done:,} orders{_say_worth(amount)}, such as {mask_examples(ids, is_no_person=True)}."
    )
    listed = (
        f"select customer_id, cast(ordered_at as date), count(*) from ({orders}) group by all "
        f"having count(*) >= {least} order by 3 desc"
    )
    value = f"{done:,} orders"
    return Finding("identifier", "customer_id", check_name, WARNING, sentence, value, float(done), _TO_DO + listed)


def _judge_shared_devices(connection: Connection, limits: Limits) -> Finding:
    """A device is nobody's once two customers use it; with very many it is probably none at all."""
    least = limits.busy_device_customers
    devices, customers, rows, examples, linked = connection.execute(
        f"""
        with links as (
            select anonymous_id, customer_id, count(*) as row_count from raw.events
            where not is_correction and anonymous_id is not null and customer_id is not null
            group by anonymous_id, customer_id
        ),
        shared as (
            select anonymous_id, count(*) as customer_count, sum(row_count) as row_count
            from links group by anonymous_id having count(*) >= {least}
        ),
        sharers as (select distinct customer_id from links semi join shared using (anonymous_id))
        select count(*), (select count(*) from sharers), cast(coalesce(sum(row_count), 0) as bigint),
            coalesce(list(anonymous_id order by customer_count desc, anonymous_id), [])[:3],
            (select count(distinct customer_id) from links)
        from shared
        """
    ).fetchall()[0]
    said = say_share(customers, linked)
    if not devices:
        sentence = f"No device has {least:,} customers."
        return Finding("identifier", "anonymous_id", "too_many_customers", OK, sentence, said, 0.0)
    sentence = (
        f"{_say_who('device', range(devices))} shared by {least:,} customers or more, by {said} of those with a "
        f"device, in {rows:,} events, such as {mask_examples(examples, is_no_person=True)}. What was done there "
        "without a log-in is nobody's."
    )
    listed = (
        "select anonymous_id, count(distinct customer_id) from raw.events "
        "group by anonymous_id order by 2 desc limit 10"
    )
    status = grade(customers / linked, warning=limits.shared_device_share_warning)
    return Finding(
        "identifier", "anonymous_id", "too_many_customers", status, sentence, said, float(devices), _TO_DO + listed
    )


def _say_who(who: str, ids: Collection[object]) -> str:
    return f"One {who} is" if len(ids) == 1 else f"{len(ids):,} {who}s are"


def _say_worth(amount: Decimal | None) -> str:
    return "" if amount is None else f", worth {say_money(amount)}"
