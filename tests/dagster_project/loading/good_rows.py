"""Rows that keep the contract, made from the contract itself, and files of every format that hold them."""

import csv
import gzip
import io
import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.loading.columns import Column, Kind, Table
from dagster_project.loading.contract import TABLES

FIRST_DAY = datetime(2024, 3, 1, 9, 30)

Row = dict[str, Any]


def make_rows(table: Table, count: int = 20) -> list[Row]:
    """``count`` rows with a value in every column, no two with one key."""
    return [{column.name: _make_value(table, column, row) for column in table.columns} for row in range(1, count + 1)]


def _make_value(table: Table, column: Column, row: int) -> Any:
    if column.values:
        return column.values[row % len(column.values)]
    if column.name == "currency":
        return "EUR"
    if column.name in table.key:
        return row if column.kind is Kind.WHOLE_NUMBER else f"{column.name}-{row}"
    makers = {
        Kind.TEXT: f"{column.name} é {row % 4}",
        Kind.MONEY: Decimal(row) + Decimal("0.25"),
        Kind.QUANTITY: Decimal(row) + Decimal("0.5"),
        Kind.PERCENT: Decimal(row) / 100,
        Kind.WHOLE_NUMBER: row * 7,
        Kind.TIME: FIRST_DAY + timedelta(hours=row),
        Kind.BOOLEAN: row % 3 == 0,
        Kind.JSON: {"plan": {"name": f"plan {row}", "tags": ["a", "b"]}, "visits": row},
    }
    return makers[column.kind]


def write_csv(rows: Sequence[Row]) -> bytes:
    """The rows as a delimited file; an object is JSON text in one field."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _as_text(value) for name, value in row.items()} for row in rows)
    return stream.getvalue().encode()


def write_json_lines(rows: Sequence[Row]) -> bytes:
    """The rows as JSON lines; an object is an object."""
    return "".join(json.dumps(row, default=str, ensure_ascii=False) + "\n" for row in rows).encode()


def write_parquet(rows: Sequence[Row]) -> bytes:
    """The rows as a Parquet file; an object is a struct."""
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), stream)
    return stream.getvalue()


def write_file(rows: Sequence[Row], ending: str) -> bytes:
    """The rows in the format that ``ending`` (csv, jsonl, parquet; .gz behind the first two) names."""
    writers = {"csv": write_csv, "jsonl": write_json_lines, "parquet": write_parquet}
    name, _, packing = ending.partition(".")
    content = writers[name](rows)
    return gzip.compress(content, mtime=0) if packing else content


def describe_table(table: Table, ending: str) -> dict[str, Any]:
    """The table's part of a source YAML: every column under its own name."""
    return {"files": f"{table.name}.{ending}", "columns": {name: name for name in table.column_names}}


def describe_all(ending: str) -> dict[str, Any]:
    """All tables of the contract in files of one format."""
    return {table.name: describe_table(table, ending) for table in TABLES.values()}


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat(" ") if isinstance(value, date) else value
