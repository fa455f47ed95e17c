"""A mapping bound to one file: which of the file's columns it uses, and how each value is converted."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from dagster_project.loading.columns import Column, Kind, Table
from dagster_project.loading.conversion import Conversion, convert
from dagster_project.loading.errors import SourceError
from dagster_project.loading.expressions import Expression
from dagster_project.loading.file_rows import FileRows
from dagster_project.loading.files import SourceFile
from dagster_project.loading.source import RECEIVED_AT, Source, SourceTable
from dagster_project.loading.sql_text import quote_name

_RECEIVED_AT = Column(RECEIVED_AT, Kind.TIME, "When the row reached the shop's own systems (UTC)")


@dataclass(frozen=True)
class TableMapping:
    """How one source fills one raw table, its expressions checked."""

    source: Source
    table: Table
    columns: Mapping[str, Expression]
    where: Expression | None

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
    """A mapped column; ``attempt`` names the step's column that is NULL where the expression failed."""

    column: Column
    expression: Expression
    conversion: Conversion
    attempt: str | None


@dataclass(frozen=True)
class FileBinding:
    """A mapping and the file it is bound to; ``query`` gives the file's rows with ``column_types``."""

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
        return [name for name in self.column_types if name.lower() not in bare]


def bind(connection: duckdb.DuckDBPyConnection, mapping: TableMapping, file: SourceFile, rows: FileRows) -> FileBinding:
    """The mapping bound to ``file``; raises SourceError when the two do not fit."""
    present = {name.lower() for name in rows.column_types}
    absent = [name for name in mapping.config.may_lack if name.lower() not in present]
    types = {**rows.column_types, **dict.fromkeys(absent, "VARCHAR")}
    nulls = "".join(f", cast(null as varchar) as {quote_name(name)}" for name in absent)
    query = f"select *{nulls} from ({rows.query})"
    for target, expression in _expressions(mapping).items():
        _require_columns(mapping, target, expression, file, types)
    if mapping.where:
        _type_of(connection, mapping, "where", mapping.where, file, query)
    columns = [column for column in (*mapping.table.columns, _RECEIVED_AT) if column.name in mapping.columns]
    bound = [_bind_column(connection, mapping, column, file, query) for column in columns]
    return FileBinding(mapping, query, types, tuple(bound))


def mapped_name(column: Column) -> str:
    """The name of a column's mapped, not yet converted value within the staging query."""
    return quote_name(f"__mapped_{column.name}")


def _bind_column(
    connection: duckdb.DuckDBPyConnection, mapping: TableMapping, column: Column, file: SourceFile, query: str
) -> BoundColumn:
    expression = mapping.columns[column.name]
    mapped_type = _type_of(connection, mapping, f"columns.{column.name}", expression, file, query)
    attempt = None if expression.bare_column else quote_name(f"__attempted_{column.name}")
    mapped = f"struct_extract({attempt}, 'value')" if attempt else mapped_name(column)
    try:
        conversion = convert(column, mapped, mapped_type, mapping.source, mapping.config.csv)
    except SourceError as error:
        raise SourceError(
            f"{mapping.place}.columns.{column.name}: {expression.text!r} does not fit {file.place}: {error}"
        ) from error
    return BoundColumn(column, expression, conversion, attempt)


def _expressions(mapping: TableMapping) -> dict[str, Expression]:
    named = {f"columns.{name}": expression for name, expression in mapping.columns.items()}
    return named | ({"where": mapping.where} if mapping.where else {})


def _require_columns(
    mapping: TableMapping, target: str, expression: Expression, file: SourceFile, types: Mapping[str, str]
) -> None:
    present = {name.lower() for name in types}
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
        described = connection.execute(f"describe select (\n{expression.text}\n) as value from ({query})").fetchall()
    except duckdb.Error as error:
        reason = str(error).partition("\n\nLINE")[0]
        raise SourceError(
            f"{mapping.place}.{target}: {expression.text!r} does not fit {file.place}: {reason}"
        ) from error
    return str(described[0][1])
