"""The one place where DuckDB is opened, and the border between its tables and polars frames.

DuckDB lets one process at a time hold a file, reader or writer, and refuses the others at once. So a
connection here waits for the file, lives only inside a ``with`` block, and nothing hands one out for longer.
"""

from __future__ import annotations

import errno
import random
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import duckdb

if TYPE_CHECKING:
    import polars as pl

FIRST_RETRY_SECONDS = 0.05
LONGEST_RETRY_SECONDS = 2.0

_LOCK_HOLDER = re.compile(r"PID (\d+)")

# What other modules need of DuckDB, so that none of them imports it.
Connection = duckdb.DuckDBPyConnection
DatabaseError = duckdb.Error

# A table's slice is named by the values of some of its columns.
Slice = Mapping[str, str | int | date]


class Warehouse(dg.ConfigurableResource):
    """The warehouse file: read into frames, and write all of a step's tables in one transaction."""

    path: str
    lock_timeout_seconds: float = 120
    memory_limit: str | None = None

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A read-write connection in UTC, closed at the end of the block.

        Raises TimeoutError naming the process that kept the file longer than ``lock_timeout_seconds``.
        """
        Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        connection = self._open_when_free()
        try:
            connection.execute("set TimeZone = 'UTC'")
            if self.memory_limit is not None:
                connection.execute(f"set memory_limit = {quote_literal(self.memory_limit)}")
            yield connection
        finally:
            connection.close()

    def read(self, sql: str, parameters: Sequence[object] | None = None) -> pl.DataFrame:
        """The rows of one query; in the order the query asks for, so ask for one."""
        with self.connect() as connection:
            return connection.sql(sql, params=list(parameters or [])).pl()

    def read_table(self, name: str, columns: Sequence[str] | None = None, where: Slice | None = None) -> pl.DataFrame:
        """The rows of ``schema.table`` in stored order: only ``columns``, only the slice ``where``."""
        selected = ", ".join(map(quote_identifier, columns)) if columns else "*"
        condition, values = _slice_condition(where)
        return self.read(f"select {selected} from {quote_table(name)}{condition}", values)

    def replace_tables(self, frames: Mapping[str, pl.DataFrame], where: Slice | None = None) -> None:
        """Replaces ``schema.table`` for each of ``frames``, all of them in one transaction.

        With ``where``, only that slice of each table is replaced: a frame that has rows outside of it, or
        other columns than the table, is refused (ValueError) and nothing is written.
        """
        with self.connect() as connection:
            connection.execute("begin")
            try:
                for name, frame in frames.items():
                    _write_frame(connection, name, frame, where)
                connection.execute("commit")
            except BaseException:
                connection.execute("rollback")
                raise
            # A run that is called done must not have its rows in a write-ahead log only.
            connection.execute("checkpoint")

    def describe_tables(self, schemas: Sequence[str]) -> pl.DataFrame:
        """One row per column of the tables and views in ``schemas``, in the order of schema, table, ordinal.

        Columns: schema, table, column, ordinal (from 1), type, comment (null where none), row_count (exact;
        null for a view, which would have to be computed to be counted).
        """
        with self.connect() as connection:
            columns = connection.sql(_COLUMNS_SQL, params=[list(schemas)]).pl()
            tables = connection.sql(_TABLES_SQL, params=[list(schemas)]).pl()
            return columns.join(_count_rows(connection, tables), on=["schema", "table"], how="left").sort(
                "schema", "table", "ordinal"
            )

    def _open_when_free(self) -> Connection:
        deadline = time.monotonic() + self.lock_timeout_seconds
        delay = FIRST_RETRY_SECONDS
        while True:
            try:
                return duckdb.connect(self.path)
            except duckdb.IOException as error:
                if "lock" not in str(error):
                    raise
                if time.monotonic() >= deadline:
                    raise TimeoutError(self._explain_lock(str(error))) from error
            # Jitter keeps two waiting processes from asking in step for ever.
            time.sleep(delay * random.uniform(0.5, 1.5))
            delay = min(delay * 1.7, LONGEST_RETRY_SECONDS)

    def _explain_lock(self, message: str) -> str:
        holder = _LOCK_HOLDER.search(message)
        process = f"process {holder[1]}" if holder else "another process"
        return (
            f"{self.path} is still held by {process} after {self.lock_timeout_seconds:g} s; close what has "
            "it open (a notebook, a BI tool, a hanging run): readers use published/current/segments.duckdb"
        )


@contextmanager
def open_readonly(path: Path) -> Iterator[Connection]:
    """A read-only connection in UTC to a published file; raises FileNotFoundError when there is none."""
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist; publish a generation first (make run)")
    connection = duckdb.connect(str(path), read_only=True)
    try:
        connection.execute("set TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


def require_free_space(folder: Path, bytes_needed: int) -> None:
    """Raises OSError (ENOSPC) with the figures when ``folder``'s disk has less than ``bytes_needed`` free.

    Worth asking first: a DuckDB file that once filled its disk keeps its size, so that even small writes
    go on failing after the rollback.
    """
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(existing).free
    if free < bytes_needed:
        raise OSError(
            errno.ENOSPC,
            f"{folder} needs {bytes_needed:,} bytes and its disk has {free:,} free; "
            f"free at least {bytes_needed - free:,} bytes and run again",
        )


def quote_identifier(name: str) -> str:
    """``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_table(name: str) -> str:
    """``schema.table`` with both parts as SQL identifiers; raises ValueError for any other form."""
    if name.count(".") != 1 or "" in name.split("."):
        raise ValueError(f"{name!r} is no table name; write it as schema.table")
    return ".".join(map(quote_identifier, name.split(".")))


def quote_literal(text: str) -> str:
    """``text`` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


_TABLES_SQL = """
select schema_name as schema, table_name as "table"
from duckdb_tables()
where database_name = current_database() and list_contains(?, schema_name)
order by all
"""

_COLUMNS_SQL = """
select
    schema_name as schema,
    table_name as "table",
    column_name as "column",
    column_index as ordinal,
    data_type as type,
    comment,
from duckdb_columns()
where database_name = current_database() and list_contains(?, schema_name) and not internal
"""


def _count_rows(connection: Connection, tables: pl.DataFrame) -> pl.DataFrame:
    import polars as pl

    if tables.is_empty():
        return tables.with_columns(row_count=pl.lit(None, dtype=pl.Int64))
    counts = [
        f'select {quote_literal(schema)} as schema, {quote_literal(table)} as "table", count(*) as row_count '
        f"from {quote_identifier(schema)}.{quote_identifier(table)}"
        for schema, table in tables.iter_rows()
    ]
    return connection.sql(" union all ".join(counts)).pl()


def _slice_condition(where: Slice | None) -> tuple[str, list[object]]:
    if not where:
        return "", []
    terms = [f"{quote_identifier(column)} = ?" for column in where]
    return " where " + " and ".join(terms), list(where.values())


def _write_frame(connection: Connection, name: str, frame: pl.DataFrame, where: Slice | None) -> None:
    table = quote_table(name)
    connection.execute(f"create schema if not exists {table.split('.')[0]}")
    connection.register("incoming_frame", frame.to_arrow())
    try:
        if where is not None:
            _require_rows_inside(frame, name, where)
        if where is None or not _table_exists(connection, name):
            connection.execute(f"create or replace table {table} as select * from incoming_frame")
            return
        _require_same_columns(connection, name)
        condition, values = _slice_condition(where)
        connection.execute(f"delete from {table}{condition}", values)
        connection.execute(f"insert into {table} by name select * from incoming_frame")
    finally:
        connection.unregister("incoming_frame")


def _table_exists(connection: Connection, name: str) -> bool:
    found = connection.execute(
        "select count(*) from duckdb_tables() where database_name = current_database() "
        "and schema_name = ? and table_name = ?",
        name.split("."),
    ).fetchone()
    return bool(found and found[0])


def _require_rows_inside(frame: pl.DataFrame, name: str, where: Slice) -> None:
    import polars as pl

    inside = pl.all_horizontal([pl.col(column).eq_missing(value) for column, value in where.items()])
    outside = frame.filter(~inside)
    if not outside.is_empty():
        examples = outside.select(list(where)).unique(maintain_order=True).head(3).rows()
        raise ValueError(
            f"{outside.height:,} of {frame.height:,} rows for {name} lie outside the slice {dict(where)}, "
            f"e.g. {examples}; replace one slice at a time"
        )


def _require_same_columns(connection: Connection, name: str) -> None:
    def columns_of(relation: str) -> set[tuple[str, str]]:
        return {row[:2] for row in connection.execute(f"describe {relation}").fetchall()}

    stored, incoming = columns_of(quote_table(name)), columns_of("incoming_frame")
    if stored != incoming:
        raise ValueError(
            f"{name} has other columns than the rows to write: {len(stored - incoming)} only in the table, "
            f"e.g. {sorted(stored - incoming)[:3]}, {len(incoming - stored)} only in the rows, "
            f"e.g. {sorted(incoming - stored)[:3]}; replace the whole table"
        )
