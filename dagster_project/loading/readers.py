"""Files as rows: Parquet, delimited text and JSON lines, whatever state they are in.

Text formats keep every value as text, so that a value that does not fit is found by the contract check
and not guessed away here.
"""

import zlib
from dataclasses import replace

import duckdb

from dagster_project.loading.csv_reader import read_csv
from dagster_project.loading.errors import LoadError
from dagster_project.loading.file_rows import (
    MALFORMED_RECORDS,
    PROBLEM,
    SOURCE_ROW,
    FileRows,
    path_literal,
    require_distinct,
    start_malformed_records,
)
from dagster_project.loading.files import EXTRACT, SourceFile
from dagster_project.loading.json_reader import read_json_lines
from dagster_project.loading.source import SourceTable
from dagster_project.loading.sql_text import name_list, quote_name, quote_text
from dagster_project.loading.text_lines import require_encoding


def read_rows(connection: duckdb.DuckDBPyConnection, file: SourceFile, config: SourceTable) -> FileRows:
    """The rows of ``file``; records that are none are left in MALFORMED_RECORDS.

    Raises LoadError when the file as a whole cannot be read, SourceError when its header cannot be used.
    """
    start_malformed_records(connection)
    try:
        if file.format in ("csv", "jsonl"):
            require_encoding(file.path, config.csv.encoding)
        if file.format == "parquet":
            rows = _read_parquet(connection, file)
        elif file.format == "csv":
            rows = read_csv(connection, file, config.csv)
        elif file.format == EXTRACT:
            rows = _read_extract(connection, file)
        else:
            rows = read_json_lines(connection, file, config.csv.encoding)
        # Copied first: a Parquet file of one row group would keep all that follows on one thread.
        connection.execute(f"create or replace temp table temp.file_rows as {rows.query}")
        return replace(rows, query="select * from temp.file_rows")
    except (duckdb.Error, OSError, EOFError, zlib.error) as error:
        remedy = "bring the file whole, or correct `format`; nothing of this load was stored"
        raise LoadError(f"{file.place} cannot be read as {file.format}: {error}; {remedy}") from error


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
