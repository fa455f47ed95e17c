"""Thousands of generated histories in one warehouse: each is that of one customer, and some share what is shared."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import polars as pl

from dagster_project.loading.contract import TABLES
from dagster_project.loading.raw_schema import create_raw_schema
from tests.dbt.histories.business import tell_account, tell_membership
from tests.dbt.histories.facts import FIRST_DAY, LOADED_AT, Fact, Row, Teller, known_by
from tests.dbt.histories.shop import (
    tell_campaigns,
    tell_catalogue,
    tell_emails,
    tell_orders,
    tell_social_acts,
    tell_tickets,
)
from tests.dbt.histories.visits import tell_visits

_CUSTOMERS_AN_ACCOUNT = 2


def tell_histories(customers: int, *, seed: int) -> list[Fact]:
    """The facts of so many histories, which ``seed`` alone decides, in the order in which they were loaded."""
    catalogue = Teller("catalogue", seed)
    tell_catalogue(catalogue)
    facts = catalogue.facts
    for number in range(customers):
        facts += _tell_history(number, customers, seed)
    return facts


def cut_off(facts: Iterable[Fact], day: date) -> list[Fact]:
    """The world as it would be had it ended with ``day``, with the consent gate of the whole world.

    The gate counts a refusal on a device against everybody who was ever linked to it. Links that are still to come
    are not in a world that has ended, so the customers they would name refuse in their own names there.
    """
    everything = list(facts)
    return [*known_by(everything, day), *_refusals_by_device(everything)]


def write_world(path: Path, facts: Iterable[Fact]) -> Path:
    """A warehouse with ``facts`` in its raw tables, stamped as the loader stamps them."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for source_row, fact in enumerate(facts, start=1):
        rows[fact.table].append(
            {
                **fact.row,
                "source_name": "histories",
                "source_file": fact.table,
                "source_row": source_row,
                "loaded_at": LOADED_AT[fact.load],
                "arrived_at": fact.arrived_at,
                "load_id": f"load-{fact.load}",
                "is_correction": fact.is_correction,
            }
        )
    with duckdb.connect(str(path)) as connection:
        create_raw_schema(connection)
        for table in TABLES:
            if rows[table]:
                frame = pl.DataFrame(rows[table], infer_schema_length=None)
                connection.register("frame", frame)
                connection.execute(f"insert into raw.{table} by name select * from frame")
    return path


def _tell_history(number: int, customers: int, seed: int) -> list[Fact]:
    teller = Teller(f"c{number:05d}", seed)
    neighbour = f"c{(number + 1) % customers:05d}"
    tell_orders(teller)
    tell_visits(teller, neighbour)
    tell_campaigns(teller)
    tell_emails(teller)
    tell_tickets(teller)
    tell_social_acts(teller)
    account = f"a{number // (3 * _CUSTOMERS_AN_ACCOUNT)}" if number % 3 == 0 else None
    tell_membership(teller, account)
    if account is not None and number % (3 * _CUSTOMERS_AN_ACCOUNT) == 0:
        tell_account(teller, account)
    _tell_decisions(teller)
    return teller.facts


def _tell_decisions(teller: Teller) -> None:
    """Decisions of a few, by name and by device, and requests to be erased."""
    for number in range(teller.random.choice((0,) * 12 + (1, 2))):
        occurred_at = teller.moment()
        is_by_device = teller.chance(0.3)
        teller.tell(
            "consents",
            {
                "consent_event_id": f"{teller.name}-k{number}",
                "customer_id": None if is_by_device else teller.name,
                "anonymous_id": f"d-{teller.name}" if is_by_device else None,
                "purpose": "segmentation",
                "decision": teller.random.choice(("granted", "denied", "withdrawn")),
                "occurred_at": occurred_at,
            },
            occurred_at,
        )
    if teller.chance(0.005):
        requested_at = teller.moment()
        row = {"request_id": f"{teller.name}-x", "customer_id": teller.name, "requested_at": requested_at}
        teller.tell("erasure_requests", row, requested_at)


def _links_a_device(fact: Fact) -> bool:
    """Whether it is an event that says whose device it was; one that arrives after three days is not used."""
    if fact.table != "events" or not fact.row["anonymous_id"] or not fact.row["customer_id"]:
        return False
    if fact.row.get("is_deleted"):
        return False
    assert fact.occurred_at is not None
    return fact.arrived_at is None or fact.arrived_at <= fact.occurred_at + timedelta(days=3)


def _refusals_by_device(facts: list[Fact]) -> list[Fact]:
    decisions: dict[str, tuple[tuple[object, ...], str]] = {}
    owners: dict[str, set[str]] = defaultdict(set)
    for place, fact in enumerate(facts):
        if _links_a_device(fact):
            owners[fact.row["anonymous_id"]].add(fact.row["customer_id"])
        if fact.table == "consents" and fact.row["anonymous_id"]:
            newest = (fact.row["occurred_at"], fact.load, place)
            device = fact.row["anonymous_id"]
            decisions[device] = max(decisions.get(device, ((FIRST_DAY,), "")), (newest, fact.row["decision"]))
    refused = {
        owner for device, (_, decision) in decisions.items() if decision != "granted" for owner in owners[device]
    }
    after_all_others = LOADED_AT[-1] + timedelta(days=1)
    return [
        Fact(
            "consents",
            {
                "consent_event_id": f"{owner}-device",
                "customer_id": owner,
                "anonymous_id": None,
                "purpose": "segmentation",
                "decision": "denied",
                "occurred_at": after_all_others,
            },
            after_all_others,
            None,
            load=0,
        )
        for owner in sorted(refused)
    ]
