"""What every reader of a file hands on: a query over its rows, its columns, and what could not be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from dagster_project.loading.errors import SourceError
from dagster_project.loading.files import SourceFile
from dagster_project.loading.sql_text import quote_text

# The column of a reader's query that holds the row's place in the file.
SOURCE_ROW = "__source_row"

# The column of a fetched file that says why a record is no row.
PROBLEM = "__problem"

# Records that are no rows at all; filled by the reader of the file at hand.
MALFORMED_RECORDS = "temp.malformed_records"


@dataclass(frozen=True)
class FileRows:
    """``query`` gives the columns of the file, in the types it has, and SOURCE_ROW.

    ``value_types`` are the kinds of value that each column holds, where the format lets them differ from row to row;
    ``delimiter`` is that of a delimited file. ``notes`` say what somebody should know of the file. A file without
    columns has no rows.
    """

    query: str
    column_types: Mapping[str, str]
    value_types: Mapping[str, Sequence[str]] | None = None
    delimiter: str | None = None
    notes: tuple[str, ...] = ()


def start_malformed_records(connection: duckdb.DuckDBPyConnection) -> None:
    """Empty the table of malformed records before a file is read."""
    connection.execute(
        f"create or replace temp table {MALFORMED_RECORDS} (source_row bigint, text varchar, problem varchar)"
    )


def append_columns(connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, Sequence[object]]) -> None:
    """Append columns of equal length to a temporary table, matched by position."""
    import pyarrow as pa

    connection.register("loading_batch", pa.table(dict(columns)))
    connection.execute(f"insert into {table} select * from loading_batch")
    connection.unregister("loading_batch")


def require_distinct(file: SourceFile, names: list[str]) -> None:
    """Raise SourceError when two columns have one name for SQL, which does not tell case apart, or one has ours."""
    lower = [name.lower() for name in names]
    taken = sorted({SOURCE_ROW, PROBLEM}.intersection(lower))
    if taken:
        raise SourceError(f"{file.place} has a column {taken[0]}, a name that loading uses itself; rename it")
    repeated = sorted({name for name in names if lower.count(name.lower()) > 1})
    if repeated:
        raise SourceError(
            f"{file.place} has columns whose names are the same but for case: {', '.join(repeated)}; "
            "rename them where it is made"
        )


def path_literal(file: SourceFile) -> str:
    """The path of ``file`` for DuckDB's readers."""
    # DuckDB would take these characters of a file's own name for a pattern.
    escaped = "".join(f"[{character}]" if character in "*?[" else character for character in str(file.path))
    return quote_text(escaped)
