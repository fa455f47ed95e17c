"""The first look at the files of a load: the key of every row as a hash, and which rows cannot be judged alone.

Nearly all rows of a load have keys that come once and are not stored; they go from the file straight to the raw table.
The others are suspects: a key that comes again, in the load or from the store, and lines of an order of which other
lines are elsewhere. Two keys of one hash only add a suspect.
"""

from dataclasses import dataclass

import duckdb

from dagster_project.loading.binding import TableMapping, in_shop
from dagster_project.loading.columns import ORDER_ID
from dagster_project.loading.file_rows import SOURCE_ROW
from dagster_project.loading.judging import FileRowsOfTable, key_hash
from dagster_project.loading.planning import business_day

# One row per row of the files: its file, and hashes of its key and, of an order line, of what its order says of itself.
ROW_KEYS = "temp.row_keys"

# Rows and money of each file, whatever becomes of them.
READ_COUNTS = "temp.read_counts"

# Hashes of the keys, and of the orders, whose rows are looked at together.
SUSPECT_KEYS, SUSPECT_ORDERS = "temp.suspect_keys", "temp.suspect_orders"

# Keys that are grouped at once; more would need gigabytes.
_KEYS_AT_ONCE = 8_000_000


def start_keys(connection: duckdb.DuckDBPyConnection, mapping: TableMapping) -> None:
    """Empty what is noted of the rows of a load."""
    columns = ", ".join(f"{name} {type_}" for name, type_, _ in _noted(mapping))
    connection.execute(f"create or replace temp table {ROW_KEYS} (file_index integer, {columns})")
    connection.execute(
        f"create or replace temp table {READ_COUNTS} (file_index bigint, row_count bigint, amount decimal(38,4))"
    )


def note_keys(connection: duckdb.DuckDBPyConnection, rows: FileRowsOfTable) -> None:
    """Note the keys of one file's rows, and how many rows and how much money they are."""
    mapping, index = rows.binding.mapping, rows.file_index
    noted = ", ".join([str(index), *(value for _, _, value in _noted(mapping))])
    connection.execute(f"insert into {ROW_KEYS} {rows.query(noted)}")
    amount = "sum(amount)" if mapping.table.has_column("net_amount") else "null"
    connection.execute(
        f"insert into {READ_COUNTS} select {index}, count(*), {amount} from {ROW_KEYS} where file_index = {index}"
    )


def _noted(mapping: TableMapping) -> list[tuple[str, str, str]]:
    """Name, type and SQL of what is noted of a row; no more than its table needs, because it is noted of every row."""
    table = mapping.table
    columns = [("source_row", "integer", SOURCE_ROW), ("key_hash", "ubigint", key_hash(table))]
    if table.has_several_rows_an_order:
        columns += [
            ("order_hash", "ubigint", f"hash({ORDER_ID})"),
            ("person", "ubigint", "hash(coalesce(customer_id, ''))"),
            ("day", "date", business_day("ordered_at", mapping.source)),
        ]
    if table.has_column("net_amount"):
        columns.append(("amount", "decimal(18,4)", "net_amount"))
    return columns


@dataclass(frozen=True)
class Suspicion:
    """Whether rows of a load cannot be judged alone, and whether keys or orders of theirs are stored."""

    has_suspects: bool
    has_stored: bool


def find_suspects(connection: duckdb.DuckDBPyConnection, mapping: TableMapping) -> Suspicion:
    """Make SUSPECT_KEYS and SUSPECT_ORDERS from what was noted."""
    table = mapping.table
    _find_repeated_keys(connection)
    stored = _note(connection, SUSPECT_KEYS, _stored(table.name, key_hash(table), "key_hash"))
    if table.is_of_orders and not table.has_several_rows_an_order:
        others = f"where source_name not in {in_shop(mapping)}"
        stored += _note(connection, SUSPECT_KEYS, _stored("order_lines", f"hash({ORDER_ID})", "key_hash", others))
    connection.execute(f"create or replace temp table {SUSPECT_ORDERS} (order_hash ubigint)")
    if table.has_several_rows_an_order:
        stored += _find_suspect_orders(connection, mapping)
    counts = f"select (select count(*) from {SUSPECT_KEYS}) + (select count(*) from {SUSPECT_ORDERS})"
    found = bool(connection.execute(counts).fetchall()[0][0])
    return Suspicion(found or mapping.config.complete, bool(stored) or mapping.config.complete)


def suspects_of(mapping: TableMapping, file_index: int) -> str:
    """A query of the places of a file's suspects; in a complete list every row is one."""
    condition = f"key_hash in (select key_hash from {SUSPECT_KEYS})"
    if mapping.table.has_several_rows_an_order:
        condition = f"({condition} or order_hash in (select order_hash from {SUSPECT_ORDERS}))"
    if mapping.config.complete:
        condition = "key_hash is not null"
    return f"select source_row from {ROW_KEYS} where file_index = {file_index} and {condition}"


def _find_repeated_keys(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"create or replace temp table {SUSPECT_KEYS} (key_hash ubigint)")
    rows = connection.execute(f"select count(*) from {ROW_KEYS}").fetchall()[0][0]
    parts = rows // _KEYS_AT_ONCE + 1
    for part in range(parts):
        one_part = f"and key_hash % {parts} = {part}" if parts > 1 else ""
        connection.execute(
            f"insert into {SUSPECT_KEYS} select key_hash from {ROW_KEYS} where key_hash is not null {one_part} "
            "group by key_hash having count(*) > 1"
        )


def _find_suspect_orders(connection: duckdb.DuckDBPyConnection, mapping: TableMapping) -> int:
    """Orders whose lines come in several files or are stored, name other people or days, or are another shop's.

    How many are stored.
    """
    connection.execute(f"""
        insert into {SUSPECT_ORDERS}
        select order_hash from {ROW_KEYS} where order_hash is not null
        group by order_hash
        having min(file_index) <> max(file_index) or min(person) <> max(person) or min(day) <> max(day)
    """)
    others = f"where source_name not in {in_shop(mapping)}"
    return _note(connection, SUSPECT_ORDERS, _stored("order_lines", f"hash({ORDER_ID})", "order_hash")) + _note(
        connection, SUSPECT_ORDERS, _stored("orders", f"hash({ORDER_ID})", "order_hash", others)
    )


def _note(connection: duckdb.DuckDBPyConnection, suspects: str, query: str) -> int:
    count: int = connection.execute(f"insert into {suspects} {query}").fetchall()[0][0]
    return count


def _stored(table_name: str, hashed: str, noted: str, condition: str = "") -> str:
    """Hashes of the stored rows of a table that are among those noted of the load."""
    return (
        f"select distinct {noted} from (select {hashed} as {noted} from raw.{table_name} {condition}) "
        f"where {noted} in (select {noted} from {ROW_KEYS})"
    )
