"""A mapping bound to one file: which of the file's columns it uses, and how each value is converted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import duckdb

from dagster_project.loading.columns import Column, Kind, Table
from dagster_project.loading.conversion import Conversion, convert
from dagster_project.loading.elements import ELEMENT_PLACE, FILE_ROW, UNTYPED, expand_elements
from dagster_project.loading.errors import SourceError
from dagster_project.loading.expressions import Expression, TableExpressions
from dagster_project.loading.file_rows import SOURCE_ROW, FileRows
from dagster_project.loading.files import EXTRACT, SourceFile
from dagster_project.loading.offsets import (
    find_lost_offsets,
    find_misread_words,
    require_epoch_in_utc,
    texts_named,
)
from dagster_project.loading.source import IS_DELETED, RECEIVED_AT, Source, SourceTable
from dagster_project.loading.sql_text import quote_name, quote_text

# What an expression may name beside the file's own columns: the row's place, as the raw tables have it.
_SOURCE_ROW, _SOURCE_FILE, _SOURCE_ELEMENT = "source_row", "source_file", "source_element"

_RECEIVED_AT = Column(RECEIVED_AT, Kind.TIME, "When the row reached the shop's own systems (UTC)")
_IS_DELETED = Column(IS_DELETED, Kind.BOOLEAN, "Whether the row says that it has left")


@dataclass(frozen=True)
class TableMapping:
    """How one source fills one raw table, its expressions checked; ``shop`` are the sources that tell of its orders."""

    source: Source
    table: Table
    expressions: TableExpressions
    shop: frozenset[str] = frozenset()

    @property
    def config(self) -> SourceTable:
        """The table's part of the source's YAML."""
        return self.source.tables[self.table.name]

    @property
    def place(self) -> str:
        """Where an error in the mapping is to be looked for."""
        return f"{self.source.yaml_path}: tables.{self.table.name}"


@dataclass(frozen=True)
class BoundColumn:
    """A mapped column; ``attempt`` names the step's column that is NULL where the expression failed.

    ``lost_offsets`` say by file column, in SQL, whether the expression dropped the offset of the time in it, and
    ``misread_words`` whether it took a word for a zone that nobody said it means.
    """

    column: Column
    expression: Expression
    conversion: Conversion
    attempt: str | None
    lost_offsets: Mapping[str, str] = field(default_factory=dict)
    misread_words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FileBinding:
    """A mapping and the file it is bound to; ``query`` gives the rows with ``column_types``.

    A row is one of the file, or one element of a list in it.
    """

    mapping: TableMapping
    query: str
    column_types: Mapping[str, str]
    columns: tuple[BoundColumn, ...]

    @property
    def extra(self) -> list[str]:
        """Columns of the file that are kept although they are mapped to no contract column as they are."""
        if not self.mapping.config.keep_extra:
            return []
        bare = {bound.expression.bare_column.lower() for bound in self.columns if bound.expression.bare_column}
        each = self.mapping.expressions.each
        listed = {name.lower() for name in each[1].columns} if each else set()  # the elements say it
        return [name for name in self.column_types if name.lower() not in bare | listed]


def bind(connection: duckdb.DuckDBPyConnection, mapping: TableMapping, file: SourceFile, rows: FileRows) -> FileBinding:
    """The mapping bound to ``file``; raises SourceError when the two do not fit."""
    present = {name.lower() for name in rows.column_types}
    absent = [name for name in mapping.config.may_lack if name.lower() not in present]
    # A file that keeps types may hold numbers or lists in its other files; an untyped NULL fits all of them.
    absent_type = UNTYPED if file.format == "parquet" else "VARCHAR"
    null = "null" if absent_type == UNTYPED else "cast(null as varchar)"
    types = {**rows.column_types, **dict.fromkeys(absent, absent_type)}
    nulls = "".join(f", {null} as {quote_name(name)}" for name in absent)
    query = f"select *{nulls} from ({rows.query})"
    if mapping.expressions.each:
        query, types = _expand(connection, mapping, *mapping.expressions.each, file, query, types)
    places = _places(file, types, has_elements=mapping.expressions.each is not None)
    query = f"select *{''.join(f', {value} as {name}' for name, value in places.items())} from ({query})"
    for target, expression in _expressions(mapping).items():
        _require_columns(mapping, target, expression, file, types, places)
    if mapping.expressions.where:
        _type_of(connection, mapping, "where", mapping.expressions.where, file, query)
    mapped = mapping.expressions.columns
    columns = [column for column in (*mapping.table.columns, _RECEIVED_AT, _IS_DELETED) if column.name in mapped]
    bound = [_bind_column(connection, mapping, column, file, query, types) for column in columns]
    return FileBinding(mapping, query, types, tuple(bound))


def in_shop(mapping: TableMapping) -> str:
    """SQL list of the sources that tell of the same orders."""
    return f"({', '.join(quote_text(name) for name in sorted({mapping.source.name, *mapping.shop}))})"


def mapped_name(column: Column) -> str:
    """The name of a column's mapped, not yet converted value within the staging query."""
    return quote_name(f"__mapped_{column.name}")


def _expand(
    connection: duckdb.DuckDBPyConnection,
    mapping: TableMapping,
    element: str,
    expression: Expression,
    file: SourceFile,
    query: str,
    types: dict[str, str],
) -> tuple[str, dict[str, str]]:
    """The rows, one for each element of a list, and their columns with that of the element."""
    target = f"each.{element}"
    if element in {name.lower() for name in types}:
        raise SourceError(f"{mapping.place}.{target}: {file.place} has that column; give the element another name")
    _require_columns(mapping, target, expression, file, types)
    list_type = _type_of(connection, mapping, target, expression, file, query)
    if not list_type.endswith("[]") and list_type not in ("VARCHAR", "JSON", UNTYPED):
        raise SourceError(
            f"{mapping.place}.{target}: {expression.text!r} gives {list_type} in {file.place}, which is no list; "
            "name a column that holds one, or make one: [a, b]"
        )
    query = expand_elements(connection, query, list(types), element, expression, list_type)
    described = connection.execute(f"describe select {quote_name(element)} from ({query})").fetchall()
    return query, {**types, element: str(described[0][1])}


def _places(file: SourceFile, types: Mapping[str, str], *, has_elements: bool) -> dict[str, str]:
    """SQL of the row's place by the name an expression gives it, unless a column of the file has that name.

    Of an element it is the place of the row that its list is in, and its own in the list. What is fetched has none: a
    database or an API gives its rows in whatever order.
    """
    if file.format == EXTRACT:
        return {}
    places = {_SOURCE_ROW: FILE_ROW if has_elements else SOURCE_ROW, _SOURCE_FILE: quote_text(file.name)}
    if has_elements:
        places[_SOURCE_ELEMENT] = ELEMENT_PLACE
    taken = {name.lower() for name in types}
    return {name: value for name, value in places.items() if name not in taken}


def _bind_column(
    connection: duckdb.DuckDBPyConnection,
    mapping: TableMapping,
    column: Column,
    file: SourceFile,
    query: str,
    types: Mapping[str, str],
) -> BoundColumn:
    expression = mapping.expressions.columns[column.name]
    target = _target(column.name)
    mapped_type = _type_of(connection, mapping, target, expression, file, query)
    attempt = None if expression.bare_column else quote_name(f"__attempted_{column.name}")
    mapped = f"struct_extract({attempt}, 'value')" if attempt else mapped_name(column)
    is_time = column.kind is Kind.TIME
    try:
        if is_time:
            require_epoch_in_utc(expression, mapped_type, mapping.source)
        conversion = convert(
            column,
            mapped,
            mapped_type,
            mapping.source,
            mapping.config.csv,
            may_be_emptied=_may_be_emptied(mapping, column),
        )
    except SourceError as error:
        raise SourceError(
            f"{mapping.place}.{target}: {expression.text!r} does not fit {file.place}: {error}"
        ) from error
    if not is_time:
        return BoundColumn(column, expression, conversion, attempt)
    texts = texts_named(expression, types, "__row")
    lost = find_lost_offsets(expression, mapped, mapped_type, texts, mapping.source)
    misread = find_misread_words(expression, mapped, mapped_type, texts, mapping.source)
    return BoundColumn(column, expression, conversion, attempt, lost, misread)


def _may_be_emptied(mapping: TableMapping, column: Column) -> bool:
    is_guest = mapping.table.has_guests and column.name == "customer_id"
    return is_guest or column.name not in mapping.source.required_columns(mapping.table)


def _expressions(mapping: TableMapping) -> dict[str, Expression]:
    named = {_target(name): expression for name, expression in mapping.expressions.columns.items()}
    return named | ({"where": mapping.expressions.where} if mapping.expressions.where else {})


def _target(column_name: str) -> str:
    """Where the YAML says what fills a column."""
    return "deleted" if column_name == IS_DELETED else f"columns.{column_name}"


def _require_columns(
    mapping: TableMapping,
    target: str,
    expression: Expression,
    file: SourceFile,
    types: Mapping[str, str],
    places: Iterable[str] = (),
) -> None:
    present = {name.lower() for name in (*types, *places)}
    missing = sorted(name for name in expression.columns if name.lower() not in present)
    if missing:
        named = expression.bare_column or expression.text
        raise SourceError(
            f"{mapping.place}.{target}: {named!r} names {', '.join(missing)}, which {file.place} "
            f"does not have; its columns are {', '.join(sorted(types)) or '(none)'}. Correct the expression, "
            "or list under `may_lack` what not every file has"
        )


def _type_of(
    connection: duckdb.DuckDBPyConnection,
    mapping: TableMapping,
    target: str,
    expression: Expression,
    file: SourceFile,
    query: str,
) -> str:
    try:
        described = connection.execute(f"describe select (\n{expression.sql}\n) as value from ({query})").fetchall()
    except duckdb.Error as error:
        reason = str(error).partition("\n\nLINE")[0]
        raise SourceError(
            f"{mapping.place}.{target}: {expression.text!r} does not fit {file.place}: {reason}"
        ) from error
    return str(described[0][1])
