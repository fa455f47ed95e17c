"""What is known of the rows that cannot be judged alone: one row each, with no more than the decisions need."""

import duckdb

from dagster_project.loading.binding import TableMapping
from dagster_project.loading.columns import ORDER_ID, Table
from dagster_project.loading.file_rows import SOURCE_ROW
from dagster_project.loading.judging import REASON, FileRowsOfTable, content_hash
from dagster_project.loading.keys import suspects_of
from dagster_project.loading.planning import business_day
from dagster_project.loading.source import IS_DELETED, RECEIVED_AT
from dagster_project.loading.sql_text import name_list, quote_name, quote_text

# The suspect rows of the load that have a key and break no rule of their own, and what the loader adds to them:
# rows that have left because a file lacks them have no source_row.
SUSPECTS = "temp.suspects"

# The newest stored version of each key that a suspect has, whichever source brought it.
STORED = "temp.stored_versions"

_SUSPECT_ROWS = "temp.suspect_rows"


def start_suspects(connection: duckdb.DuckDBPyConnection, mapping: TableMapping) -> None:
    """Empty the suspects."""
    columns = ", ".join(f"{quote_name(name)} {type_}" for name, type_ in _columns(mapping.table))
    connection.execute(f"create or replace temp table {SUSPECTS} ({columns})")


def note_suspects(connection: duckdb.DuckDBPyConnection, rows: FileRowsOfTable) -> None:
    """Note the suspects of one file."""
    places = suspects_of(rows.binding.mapping, rows.file_index)
    connection.execute(f"create or replace temp table {_SUSPECT_ROWS} as {places}")
    noted = ", ".join([str(rows.file_index), SOURCE_ROW, *_noted(rows.binding.mapping, "__extra")])
    where = f"{REASON} is null"
    connection.execute(
        f"insert into {SUSPECTS} {rows.judged(noted, where=where, only=_SUSPECT_ROWS, is_decided=False)}"
    )
    connection.execute(f"drop table {_SUSPECT_ROWS}")


def find_stored_versions(connection: duckdb.DuckDBPyConnection, mapping: TableMapping, *, has_stored: bool) -> None:
    """Make STORED for the keys of the suspects; of order lines, for all stored lines of their orders.

    Where files are complete lists, for all keys; empty without a look at the raw table where nothing is stored.
    """
    table = mapping.table
    joined = ORDER_ID if table.has_several_rows_an_order else name_list(table.key)
    nothing = "" if has_stored else "where false"
    of_suspects = "" if mapping.config.complete else f"semi join {SUSPECTS} using ({joined})"
    key, names = name_list(table.key), [name for name, _ in _noted_columns(table)]
    noted = _alias(_noted(mapping, "extra"), names)
    # One struct, because arg_max on arrived_at alone would pass over a newest version without one.
    packed = ", ".join(f"{quote_name(name)} := {quote_name(name)}" for name in names)
    newest = _alias([f"newest.{quote_name(name)}" for name in names if name not in table.key], names[len(table.key) :])
    connection.execute(f"""
        create or replace temp table {STORED} as
        with stored as (
            select *, cast(null as timestamp) as {RECEIVED_AT}
            from raw.{table.name} {of_suspects} {nothing}
        ),
        noted as (
            select source_name, arrived_at, {noted},
                struct_pack(loaded_at := loaded_at, source_row := source_row) as place
            from stored
        ),
        versions as (
            select {key}, min(source_name) as owner, list(content) as contents,
                arg_max(struct_pack(arrived_at := arrived_at, {packed}), place) as newest
            from noted group by {key}
        )
        select {key}, owner, contents, newest.arrived_at, {newest} from versions
    """)


def in_source(mapping: TableMapping) -> str:
    """SQL of whether a stored version is of the source at hand."""
    return f"owner = {quote_text(mapping.source.name)}"


def _columns(table: Table) -> list[tuple[str, str]]:
    return [("file_index", "bigint"), ("source_row", "bigint"), *_noted_columns(table)]


def _noted_columns(table: Table) -> list[tuple[str, str]]:
    keys = [(column.name, column.kind.value) for column in table.columns if column.name in table.key]
    return [
        *keys,
        ("person", "varchar"),
        ("day", "date"),
        ("occurred", "timestamp"),
        (RECEIVED_AT, "timestamp"),
        (IS_DELETED, "boolean"),
        ("gives_back", "boolean"),
        ("amount", "decimal(18,4)"),
        ("content", "ubigint"),
    ]


def _alias(values: list[str], names: list[str]) -> str:
    return ", ".join(f"{value} as {quote_name(name)}" for value, name in zip(values, names, strict=True))


def _noted(mapping: TableMapping, extra: str) -> list[str]:
    """SQL of the noted columns over converted rows, or over stored ones."""
    table = mapping.table
    occurred_at = table.occurred_at
    has_amount = table.has_column("net_amount")
    gives_back = (
        "coalesce(is_return, quantity < 0 and net_amount < 0, false)" if table.has_column("is_return") else "false"
    )
    return [
        *(quote_name(name) for name in table.column_names if name in table.key),
        "coalesce(customer_id, '')" if table.has_column("customer_id") else "cast(null as varchar)",
        business_day(occurred_at, mapping.source) if occurred_at else "cast(null as date)",
        quote_name(occurred_at) if occurred_at else "cast(null as timestamp)",
        RECEIVED_AT,
        f"coalesce({IS_DELETED}, false)",
        gives_back,
        "net_amount" if has_amount else "cast(null as decimal(18,4))",
        content_hash(table, extra),
    ]
