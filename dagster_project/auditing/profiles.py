"""One scan of a raw table: everything that can be counted of it, asked for as the contract has its columns."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from dagster_project.auditing.settings import AuditSettings, Plausible
from dagster_project.loading.columns import Kind, Table
from dagster_project.loading.contract import TABLES
from dagster_project.warehouse import Connection, quote_identifier, quote_literal

# How long after it occurred a fact arrived, from the shortest; hours up to which a class reaches.
DELAY_CLASSES = ("within an hour", "within a day", "within the days of a session's merge", "later")

# A measure's kind and what it is about.
_Key = tuple[str, str]


@dataclass(frozen=True)
class FamilyProfile:
    """Counts of one raw table. Every version of a row counts as a row; ``repeated`` and ``delays`` count first ones.

    ``given`` has the rows with a value by column, ``together`` those with a value in all columns of a
    combination, ``default_times`` those with a time that stands for none by column and ``default_amounts`` what
    they are worth (None of a table without money), ``implausible`` rows outside of the plausible values by
    column, ``orphans`` rows whose key is unknown in the table it leads to by column, ``childless`` rows that no
    row of another table belongs to, by that table. ``repeated`` is None for tables in which the question makes
    no sense.
    """

    table: Table
    rows: int
    corrected: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    repeated: int | None = None
    given: Mapping[str, int] = field(default_factory=dict)
    together: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    default_times: Mapping[str, int] = field(default_factory=dict)
    default_amounts: Mapping[str, Decimal | None] = field(default_factory=dict)
    implausible: Mapping[str, int] = field(default_factory=dict)
    orphans: Mapping[str, int] = field(default_factory=dict)
    childless: Mapping[str, int] = field(default_factory=dict)
    delays: Mapping[str, int] = field(default_factory=dict)


def count_rows(connection: Connection) -> dict[str, int]:
    """Rows of every raw table of the contract."""
    counts = " union all ".join(f"select '{name}', count(*) from raw.{name}" for name in TABLES)
    return dict(connection.execute(counts).fetchall())


def profile_family(
    connection: Connection, table: Table, *, time_zone: str, row_counts: Mapping[str, int], settings: AuditSettings
) -> FamilyProfile:
    """The counts of one raw table, its times by the clock of ``time_zone``; of an empty one that it is empty."""
    if row_counts[table.name] == 0:
        return FamilyProfile(table=table, rows=0)
    combinations = _find_combinations(table, settings)
    measures = _measure(table, time_zone, row_counts, settings, combinations)
    selected = ", ".join(f"{measure} as m{place}" for place, measure in enumerate(measures.values()))
    row = connection.execute(f"select {selected} from ({_rows_query(table, row_counts)})").fetchall()[0]
    found = dict(zip(measures, row, strict=True))

    def collect(kind: str) -> dict[str, Any]:
        return {subject: count for (its_kind, subject), count in found.items() if its_kind == kind}

    return FamilyProfile(
        table=table,
        rows=row_counts[table.name],
        corrected=found["corrected", ""],
        first_at=found.get(("first", "")),
        last_at=found.get(("last", "")),
        repeated=found.get(("repeated", "")),
        given=collect("given"),
        together={tuple(key.split("+")): count for key, count in collect("together").items()},
        default_times=collect("default"),
        default_amounts=collect("default_amount"),
        implausible=collect("implausible"),
        orphans=collect("orphans"),
        childless=collect("childless"),
        delays=collect("delays") if found.get(("timed", "")) else {},
    )


def find_references(table: Table) -> dict[str, str]:
    """The table that each column of ``table`` leads to, where the column is that table's whole key."""
    keys = {other.key[0]: other.name for other in TABLES.values() if len(other.key) == 1}
    return {
        name: keys[name]
        for name in table.column_names
        if name in keys and (name,) != table.key and keys[name] != table.name
    }


def find_children(table: Table) -> list[str]:
    """Tables whose key begins with the key of ``table``, as an order line's does with the order's."""
    reach = len(table.key)
    return [other.name for other in TABLES.values() if len(other.key) > reach and other.key[:reach] == table.key]


def find_plausible(table: Table, settings: AuditSettings) -> dict[str, Plausible]:
    """The bounds of the columns of ``table`` that have any."""
    return {name: settings.plausible[name] for name in table.column_names if name in settings.plausible}


def find_times(table: Table) -> list[str]:
    """The columns of ``table`` that hold times."""
    return [column.name for column in table.columns if column.kind is Kind.TIME]


def _is_default(column: str) -> str:
    """A condition that is true of a quoted column's times that systems write where there is none.

    Those are the days 1900-01-01, 1970-01-01 and 2099-12-31 or later, by the clock of any zone.
    """
    return (
        f"{column} < timestamp '1900-01-02 12:00:00' or {column} >= timestamp '2099-12-30 10:00:00' "
        f"or ({column} >= timestamp '1969-12-31 10:00:00' and {column} < timestamp '1970-01-02 12:00:00')"
    )


def _rows_query(table: Table, row_counts: Mapping[str, int]) -> str:
    """The raw table with a flag a question to another table; asked here because a filter may hold no subquery."""
    flags = []
    for column, other in find_references(table).items():
        if row_counts[other]:
            name = quote_identifier(column)
            flags.append(
                f"{name} is not null and {name} not in (select {name} from raw.{other}) "
                f"as {quote_identifier('orphan ' + column)}"
            )
    for child in find_children(table):
        if row_counts[child]:
            keys = ", ".join(map(quote_identifier, table.key))
            flags.append(
                f"({keys}) not in (select {keys} from raw.{child}) as {quote_identifier('childless ' + child)}"
            )
    return ", ".join(["select *", *flags]) + f" from raw.{table.name}"


def _measure(
    table: Table,
    time_zone: str,
    row_counts: Mapping[str, int],
    settings: AuditSettings,
    combinations: list[tuple[str, ...]],
) -> dict[_Key, str]:
    measures: dict[_Key, str] = {("corrected", ""): "count(*) filter (is_correction)"}
    if table.occurred_at:
        for name, extreme in (("first", "min"), ("last", "max")):
            utc = f"timezone('UTC', {extreme}({quote_identifier(table.occurred_at)}))"
            measures[name, ""] = f"timezone({quote_literal(time_zone)}, {utc})"
    for name in table.column_names:
        measures["given", name] = f"count({quote_identifier(name)})"
    for name in find_times(table):
        rows = f"filter ({_is_default(quote_identifier(name))})"
        measures["default", name] = f"count(*) {rows}"
        measures["default_amount", name] = f"sum(net_amount) {rows}" if table.has_column("net_amount") else "null"
    for columns in combinations:
        measures["together", "+".join(columns)] = f"count(*) filter ({_all_given(columns)})"
    for name, bounds in find_plausible(table, settings).items():
        measures["implausible", name] = f"count(*) filter ({bounds.find_outside(quote_identifier(name))})"
    for name, other in find_references(table).items():
        if row_counts[other]:
            measures["orphans", name] = f"count(*) filter ({quote_identifier('orphan ' + name)})"
    for child in find_children(table):
        if row_counts[child]:
            measures["childless", child] = f"count(*) filter ({quote_identifier('childless ' + child)})"
    return measures | _measure_first_versions(table, settings)


def _measure_first_versions(table: Table, settings: AuditSettings) -> dict[_Key, str]:
    """What is asked of first versions only: a correction repeats its row, and comes late by its nature."""
    measures: dict[_Key, str] = {}
    if not table.has_happened or table.occurred_at is None:
        return measures
    own_key = _own_key(table)
    if own_key:
        others = [quote_identifier(name) for name in table.column_names if name != own_key]
        content = f"case when not is_correction then hash({', '.join(others)}) end"
        measures["repeated", ""] = f"count(*) filter (not is_correction) - count(distinct {content})"
    measures["timed", ""] = "count(arrived_at)"
    occurred = quote_identifier(table.occurred_at)
    delay = f"coalesce(arrived_at, {occurred}) - {occurred}"
    bounds = ["interval 1 hour", "interval 1 day", f"interval {settings.limits.late_days} day"]
    conditions = [
        f"{delay} <= {bounds[0]}",
        *(f"{delay} > {low} and {delay} <= {high}" for low, high in itertools.pairwise(bounds)),
        f"{delay} > {bounds[-1]}",
    ]
    for name, condition in zip(DELAY_CLASSES, conditions, strict=True):
        measures["delays", name] = f"count(*) filter (not is_correction and {condition})"
    return measures


def _own_key(table: Table) -> str | None:
    """The key column that only tells rows apart, so that the same fact may come under two of its values."""
    if len(table.key) == 1:
        return table.key[0]
    numbers = [column.name for column in table.columns if column.name in table.key and column.kind is Kind.WHOLE_NUMBER]
    return numbers[0] if numbers else None


def _find_combinations(table: Table, settings: AuditSettings) -> list[tuple[str, ...]]:
    """Columns that a model needs together in a row of this table."""
    needed = {
        requirement.columns
        for needs in settings.models.values()
        for requirement in needs.requirements.values()
        if requirement.kind == "rows" and table.name in requirement.families and len(requirement.columns) > 1
    }
    return sorted(needed)


def _all_given(columns: tuple[str, ...]) -> str:
    return " and ".join(f"{quote_identifier(name)} is not null" for name in columns)
