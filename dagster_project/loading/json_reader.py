"""JSON lines as rows of text, one object a line; what is none is told apart with its line number."""

import duckdb

from dagster_project.loading.file_rows import (
    MALFORMED_RECORDS,
    SOURCE_ROW,
    FileRows,
    append_columns,
    require_distinct,
)
from dagster_project.loading.files import SourceFile
from dagster_project.loading.sql_text import quote_name, quote_text
from dagster_project.loading.text_lines import read_lines

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
    """The objects of a JSON lines file, numbered by line; the keys are the columns, all of them text."""
    connection.execute(
        f"create or replace temp table temp.json_lines ({SOURCE_ROW} bigint, line varchar, problem varchar)"
    )
    for lines in read_lines(file.path, encoding):
        written = [line for line in lines if line.text.strip()]
        problems = [None if line.is_readable else "its bytes are not in the file's encoding" for line in written]
        if written:
            numbers, texts = [line.number for line in written], [line.text.strip() for line in written]
            append_columns(connection, "temp.json_lines", {"row": numbers, "line": texts, "problem": problems})
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
    return _json_rows(connection, file)


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
