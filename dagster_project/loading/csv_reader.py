"""Delimited text as rows of text: fast where the file is well formed, record by record where it is not."""

import re
from dataclasses import dataclass, replace
from itertools import chain, islice

import duckdb

from dagster_project.loading.csv_intruders import has_intruder, name_intruder
from dagster_project.loading.csv_records import Record, RecordSplitter
from dagster_project.loading.errors import LoadError
from dagster_project.loading.file_bytes import is_blank, look_at_text
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
_SEPARATOR_LINE = re.compile('"?sep=(.)"?', re.IGNORECASE)
_RECORDS_PER_BATCH = 50_000


@dataclass(frozen=True)
class _Layout:
    """How the records of a file are laid out: how many lines come before them, what divides their fields."""

    options: CsvOptions
    skip: int
    delimiter: str

    @property
    def has_header(self) -> bool:
        return self.options.column_names is None


def read_csv(connection: duckdb.DuckDBPyConnection, file: SourceFile, options: CsvOptions) -> FileRows:
    """The records of a delimited file, numbered without header and blank lines; all columns are text.

    A file that holds nothing has no columns and no rows.
    """
    if is_blank(file.path):
        return FileRows(f"select 0 as {SOURCE_ROW} where false", {}, notes=("it is empty",))
    layout = _find_layout(file, options)
    names = _column_names(file, layout)
    types = dict.fromkeys(names, "VARCHAR")
    query = _trusting_query(file, layout, names)
    if not _is_right(connection, query, file, layout, names):
        _split_records(connection, file, layout, names)
        query = "select * from temp.csv_records"
    return FileRows(query, types, delimiter=layout.delimiter)


def _trusting_query(file: SourceFile, layout: _Layout, names: list[str]) -> str:
    """A query by DuckDB's own reader, which is right for well-formed files."""
    columns = ", ".join(f"{quote_text(name)}: 'VARCHAR'" for name in names)
    quote = quote_text(layout.options.quote)
    packing = look_at_text(file.path, layout.options.encoding).packing or "none"
    # Detection is left to find the kind of line end and nothing else: without it, files with CRLF are read
    # as empty. What it could set wrongly is set here.
    return (
        f"select *, row_number() over () as {SOURCE_ROW} from read_csv({path_literal(file)}, "
        f"auto_detect = true, columns = {{{columns}}}, header = {layout.has_header}, skip = {layout.skip}, "
        f"delim = {quote_text(layout.delimiter)}, quote = {quote}, escape = {quote}, comment = '', "
        f"strict_mode = true, null_padding = false, compression = '{packing}', "
        f"encoding = '{_ENCODINGS_OF_DUCKDB.get(layout.options.encoding.lower())}', hive_partitioning = false)"
    )


def _is_right(
    connection: duckdb.DuckDBPyConnection, query: str, file: SourceFile, layout: _Layout, names: list[str]
) -> bool:
    """Whether DuckDB's reader can be used, finds nothing wrong, and sees as many records as there are, all rows."""
    # A blank line is a record to DuckDB where there is one column, and none where there are more.
    if len(names) == 1 or not _is_readable_by_duckdb(file, layout.options):
        return False
    # In a transaction of its own, because an error would abort the load's. Counting every column makes the
    # reader look at every value.
    cursor = connection.cursor()
    intruders = f"count(*) filter (where {has_intruder(names)})"
    try:
        counts = cursor.execute(f"select count(*), {intruders}, count(columns(*)) from ({query})").fetchall()[0]
    except duckdb.InvalidInputException:
        return False
    finally:
        cursor.close()
    records = count_records(file.path, layout.options.quote, skip=layout.skip)
    return bool(counts[0] + layout.has_header == records and counts[1] == 0)


def _is_readable_by_duckdb(file: SourceFile, options: CsvOptions) -> bool:
    form = look_at_text(file.path, options.encoding)
    is_known = form.encoding is None and options.encoding.lower() in _ENCODINGS_OF_DUCKDB
    return is_known and form.packing in (None, "gzip") and not form.ends_with_return and options.quote.isascii()


def _split_records(connection: duckdb.DuckDBPyConnection, file: SourceFile, layout: _Layout, names: list[str]) -> None:
    body = ", ".join(f"{quote_name(name)} varchar" for name in names)
    connection.execute(f"create or replace temp table temp.csv_records ({SOURCE_ROW} bigint, {body})")
    splitter = _splitter(file, layout)
    if layout.has_header:
        next(splitter.records(), None)
    records = (_judged(record, names) for record in splitter.records(len(names)))
    numbered = enumerate(records, start=1)
    while batch := list(islice(numbered, _RECORDS_PER_BATCH)):
        _append_records(connection, batch, names)


def _judged(record: Record, names: list[str]) -> Record:
    """The record, with its problem when it is no row of the table."""
    intruder = None if record.problem else name_intruder(record.fields, names)
    return replace(record, problem=f"line {record.line_number}: {intruder}") if intruder else record


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


def _splitter(file: SourceFile, layout: _Layout) -> RecordSplitter:
    lines = chain.from_iterable(read_lines(file.path, layout.options.encoding))
    return RecordSplitter(islice(lines, layout.skip, None), delimiter=layout.delimiter, quote=layout.options.quote)


def _find_layout(file: SourceFile, options: CsvOptions) -> _Layout:
    lines = islice(chain.from_iterable(read_lines(file.path, options.encoding)), options.skip, None)
    header = next((line.text for line in lines if line.text.strip()), "")
    said = _SEPARATOR_LINE.fullmatch(header.strip("\r\n"))
    if said:  # Excel's own line, which names the delimiter of those below it
        return _Layout(options, options.skip + 1, options.delimiter or said.group(1))
    return _Layout(options, options.skip, options.delimiter or max(_DELIMITERS, key=header.count))


def _column_names(file: SourceFile, layout: _Layout) -> list[str]:
    header = next(_splitter(file, layout).records(), None)
    if layout.options.column_names is not None:
        names = list(layout.options.column_names)
    elif header is None or header.problem:
        raise LoadError(f"{file.place} has no readable header: {header.problem if header else 'it is empty'}")
    else:
        names = [name.strip() or f"column_{position}" for position, name in enumerate(header.fields, start=1)]
    require_distinct(file, names)
    return names
