"""The tables that loading writes: raw.*, quarantine.* and the load ledger.

All of them exist, empty if need be, before anything is loaded, so that whatever reads them always
compiles. No keys or indexes: the raw tables are append-only and hold every version of a row.
"""

import duckdb

from dagster_project.loading.columns import Table
from dagster_project.loading.contract import TABLES
from dagster_project.loading.sql_text import quote_name, quote_text

# What stands behind the contract columns of every raw table.
RAW_BOOKKEEPING: tuple[tuple[str, str, str], ...] = (
    ("extra", "JSON", "Columns of the file that are mapped to no contract column as they are"),
    ("source_name", "VARCHAR", "The source the row came from"),
    ("source_file", "VARCHAR", "The file (relative to the source's folder), table, query or endpoint it came from"),
    (
        "source_row",
        "BIGINT",
        "Its place in the file, from 1: data row, line of JSON lines, or element of `each`; NULL if it is lacking",
    ),
    ("loaded_at", "TIMESTAMP", "When it was loaded (UTC); later files of one load are a microsecond later"),
    ("arrived_at", "TIMESTAMP", "When it could be known (UTC); NULL means as soon as it occurred"),
    ("load_id", "VARCHAR", "The load that brought it"),
    ("is_correction", "BOOLEAN", "Whether an earlier row has its key; the newest row of a key counts"),
    ("is_deleted", "BOOLEAN", "True where this version says that the row has left; NULL otherwise"),
)

_QUARANTINE_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("row", "JSON", "The row as it came"),
    ("reason", "VARCHAR", "Every rule it breaks"),
    ("amount", "DECIMAL(18,4)", "Its net_amount, where that could be read"),
    ("source_name", "VARCHAR", "The source the row came from"),
    ("source_file", "VARCHAR", "The file (relative to the source's folder), table, query or endpoint it came from"),
    ("source_row", "BIGINT", "Its place in the file, from 1: data row, line of JSON lines, or element of `each`"),
    ("loaded_at", "TIMESTAMP", "When it was rejected (UTC)"),
    ("load_id", "VARCHAR", "The load that rejected it"),
    ("row_key", "VARCHAR", "Its key as far as it could be read, the columns of a longer one with a blank between"),
    ("arrived_at", "TIMESTAMP", "When it could be known (UTC); NULL in a load of history: since it occurred"),
)

LEDGER_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("load_id", "VARCHAR", "The load"),
    ("source_name", "VARCHAR", "The source"),
    ("table_name", "VARCHAR", "The raw table"),
    ("source_file", "VARCHAR", "The file (relative to the source's folder), table, query or endpoint"),
    ("content_hash", "VARCHAR", "SHA-256 of the file, or of what was fetched"),
    ("mapping_hash", "VARCHAR", "SHA-256 of everything in the source's YAML that shapes the rows"),
    ("bytes", "BIGINT", "Size of the file"),
    ("loaded_at", "TIMESTAMP", "When it was loaded (UTC)"),
    ("is_history", "BOOLEAN", "Whether its rows count as known since they occurred"),
    ("rows_read", "BIGINT", "Rows of the file that are meant for the table"),
    ("rows_loaded", "BIGINT", "Rows appended to the raw table"),
    ("rows_quarantined", "BIGINT", "Rows that break the contract"),
    ("rows_duplicate", "BIGINT", "Rows that say again what is known already"),
    ("rows_replaced", "BIGINT", "Loaded rows whose key had an earlier, different version"),
    ("rows_removed", "BIGINT", "Stored rows that have left: said to be deleted, or lacking in what came anew"),
    (
        "known_from",
        "TIMESTAMP",
        "When the first of the rows loaded could be known (UTC): as-of dates before it are as they were",
    ),
    ("amount_read", "DECIMAL(38,4)", "Sum of net_amount over rows_read, as far as it could be read"),
    ("amount_loaded", "DECIMAL(38,4)", "Sum of net_amount over rows_loaded"),
    (
        "amount_quarantined",
        "DECIMAL(38,4)",
        "Sum of net_amount over rows_quarantined, as far as it could be read",
    ),
    ("amount_duplicate", "DECIMAL(38,4)", "Sum of net_amount over rows_duplicate"),
    ("amount_removed", "DECIMAL(38,4)", "Sum of net_amount over rows_removed"),
    ("file_shape", "JSON", "Columns of the file with the types of their values"),
    ("changes", "VARCHAR", "How the file differs from every earlier one of the table; NULL where it does not"),
)


def create_raw_schema(connection: duckdb.DuckDBPyConnection) -> None:
    """Create what is missing of raw.*, quarantine.* and ops.load_ledger; leaves all rows as they are."""
    for schema in ("raw", "quarantine", "ops"):
        connection.execute(f"create schema if not exists {schema}")
    existing = _existing_columns(connection)
    for table in TABLES.values():
        _complete_table(connection, existing, f"raw.{table.name}", raw_columns(table), table.description)
        about = f"Rows of {table.name} that break the contract."
        _complete_table(connection, existing, f"quarantine.{table.name}", _QUARANTINE_COLUMNS, about)
    about = "One row per load, file and table: read = loaded + quarantined + duplicate."
    _complete_table(connection, existing, "ops.load_ledger", LEDGER_COLUMNS, about)


def raw_columns(table: Table) -> tuple[tuple[str, str, str], ...]:
    """Name, type and description of every column of ``raw.<table>``, in order."""
    own = tuple((column.name, column.kind.value, column.description) for column in table.columns)
    return own + RAW_BOOKKEEPING


def _complete_table(
    connection: duckdb.DuckDBPyConnection,
    existing: set[tuple[str, str]],
    name: str,
    columns: tuple[tuple[str, str, str], ...],
    description: str,
) -> None:
    missing = [column for column in columns if (name, column[0]) not in existing]
    is_new = len(missing) == len(columns)
    if is_new:
        body = ", ".join(f"{quote_name(column)} {type_}" for column, type_, _ in columns)
        connection.execute(f"create table {name} ({body})")
        connection.execute(f"comment on table {name} is {quote_text(description)}")
    for column, type_, about in missing:
        if not is_new:  # the contract gained a column since this warehouse was made
            connection.execute(f"alter table {name} add column {quote_name(column)} {type_}")
        connection.execute(f"comment on column {name}.{quote_name(column)} is {quote_text(about)}")


def _existing_columns(connection: duckdb.DuckDBPyConnection) -> set[tuple[str, str]]:
    rows = connection.execute(
        "select schema_name || '.' || table_name, column_name from duckdb_columns() "
        "where database_name = current_database() and schema_name in ('raw', 'quarantine', 'ops')"
    ).fetchall()
    return {(table, column) for table, column in rows}
