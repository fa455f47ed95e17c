"""What became of every row of a load: counted from what is stored, written to the ledger, and balanced."""

from dataclasses import dataclass, fields
from decimal import Decimal

import duckdb

from dagster_project.loading.binding import TableMapping
from dagster_project.loading.columns import Table
from dagster_project.loading.conversion import DEFAULT_DAY, NAMES_NOBODY
from dagster_project.loading.errors import LoadError
from dagster_project.loading.judging import DECISIONS
from dagster_project.loading.keys import READ_COUNTS
from dagster_project.loading.planning import LOAD_FILES
from dagster_project.loading.raw_schema import LEDGER_COLUMNS
from dagster_project.loading.sql_text import name_list, quote_text

_REASONS_SHOWN = 3

# A reason quotes the value it is about, which may be a person's. In turn: a quoted value before the words that end it,
# whatever quotes it holds itself; anything else between quotes; all before a quote that is left; a currency, which
# stands without quotes; the number of the line, which says nothing in a sum.
_CUTS = (
    (r"'.*?' (is|are|has|ends|names) ", r"… \1 "),
    (r"'.*'", "…"),
    (r"^.*'", "…"),
    (r"currency .* is not ", "currency … is not "),
    (r"^line [0-9]+: ", ""),
)


@dataclass(frozen=True)
class Totals:
    """Rows and money of one source and raw table in one load; amounts are None without a net_amount.

    ``rows_removed`` are stored rows that have left: said to be deleted, or no longer in what was delivered anew.
    """

    rows_read: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    rows_duplicate: int = 0
    rows_replaced: int = 0
    rows_removed: int = 0
    amount_read: Decimal | None = None
    amount_loaded: Decimal | None = None
    amount_quarantined: Decimal | None = None
    amount_duplicate: Decimal | None = None
    amount_removed: Decimal | None = None


@dataclass(frozen=True)
class Rejections:
    """Why rows were quarantined: the commonest reasons with their counts, and the first rows as examples.

    ``excused`` are rows with a default date, or of nobody: every export has some, and they say nothing of the others;
    ``excused_amount`` is their money.
    """

    reasons: tuple[tuple[str, int], ...] = ()
    examples: tuple[str, ...] = ()
    excused: int = 0
    excused_amount: Decimal = Decimal(0)


def write_ledger(connection: duckdb.DuckDBPyConnection, mapping: TableMapping, load_id: str) -> Totals:
    """One ledger row per file; the totals over them.

    Raises LoadError when rows or money read are not what was loaded, quarantined and passed over together.
    """
    connection.execute(f"insert into ops.load_ledger by name {_ledger_query(mapping, load_id)}")
    row = connection.execute(
        f"select {', '.join(f'sum({field.name})' for field in fields(Totals))} from ops.load_ledger "
        f"where loaded_at in (select loaded_at from {LOAD_FILES}) "
        "and source_name = ? and table_name = ?",
        [mapping.source.name, mapping.table.name],
    ).fetchall()[0]
    totals = Totals(*row)
    _require_balance(mapping, totals)
    return totals


def read_rejections(connection: duckdb.DuckDBPyConnection, mapping: TableMapping) -> Rejections:
    """The reasons among the rows quarantined now, quoted values and line numbers left out so that they group."""
    rejected = (
        f"from quarantine.{mapping.table.name} inner join {LOAD_FILES} using (loaded_at, source_file) "
        f"where source_name = {quote_text(mapping.source.name)}"
    )
    reasons = connection.execute(
        f"select {without_values('reason')} as rule, count(*) {rejected} "
        f"group by rule order by 2 desc, 1 limit {_REASONS_SHOWN}"
    ).fetchall()
    examples = connection.execute(
        f"select source_file, source_row, reason {rejected} order by file_index, source_row limit {_REASONS_SHOWN}"
    ).fetchall()
    excuse = quote_text(f"^[a-z_]+ '[^']*' {DEFAULT_DAY}$|^neither [a-z_ ]+ {NAMES_NOBODY}$")
    excused, excused_amount = connection.execute(
        f"select count(*), coalesce(sum(amount), 0) {rejected} and regexp_matches(reason, {excuse})"
    ).fetchall()[0]
    return Rejections(
        tuple((rule, count) for rule, count in reasons),
        tuple(f"{file} row {row}: {reason}" for file, row, reason in examples),
        excused,
        excused_amount,
    )


def without_values(reason: str) -> str:
    """SQL of a reason with the values of its row cut out, so that reasons group and name nobody."""
    for pattern, replacement in _CUTS:
        reason = f"regexp_replace({reason}, {quote_text(pattern)}, {quote_text(replacement)}, 'gs')"
    return reason


def _ledger_query(mapping: TableMapping, load_id: str) -> str:
    table, source = mapping.table, mapping.source
    amount = "net_amount" if table.has_column("net_amount") else "cast(null as decimal(18,4))"
    # Loaded and quarantined are counted where they are stored, not where they were meant to go.
    files = f"loaded_at in (select loaded_at from {LOAD_FILES})"
    stored = f"where source_name = {quote_text(source.name)} and {files} group by loaded_at"
    return f"""
        with staged as (
            select file_index, sum(row_count) as row_count, sum(amount) as amount from {READ_COUNTS} group by file_index
        ),
        loaded as (
            select loaded_at, count(source_row) as row_count, min({_known_from(table)}) as known_from,
                sum(case when source_row is not null then {amount} end) as amount
            from raw.{table.name} {stored}
        ),
        quarantined as (
            select loaded_at, count(*) as row_count, sum(amount) as amount
            from quarantine.{table.name} {stored}
        ),
        versioned as (
            select file_index, count(*) filter (is_duplicate) as duplicate_count,
                sum(amount) filter (is_duplicate) as duplicate_amount,
                count(*) filter (source_row is not null and is_replacement and not is_duplicate) as replaced_count,
                count(*) filter (is_departure and not is_duplicate) as removed_count,
                sum(amount) filter (is_departure and not is_duplicate) as removed_amount
            from {DECISIONS} group by file_index
        ),
        ledger as (
            select {quote_text(load_id)} as load_id, {quote_text(source.name)} as source_name,
                {quote_text(table.name)} as table_name, source_file, content_hash,
                {quote_text(source.mapping_hash(table.name))} as mapping_hash, bytes, loaded_at, is_history,
                {_zero("staged.row_count", "rows_read")}, {_zero("loaded.row_count", "rows_loaded")},
                {_zero("quarantined.row_count", "rows_quarantined")},
                {_zero("versioned.duplicate_count", "rows_duplicate")},
                {_zero("versioned.replaced_count", "rows_replaced")},
                {_zero("versioned.removed_count", "rows_removed")}, loaded.known_from,
                {_money(table.has_column("net_amount"))},
                file_shape, changes
            from {LOAD_FILES} left join staged using (file_index) left join versioned using (file_index)
            left join loaded using (loaded_at) left join quarantined using (loaded_at)
        )
        select {name_list(name for name, _, _ in LEDGER_COLUMNS)} from ledger order by loaded_at
    """


def _known_from(table: Table) -> str:
    """SQL of when a row could be known: on arrival, else when it occurred, else always."""
    if table.name == "order_lines":
        return "coalesce(arrived_at, ordered_at)"  # a line with neither comes with its order, and counts with it
    return f"coalesce(arrived_at, {table.occurred_at or 'arrived_at'}, timestamp '1900-01-01')"


def _zero(expression: str, name: str) -> str:
    return f"coalesce({expression}, 0) as {name}"


def _money(has_amount: bool) -> str:
    amounts = {
        "amount_read": "staged.amount",
        "amount_loaded": "loaded.amount",
        "amount_quarantined": "quarantined.amount",
        "amount_duplicate": "versioned.duplicate_amount",
        "amount_removed": "versioned.removed_amount",
    }
    return ", ".join(
        _zero(amount, name) if has_amount else f"cast(null as decimal(38,4)) as {name}"
        for name, amount in amounts.items()
    )


def _require_balance(mapping: TableMapping, totals: Totals) -> None:
    rows = totals.rows_loaded + totals.rows_quarantined + totals.rows_duplicate
    parts = (totals.amount_loaded, totals.amount_quarantined, totals.amount_duplicate)
    amount = sum((part for part in parts if part is not None), Decimal(0))
    if rows != totals.rows_read or amount != (totals.amount_read or 0):
        raise LoadError(
            f"{mapping.place}: {totals.rows_read:,} rows worth {totals.amount_read} were read, but {rows:,} "
            f"worth {amount} are accounted for; nothing was stored, please report this with the source's YAML"
        )
