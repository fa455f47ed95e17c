"""Metadata that people look at in the Dagster UI: tables, column schemas, pictures."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

if TYPE_CHECKING:
    import polars as pl

_SHOWN_DIGITS = 4
# A metadata table is read by a person; more rows than this belong into a query.
_SHOWN_ROWS = 200


def tabulate(rows: Sequence[Mapping[str, Any]] | pl.DataFrame) -> dg.TableMetadataValue:
    """``rows`` as a metadata table, numbers rounded for reading; at least one column even when empty."""
    records = rows if isinstance(rows, Sequence) else rows.to_dicts()
    shown = [dg.TableRecord({name: _show(value) for name, value in row.items()}) for row in records[:_SHOWN_ROWS]]
    if not shown:
        shown = [dg.TableRecord({"rows": "none"})]
    return dg.MetadataValue.table(shown)


def picture(png: bytes, title: str) -> dg.MarkdownMetadataValue:
    """A PNG inside the metadata itself: the UI needs no file and no other server to show it."""
    return dg.MetadataValue.md(f"![{title}](data:image/png;base64,{base64.b64encode(png).decode()})")


def describe_table(described: pl.DataFrame, schema: str, table: str) -> dict[str, Any]:
    """Row count and column schema of one table, from the rows of ``Warehouse.describe_tables``."""
    columns = described.filter(schema=schema, table=table)
    if columns.is_empty():
        return {}
    return {
        "dagster/row_count": columns["row_count"][0],
        "dagster/column_schema": dg.TableSchema(
            columns=[
                dg.TableColumn(name, type=type_, description=comment)
                for name, type_, comment in columns.select("column", "type", "comment").iter_rows()
            ]
        ),
    }


def describe_frame(frame: pl.DataFrame, descriptions: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Row count and column schema of a frame that a step wrote."""
    texts = descriptions or {}
    return {
        "dagster/row_count": frame.height,
        "dagster/column_schema": dg.TableSchema(
            columns=[
                dg.TableColumn(name, type=str(dtype), description=texts.get(name))
                for name, dtype in frame.schema.items()
            ]
        ),
    }


def _show(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _SHOWN_DIGITS)
    if value is None or isinstance(value, bool | int | str):
        return value
    return str(value)
