"""JSON lines as rows of text, one object a line; what is none is told apart with its line number."""

import json
from itertools import chain

import duckdb

from dagster_project.loading.errors import LoadError
from dagster_project.loading.file_bytes import is_blank, look_at_text, open_bytes
from dagster_project.loading.file_rows import (
    MALFORMED_RECORDS,
    SOURCE_ROW,
    FileRows,
    append_columns,
    path_literal,
    require_distinct,
)
from dagster_project.loading.files import SourceFile
from dagster_project.loading.sql_text import quote_name, quote_text
from dagster_project.loading.text_lines import read_lines

_CHUNK_BYTES = 4_000_000

# Kinds of value by DuckDB's names; whole numbers and others are one kind, because 12 and 12.5 may be prices both.
_KINDS = {
    "VARCHAR": "text",
    "BIGINT": "number",
    "UBIGINT": "number",
    "HUGEINT": "number",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "OBJECT": "objects",
    "ARRAY": "lists",
    "NULL": None,
}


def read_json_lines(connection: duckdb.DuckDBPyConnection, file: SourceFile, encoding: str) -> FileRows:
    """The objects of a JSON lines file, numbered by line; the keys are the columns, all of them text.

    Of a file that is one list, as APIs answer, the objects in it, numbered by their place.
    """
    connection.execute(
        f"create or replace temp table temp.json_lines ({SOURCE_ROW} bigint, line varchar, problem varchar)"
    )
    if is_blank(file.path):
        return FileRows(f"select 0 as {SOURCE_ROW} where false", {}, notes=("it is empty",))
    first_line = _first_line(file, encoding)
    if not (first_line.startswith("[") and _fill_from_list(connection, file, encoding, first_line)):
        _fill_from_lines(connection, file, encoding)
    _note_problems(connection)
    return _json_rows(connection, file)


def _first_line(file: SourceFile, encoding: str) -> str:
    lines = chain.from_iterable(read_lines(file.path, encoding))
    return next(line.text.strip() for line in lines if line.text.strip())


def _fill_from_list(connection: duckdb.DuckDBPyConnection, file: SourceFile, encoding: str, first_line: str) -> bool:
    """Whether the file is one list, and its elements are taken; raises LoadError when it is a broken one."""
    form = look_at_text(file.path, encoding)
    elements = (
        f"select row_number() over (), json, null from read_json_objects({path_literal(file)}, format = 'array', "
        f"compression = '{form.packing or 'none'}')"
    )
    cursor = connection.cursor()  # an error would abort the load's own transaction
    try:
        if form.encoding is not None or form.packing == "zip":
            raise LoadError(f"{file.place} is one JSON list, which is read in utf-8 only, and not out of an archive")
        cursor.execute(f"select count(*), max(length(json)) from ({elements})")
    except duckdb.Error as error:
        if _is_json(first_line):
            return False  # lines after all, and this one is none of an object
        raise LoadError(
            f"{file.place} is a JSON list that breaks off or is malformed: {error}; bring it whole"
        ) from error
    finally:
        cursor.close()
    if not _ends_list(file):  # DuckDB takes a list that breaks off behind a comma for a whole one
        raise LoadError(f"{file.place} is a JSON list that breaks off: its closing bracket is missing; bring it whole")
    connection.execute(f"insert into temp.json_lines {elements}")
    return True


def _ends_list(file: SourceFile) -> bool:
    end = b""
    with open_bytes(file.path) as content:
        while chunk := content.read(_CHUNK_BYTES):
            end = chunk.rstrip()[-1:] or end
    return end == b"]"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _fill_from_lines(connection: duckdb.DuckDBPyConnection, file: SourceFile, encoding: str) -> None:
    for lines in read_lines(file.path, encoding):
        written = [line for line in lines if line.text.strip()]
        problems = [None if line.is_readable else "its bytes are not in the encoding of the file" for line in written]
        if written:
            numbers, texts = [line.number for line in written], [line.text.strip() for line in written]
            append_columns(connection, "temp.json_lines", {"row": numbers, "line": texts, "problem": problems})


def _note_problems(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "update temp.json_lines set problem = 'no JSON object' where problem is null "
        "and (case when json_valid(line) then json_type(line) end) is distinct from 'OBJECT'"
    )
    # Of two values under one key only one could be kept.
    twice = "select key from (select unnest(json_keys(line)) as key) group by key having count(*) > 1"
    connection.execute(
        f"update temp.json_lines set problem = 'the key ''' || (select min(key) from ({twice})) || ''' is given twice' "
        "where problem is null and len(json_keys(line)) <> len(list_distinct(json_keys(line)))"
    )
    connection.execute(
        f"insert into {MALFORMED_RECORDS} select {SOURCE_ROW}, line, "
        f"'line ' || {SOURCE_ROW} || ': ' || problem from temp.json_lines where problem is not null"
    )


def _json_rows(connection: duckdb.DuckDBPyConnection, file: SourceFile) -> FileRows:
    types = _value_types(connection)
    names = sorted(types)
    require_distinct(file, names)
    values = [f"json_extract_string(line, {_json_pointer(name)}) as {quote_name(name)}" for name in names]
    columns = ", ".join([*values, SOURCE_ROW])
    query = f"select {columns} from temp.json_lines where problem is null"
    return FileRows(query, dict.fromkeys(names, "VARCHAR"), value_types=types)


def _value_types(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """The keys of the objects, and the kinds of value that each of them has; none where all are null."""
    found = connection.execute(
        "with lines as (select line, unnest(json_keys(line)) as key from temp.json_lines where problem is null), "
        "typed as (select key, json_type(line, '/' || replace(replace(key, '~', '~0'), '/', '~1')) as type from lines) "
        "select distinct key, type from typed"
    ).fetchall()
    types: dict[str, set[str]] = {}
    for key, type_ in found:
        types.setdefault(key, set()).update({_KINDS.get(type_, type_)} - {None})
    return {key: sorted(kinds) for key, kinds in types.items()}


def _json_pointer(name: str) -> str:
    # A pointer takes every key as it is; a path would read `$`, dots and brackets in it as syntax.
    return quote_text("/" + name.replace("~", "~0").replace("/", "~1"))
