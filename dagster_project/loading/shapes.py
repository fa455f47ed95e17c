"""What a file looks like, and how that differs from every earlier file of its table: drift, named before it hurts.

What cannot be loaded is refused where it is found. Here are the changes that load all the same, and that somebody
should know of: a new column, one that is gone or written otherwise, another type, another order.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Self

import duckdb

from dagster_project.loading.binding import TableMapping
from dagster_project.loading.file_rows import FileRows
from dagster_project.loading.files import SourceFile
from dagster_project.loading.sql_text import quote_name

# More than these of one kind of change are counted, not listed.
_SHOWN = 10


@dataclass(frozen=True)
class FileShape:
    """Columns of a file by name: the types its values have, and whether all rows have a value."""

    format: str
    delimiter: str | None
    columns: dict[str, list[str]]
    complete: list[str]

    def to_json(self) -> str:
        """The shape as it is kept in the ledger."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The shape kept as ``text``."""
        return cls(**json.loads(text))


def describe_shape(connection: duckdb.DuckDBPyConnection, file: SourceFile, rows: FileRows) -> FileShape:
    """The shape of a file whose rows were read."""
    has_empty = [f"coalesce(bool_or({_is_empty(name, type_)}), false)" for name, type_ in rows.column_types.items()]
    row = connection.execute(f"select {', '.join(['count(*)', *has_empty])} from ({rows.query})").fetchall()[0]
    complete = [name for name, is_incomplete in zip(rows.column_types, row[1:], strict=True) if not is_incomplete]
    types = rows.value_types or {name: (type_,) for name, type_ in rows.column_types.items()}
    columns = {name: sorted(types[name]) for name in rows.column_types}
    return FileShape(file.format, rows.delimiter, columns, complete)


def read_earlier_shapes(connection: duckdb.DuckDBPyConnection, mapping: TableMapping) -> list[FileShape]:
    """The distinct shapes of the files that filled a table from a source before."""
    rows = connection.execute(
        "select distinct cast(file_shape as varchar) from ops.load_ledger "
        "where source_name = ? and table_name = ? and file_shape is not null",
        [mapping.source.name, mapping.table.name],
    ).fetchall()
    return [FileShape.from_json(row[0]) for row in rows]


def find_changes(shape: FileShape, earlier: Sequence[FileShape], *, keep_extra: bool) -> list[str]:
    """What no earlier file of the same format had, in words; nothing where there was no such file."""
    known = [other for other in earlier if other.format == shape.format and other.columns]
    if not known or not shape.columns:
        return []
    changes = [*_column_changes(shape, known, keep_extra), *_value_changes(shape, known)]
    if shape.delimiter is not None and all(other.delimiter != shape.delimiter for other in known):
        changes.append(f"the delimiter is {shape.delimiter!r}, it was {known[0].delimiter!r}")
    return changes


def _column_changes(shape: FileShape, known: Sequence[FileShape], keep_extra: bool) -> Iterator[str]:
    names = {name.lower(): name for name in shape.columns}
    spelled = {name.lower(): name for other in known for name in other.columns}
    spellings = {name for other in known for name in other.columns}
    always = set.intersection(*({name.lower() for name in other.columns} for other in known))
    new = [names[key] for key in names.keys() - spelled.keys()]
    if new:
        yield f"new: {_list(new)} ({'kept in extra' if keep_extra else 'left out'} unless mapped)"
    gone = [spelled[key] for key in always - names.keys()]
    if gone:
        yield f"no longer there: {_list(gone)}"
    otherwise = [f"{spelled[key]} as {name}" for key, name in names.items() if key in spelled and name not in spellings]
    if otherwise:
        yield f"written otherwise: {_list(otherwise)}"
    if shape.format != "jsonl" and all(_is_reordered(names, other) for other in known):
        yield "the columns come in another order"


def _value_changes(shape: FileShape, known: Sequence[FileShape]) -> Iterator[str]:
    types: dict[str, set[str]] = {}
    incomplete: set[str] = set()
    for other in known:
        for name, found in other.columns.items():
            types.setdefault(name.lower(), set()).update(found)
        incomplete |= {name.lower() for name in other.columns.keys() - set(other.complete)}
    for name, found in shape.columns.items():
        before = types.get(name.lower(), set())
        if before and set(found) - before:
            yield f"{name} holds {' and '.join(sorted(set(found) - before))}, it held {' and '.join(sorted(before))}"
    emptied = [
        name
        for name in shape.columns.keys() - set(shape.complete)
        if name.lower() in types and name.lower() not in incomplete
    ]
    if emptied:
        yield f"for the first time without a value in some row: {_list(emptied)}"


def _is_reordered(names: dict[str, str], other: FileShape) -> bool:
    before = [name.lower() for name in other.columns if name.lower() in names]
    return [key for key in names if key in set(before)] != before


def _list(names: list[str]) -> str:
    shown = ", ".join(sorted(names)[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"


def _is_empty(name: str, type_: str) -> str:
    column = quote_name(name)
    return f"coalesce({column}, '') = ''" if type_ == "VARCHAR" else f"{column} is null"
