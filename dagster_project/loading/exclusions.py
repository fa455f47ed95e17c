"""Stored rows that a file still has and that the ``where`` of its table leaves out now: they go on counting."""

import duckdb

from dagster_project.loading.columns import ORDER_ID
from dagster_project.loading.judging import FileRowsOfTable
from dagster_project.loading.keys import ROW_KEYS
from dagster_project.loading.sql_text import name_list, quote_text


def find_left_out(connection: duckdb.DuckDBPyConnection, rows: FileRowsOfTable, file_name: str) -> list[str]:
    """What the ``where`` of a file's table leaves out although it is stored, in words; nothing where there is none."""
    mapping = rows.binding.mapping
    table = mapping.table
    if mapping.expressions.where is None:
        return []
    # Lines without a number of their own are known by their order only.
    key, noted = (ORDER_ID, "order_hash") if rows.has_positions else (name_list(table.key), "key_hash")
    amount = "net_amount" if table.has_column("net_amount") else "0"
    count, money, examples = connection.execute(f"""
        with stored as (
            select * from raw.{table.name} where source_name = {quote_text(mapping.source.name)}
        ),
        left_out as (
            select distinct {key} from ({rows.excluded(key)})
            where hash({key}) not in (
                select {noted} from {ROW_KEYS} where file_index = {rows.file_index} and {noted} is not null
            )
        ),
        newest as (
            select * from stored semi join left_out using ({key})
            qualify row_number() over (
                partition by {name_list(table.key)} order by loaded_at desc, source_row desc
            ) = 1
        )
        select count(*), coalesce(sum({amount}), 0), list(distinct {table.key[0]} order by {table.key[0]})[:3]
        from newest where is_deleted is null
    """).fetchall()[0]
    if not count:
        return []
    worth = f" worth {money:,.2f}" if table.has_column("net_amount") else ""
    shown = f", e.g. {examples}" if table.is_of_orders else ""
    return [
        f"{file_name}: `where` leaves out {count:,} rows{worth} that are stored{shown}; they go on counting. Where "
        "they have left, say so with `deleted`"
    ]
