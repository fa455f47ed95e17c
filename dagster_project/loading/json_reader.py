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
    connection.execute(
        f"insert into {MALFORMED_RECORDS} select {SOURCE_ROW}, line, "
        f"'line ' || {SOURCE_ROW} || ': ' || problem from temp.json_lines where problem is not null"
    )
    return _json_rows(connection, file)


def _json_rows(connection: duckdb.DuckDBPyConnection, file: SourceFile) -> FileRows:
    found = connection.execute(
        "select distinct unnest(json_keys(line)) as key from temp.json_lines where problem is null order by key"
    ).fetchall()
    names = [row[0] for row in found]
    require_distinct(file, names)
    values = [f"json_extract_string(line, {_json_pointer(name)}) as {quote_name(name)}" for name in names]
    columns = ", ".join([*values, SOURCE_ROW])
    return FileRows(f"select {columns} from temp.json_lines where problem is null", dict.fromkeys(names, "VARCHAR"))


def _json_pointer(name: str) -> str:
    # A pointer takes every key as it is; a path would read `$`, dots and brackets in it as syntax.
    return quote_text("/" + name.replace("~", "~0").replace("/", "~1"))
