"""Files as rows: Parquet, delimited text and JSON lines, whatever state they are in.

Text formats keep every value as text, so that a value that does not fit is found by the contract check
and not guessed away here.
"""

import zlib
from dataclasses import replace
from pathlib import Path

import duckdb

from dagster_project.loading.csv_reader import read_csv
from dagster_project.loading.errors import LoadError
from dagster_project.loading.file_rows import (
    MALFORMED_RECORDS,
    PROBLEM,
    SOURCE_ROW,
    FileRows,
    append_columns,
    path_literal,
    require_distinct,
    start_malformed_records,
)
from dagster_project.loading.files import EXTRACT, SourceFile
from dagster_project.loading.json_reader import read_json_lines
from dagster_project.loading.source import SourceTable
from dagster_project.loading.sql_text import name_list, quote_name, quote_text
from dagster_project.loading.text_lines import require_encoding

# DuckDB's own groups have as many; each is read by one thread.
_ROWS_OF_A_GROUP = 122_880


def read_rows(connection: duckdb.DuckDBPyConnection, file: SourceFile, config: SourceTable, scratch: Path) -> FileRows:
    """The rows of ``file``; records that are none are left in MALFORMED_RECORDS.

    What cannot be read many times at little cost is written to ``scratch``, a file that does not exist yet.

    Raises LoadError when the file as a whole cannot be read, SourceError when its header cannot be used.
    """
    start_malformed_records(connection)
    try:
        if file.format in ("csv", "jsonl"):
            require_encoding(file.path, config.csv.encoding)
            return _rewrite_text(connection, file, config, scratch)
        rows = _read_extract(connection, file) if file.format == EXTRACT else _read_parquet(connection, file)
        return _copy(connection, rows, scratch) if _is_one_large_group(connection, file) else rows
    except (duckdb.Error, OSError, EOFError, zlib.error) as error:
        remedy = "bring the file whole, or correct `format`; nothing of this load was stored"
        raise LoadError(f"{file.place} cannot be read as {file.format}: {error}; {remedy}") from error


def _rewrite_text(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, config: SourceTable, scratch: Path
) -> FileRows:
    """The rows of a text file as a Parquet file.

    On a cursor of its own: what a load's transaction puts into temporary tables stays in memory until it ends.
    """
    cursor = connection.cursor()
    try:
        start_malformed_records(cursor)
        if file.format == "csv":
            rows = read_csv(cursor, file, config.csv)
        else:
            rows = read_json_lines(cursor, file, config.csv.encoding)
        if rows.column_types:
            rows = _copy(cursor, rows, scratch)
        malformed = cursor.sql(f"select * from {MALFORMED_RECORDS}").to_arrow_table()
        append_columns(connection, MALFORMED_RECORDS, {name: malformed[name] for name in malformed.column_names})
        return rows
    finally:
        cursor.close()


def _copy(connection: duckdb.DuckDBPyConnection, rows: FileRows, scratch: Path) -> FileRows:
    connection.execute(f"copy ({rows.query}) to {quote_text(str(scratch))} (format parquet, compression lz4_raw)")
    return replace(rows, query=f"select * from read_parquet({quote_text(str(scratch))})")


def _is_one_large_group(connection: duckdb.DuckDBPyConnection, file: SourceFile) -> bool:
    """Whether all rows of a Parquet file lie in one group, which keeps whatever reads it on one thread."""
    groups, rows = connection.execute(
        f"select count(distinct row_group_id), max(row_group_num_rows) from parquet_metadata({path_literal(file)})"
    ).fetchall()[0]
    return groups == 1 and rows > _ROWS_OF_A_GROUP


def _read_parquet(connection: duckdb.DuckDBPyConnection, file: SourceFile) -> FileRows:
    require_distinct(file, _parquet_names(connection, file))
    return _scan_parquet(connection, file)


def _scan_parquet(connection: duckdb.DuckDBPyConnection, file: SourceFile) -> FileRows:
    scan = f"read_parquet({path_literal(file)}, file_row_number = true, hive_partitioning = false)"
    described = connection.execute(f"describe select * from {scan}").fetchall()
    types = {row[0]: row[1] for row in described if row[0] != "file_row_number"}
    return FileRows(f"select {name_list(types)}, file_row_number + 1 as {SOURCE_ROW} from {scan}", types)


def _parquet_names(connection: duckdb.DuckDBPyConnection, file: SourceFile) -> list[str]:
    """The columns as the file names them; DuckDB would give the second of one name another."""
    rows = connection.execute(
        f"select name, coalesce(num_children, 0) from parquet_schema({path_literal(file)})"
    ).fetchall()
    names: list[str] = []
    parts_left = 0  # of the nested column that the rows are in
    for name, children in rows[1:]:
        if parts_left == 0:
            names.append(name)
            parts_left = 1
        parts_left += children - 1
    return names


def _read_extract(connection: duckdb.DuckDBPyConnection, file: SourceFile) -> FileRows:
    rows = _scan_parquet(connection, file)
    names = [name for name in rows.column_types if name != PROBLEM]
    record = ", ".join(f"{quote_text(name)}, {quote_name(name)}" for name in names)
    connection.execute(
        f"insert into {MALFORMED_RECORDS} select {SOURCE_ROW}, cast(json_object({record}) as varchar), {PROBLEM} "
        f"from ({rows.query}) where {PROBLEM} is not null"
    )
    good = f"select {name_list([*names, SOURCE_ROW])} from ({rows.query}) where {PROBLEM} is null"
    return FileRows(good, dict.fromkeys(names, "VARCHAR"))
