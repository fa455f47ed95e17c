"""Delimited text as rows of text: fast where the file is well formed, record by record where it is not."""

from itertools import chain, islice

import duckdb

from dagster_project.loading.csv_records import Record, RecordSplitter
from dagster_project.loading.errors import LoadError
from dagster_project.loading.file_rows import (
    MALFORMED_RECORDS,
    SOURCE_ROW,
    FileRows,
    append_columns,
    path_literal,
    require_distinct,
)
from dagster_project.loading.files import SourceFile
from dagster_project.loading.record_count import count_records
from dagster_project.loading.source import CsvOptions
from dagster_project.loading.sql_text import quote_name, quote_text
from dagster_project.loading.text_lines import read_lines

_DELIMITERS = (",", ";", "\t", "|")
_ENCODINGS_OF_DUCKDB = {"utf-8": "utf-8", "utf8": "utf-8", "ascii": "utf-8", "latin-1": "latin-1"}
_RECORDS_PER_BATCH = 50_000


def read_csv(connection: duckdb.DuckDBPyConnection, file: SourceFile, options: CsvOptions) -> FileRows:
    """The records of a delimited file, numbered without header and blank lines; all columns are text."""
    delimiter = options.delimiter or _detect_delimiter(file, options)
    names = _column_names(file, options, delimiter)
    types = dict.fromkeys(names, "VARCHAR")
    query = _trusting_query(file, options, delimiter, names)
    if not _is_right(connection, query, file, options, names):
        _split_records(connection, file, options, delimiter, names)
        query = "select * from temp.csv_records"
    return FileRows(query, types, delimiter=delimiter)


def _trusting_query(file: SourceFile, options: CsvOptions, delimiter: str, names: list[str]) -> str:
    """A query by DuckDB's own reader, which is right for well-formed files."""
    columns = ", ".join(f"{quote_text(name)}: 'VARCHAR'" for name in names)
    # Detection is left to find the kind of line end and nothing else: without it, files with CRLF are read
    # as empty. What it could set wrongly is set here.
    return (
        f"select *, row_number() over () as {SOURCE_ROW} from read_csv({path_literal(file)}, "
        f"auto_detect = true, columns = {{{columns}}}, header = {options.column_names is None}, skip = 0, "
        f"delim = {quote_text(delimiter)}, quote = {quote_text(options.quote)}, "
        f"escape = {quote_text(options.quote)}, comment = '', strict_mode = true, null_padding = false, "
        f"encoding = '{_ENCODINGS_OF_DUCKDB.get(options.encoding.lower())}', hive_partitioning = false)"
    )


def _is_right(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    file: SourceFile,
    options: CsvOptions,
    names: list[str],
) -> bool:
    """Whether DuckDB's reader can be used, finds nothing wrong, and sees as many records as there are."""
    # A blank line is a record to DuckDB where there is one column, and none where there are more.
    if options.encoding.lower() not in _ENCODINGS_OF_DUCKDB or len(names) == 1 or not options.quote.isascii():
        return False
    # In a transaction of its own, because an error would abort the load's. Counting every column makes the
    # reader look at every value.
    cursor = connection.cursor()
    try:
        counted = cursor.execute(f"select count(*), count(columns(*)) from ({query})").fetchall()[0][0]
    except duckdb.InvalidInputException:
        return False
    finally:
        cursor.close()
    return bool(counted + (options.column_names is None) == count_records(file.path, options.quote))


def _split_records(
    connection: duckdb.DuckDBPyConnection,
    file: SourceFile,
    options: CsvOptions,
    delimiter: str,
    names: list[str],
) -> None:
    body = ", ".join(f"{quote_name(name)} varchar" for name in names)
    connection.execute(f"create or replace temp table temp.csv_records ({SOURCE_ROW} bigint, {body})")
    splitter = _splitter(file, options, delimiter)
    if options.column_names is None:
        next(splitter.records(), None)
    numbered = enumerate(splitter.records(len(names)), start=1)
    while batch := list(islice(numbered, _RECORDS_PER_BATCH)):
        _append_records(connection, batch, names)


def _append_records(connection: duckdb.DuckDBPyConnection, batch: list[tuple[int, Record]], names: list[str]) -> None:
    good = [(row, record.fields) for row, record in batch if record.problem is None]
    bad = [(row, record) for row, record in batch if record.problem is not None]
    if good:
        values: dict[str, list[str | None] | list[int]] = {SOURCE_ROW: [row for row, _ in good]}
        for position, name in enumerate(names):
            values[name] = [fields[position] or None for _, fields in good]
        append_columns(connection, "temp.csv_records", values)
    if bad:
        rows, texts = [row for row, _ in bad], [record.text.rstrip("\r\n") for _, record in bad]
        problems = [record.problem for _, record in bad]
        append_columns(connection, MALFORMED_RECORDS, {"row": rows, "text": texts, "problem": problems})


def _splitter(file: SourceFile, options: CsvOptions, delimiter: str) -> RecordSplitter:
    lines = chain.from_iterable(read_lines(file.path, options.encoding))
    return RecordSplitter(lines, delimiter=delimiter, quote=options.quote)


def _detect_delimiter(file: SourceFile, options: CsvOptions) -> str:
    lines = chain.from_iterable(read_lines(file.path, options.encoding))
    header = next((line.text for line in lines if line.text.strip()), "")
    return max(_DELIMITERS, key=header.count)


def _column_names(file: SourceFile, options: CsvOptions, delimiter: str) -> list[str]:
    header = next(_splitter(file, options, delimiter).records(), None)
    if options.column_names is not None:
        names = list(options.column_names)
    elif header is None or header.problem:
        raise LoadError(f"{file.place} has no readable header: {header.problem if header else 'it is empty'}")
    else:
        names = [name.strip() or f"column_{position}" for position, name in enumerate(header.fields, start=1)]
    require_distinct(file, names)
    return names
