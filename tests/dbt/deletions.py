"""Rows that leave their source, as the loader stores them: versions that carry their key and say is_deleted."""

from datetime import datetime, timedelta

import duckdb

from dagster_project.loading.contract import TABLES


def delete_rows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    condition: str,
    *,
    loaded_at: datetime,
    arrived_at: datetime | None = None,
    is_in_file: bool = False,
) -> None:
    """Append that the current rows of ``raw.<table>`` for which ``condition`` holds have left.

    Known at ``arrived_at``, by default when it is loaded. Where a file says so, it has a place in it and the
    ledger counts it; where a complete list lacks it, the loader has made it.
    """
    key = ", ".join(TABLES[table].key)
    row = "source_row + 1000000" if is_in_file else "null"
    arrival = arrived_at or loaded_at
    connection.execute(f"""
        create or replace temp table left_rows as
        select * replace (
            {row} as source_row, timestamp '{loaded_at}' as loaded_at, timestamp '{arrival}' as arrived_at,
            true as is_correction, true as is_deleted
        )
        from (
            select * from raw.{table}
            qualify row_number() over (partition by {key} order by loaded_at desc, source_row desc nulls first) = 1
        ) as newest
        where is_deleted is null and ({condition})
    """)
    connection.execute(f"insert into raw.{table} by name from left_rows")
    in_file = "count(*)" if is_in_file else "0"
    amount = "sum(net_amount)" if table in ("orders", "order_lines") and is_in_file else "null"
    connection.execute(f"""
        insert into ops.load_ledger by name
        select any_value(load_id) as load_id, any_value(source_name) as source_name, '{table}' as table_name,
            'deletions-{arrival:%d-%H}' as source_file, timestamp '{loaded_at}' as loaded_at,
            {in_file} as rows_read, count(*) as rows_loaded, 0 as rows_quarantined, 0 as rows_duplicate,
            {in_file} as rows_replaced, {amount} as amount_read, 0 as amount_quarantined, 0 as amount_duplicate,
            min(arrived_at) as known_from
        from left_rows having count(*) > 0
    """)


def delete_at_random(connection: duckdb.DuckDBPyConnection, seed: int, *, loaded_at: datetime) -> None:
    """One visit's event in fifteen and a few orders and consents leave; half of it was known a day before the load."""
    for number, (is_in_file, arrived_at) in enumerate([(False, loaded_at), (True, loaded_at - timedelta(days=1))]):
        for table, share in (("events", 30), ("orders", 10), ("consents", 4)):
            condition = f"hash({TABLES[table].key[0]}, {seed}, {number}) % {share} = 0"
            loaded = loaded_at + timedelta(seconds=1 + number)
            delete_rows(connection, table, condition, loaded_at=loaded, arrived_at=arrived_at, is_in_file=is_in_file)

