"""Rows that have left because a delivery lacks them: lines of an order that came again, rows of a complete list.

Raw tables are append-only, so a row leaves by a version of its own that says so.
"""

import duckdb

from dagster_project.loading.binding import TableMapping
from dagster_project.loading.columns import ORDER_ID, Table
from dagster_project.loading.keys import ROW_KEYS, SUSPECT_ORDERS
from dagster_project.loading.planning import LoadPlan
from dagster_project.loading.source import IS_DELETED, RECEIVED_AT
from dagster_project.loading.sql_text import name_list
from dagster_project.loading.suspects import STORED, SUSPECTS, in_source
from dagster_project.loading.verdicts import VERDICTS
from dagster_project.loading.wording import several

# What is there before the next delivery; the lines, or keys, that the next delivery brings; what is gone by it.
_CURRENT = "temp.current_rows"
_DELIVERIES = "temp.deliveries"
_GONE = "temp.gone_rows"

# A complete list that lacks more than this share of what was there may be a part of it.
_LARGE_SHARE = 0.2


def find_departures(connection: duckdb.DuckDBPyConnection, mapping: TableMapping, plan: LoadPlan) -> list[str]:
    """Add to the suspects what the files of the plan lack, in their order; what could not be told, in words."""
    table, config = mapping.table, mapping.config
    is_by_order = table.has_several_rows_an_order and config.replaces != "line" and config.keep == "last"
    if not (config.complete or is_by_order):
        return []
    connection.execute(
        f"create or replace temp table {_CURRENT} as select {_kept_columns(table)} from {STORED} "
        f"where {in_source(mapping)} and not is_deleted"
    )
    if config.complete:
        return _leave_lists(connection, mapping, plan)
    _leave_orders(connection, mapping)
    return _tell_of_lines(connection, mapping)


def _leave_lists(connection: duckdb.DuckDBPyConnection, mapping: TableMapping, plan: LoadPlan) -> list[str]:
    """Take away what each complete list lacks."""
    warnings: list[str] = []
    for index, planned in enumerate(plan.files):
        unread, rows = connection.execute(
            f"select count(*) filter (key_hash is null), count(*) from {ROW_KEYS} where file_index = {index}"
        ).fetchall()[0]
        if unread or not rows:
            said = f"{several(unread, 'row')} without a readable key" if rows else "no row"
            warnings.append(f"{planned.file.name} is said to be complete and has {said}: nothing is taken as gone")
        else:
            listed = f"select key_hash from {ROW_KEYS} where file_index = {index}"
            before = connection.execute(f"select count(*) from {_CURRENT}").fetchall()[0][0]
            _take_away(connection, mapping.table, f"{index}", f"{_key_hash(mapping.table)} not in ({listed})")
            gone, amount = connection.execute(f"select count(*), coalesce(sum(amount), 0) from {_GONE}").fetchall()[0]
            if gone > _LARGE_SHARE * before:
                warnings.append(
                    f"{planned.file.name} is said to be complete and lacks {several(gone, 'row')} of {before:,}, worth "
                    f"{amount:,.2f}; they are not counted any more. Look whether it is the whole list"
                )
        _take_over(connection, mapping.table, f"file_index = {index}")
    return warnings


def _leave_orders(connection: duckdb.DuckDBPyConnection, mapping: TableMapping) -> None:
    """Take away the lines that a delivery of their order lacks.

    Files of one load that repeat no line of an order tell of it together: a cut through an order is no edit of it. An
    order of which a row was rejected, or a file with records that cannot be read, takes nothing away.
    """
    table = mapping.table
    connection.execute(f"""
        create or replace temp table {_DELIVERIES} as
        with good as (
            select hash({ORDER_ID}) as order_hash, file_index, {_key_hash(table)} as key_hash, is_deleted
            from {SUSPECTS} anti join {VERDICTS} using (file_index, source_row)
        ),
        incomplete as (
            select order_hash from (select order_hash, count(*) as row_count from {ROW_KEYS} group by order_hash)
            semi join {SUSPECT_ORDERS} using (order_hash)
            left join (select order_hash, count(*) as good_count from good group by order_hash) using (order_hash)
            where row_count > coalesce(good_count, 0)
        ),
        unreadable as (select distinct file_index from {ROW_KEYS} where order_hash is null),
        lines as (
            select distinct order_hash, file_index, key_hash from good anti join incomplete using (order_hash)
            anti join unreadable using (file_index) where not is_deleted
        ),
        told as (
            select *, file_index > min(file_index) over (partition by key_hash) as is_told_again from lines
        ),
        files as (
            select order_hash, file_index,
                sum(max(case when is_told_again then 1 else 0 end)) over (
                    partition by order_hash order by file_index
                ) as delivery
            from told group by order_hash, file_index
        )
        select lines.*, files.delivery, max(lines.file_index) over (partition by order_hash, delivery) as last_file
        from lines inner join files using (order_hash, file_index)
    """)
    last = connection.execute(f"select coalesce(max(delivery), -1) from {_DELIVERIES}").fetchall()[0][0]
    for delivery in range(int(last) + 1):
        of_delivery = f"from {_DELIVERIES} where delivery = {delivery}"
        is_delivered = f"{_key_hash(table)} in (select key_hash {of_delivery})"
        came_again = f"select order_hash {of_delivery}"
        if mapping.config.replaces is None:
            # Lines that come for the first time are added to their order: a return, or the rest behind a file's end.
            came_again += f" and order_hash in (select hash({ORDER_ID}) from {_CURRENT} where {is_delivered})"
        last_file = f"(select max(last_file) {of_delivery} and order_hash = hash({ORDER_ID}))"
        is_deleted = f"{_key_hash(table)} in (select {_key_hash(table)} from {SUSPECTS} where {IS_DELETED})"
        condition = f"hash({ORDER_ID}) in ({came_again}) and not {is_delivered} and not {is_deleted}"
        _take_away(connection, table, last_file, condition)
        _take_over(
            connection, table, f"(hash({ORDER_ID}), file_index) in (select (order_hash, file_index) {of_delivery})"
        )


def _take_away(connection: duckdb.DuckDBPyConnection, table: Table, file_index: str, condition: str) -> None:
    """Note that the current rows that meet a condition have left with a file."""
    connection.execute(
        f"create or replace temp table {_GONE} as "
        f"select {file_index} as file_index, * from {_CURRENT} where {condition}"
    )
    # A line has left when the order without it reached the shop, where the source says when that was.
    received = "cast(null as timestamp)"
    if table.has_several_rows_an_order:
        received = f"(select max({RECEIVED_AT}) from {SUSPECTS} as told where told.{ORDER_ID} = gone.{ORDER_ID})"
    connection.execute(
        f"insert into {SUSPECTS} by name select gone.* replace (true as {IS_DELETED}, 0 as content), "
        f"{received} as {RECEIVED_AT} from {_GONE} as gone"
    )
    connection.execute(
        f"delete from {_CURRENT} where ({name_list(table.key)}) in (select ({name_list(table.key)}) from {_GONE})"
    )


def _take_over(connection: duckdb.DuckDBPyConnection, table: Table, condition: str) -> None:
    """Make current what the files of a delivery say."""
    key = name_list(table.key)
    said = f"from {SUSPECTS} where source_row is not null and {condition}"
    connection.execute(f"delete from {_CURRENT} where ({key}) in (select ({key}) {said})")
    connection.execute(
        f"insert into {_CURRENT} select {_kept_columns(table)} from (select * {said}) anti join {VERDICTS} "
        f"using (file_index, source_row) qualify not is_deleted "
        f"and row_number() over (partition by {key} order by file_index desc, source_row desc) = 1"
    )


def _tell_of_lines(connection: duckdb.DuckDBPyConnection, mapping: TableMapping) -> list[str]:
    """What was concluded of lines, where the YAML does not say what a delivery replaces."""
    if mapping.config.replaces is not None:
        return []
    lines, orders, amount = connection.execute(
        f"select count(*), count(distinct {ORDER_ID}), coalesce(sum(amount), 0) from {SUSPECTS} "
        "where source_row is null"
    ).fetchall()[0]
    if not lines:
        return []
    return [
        f"{several(orders, 'order')} came again without {several(lines, 'stored line')} worth {amount:,.2f}, not "
        "counted any more; where files hold changed lines only, say `replaces: line`, else `replaces: order`"
    ]


def _key_hash(table: Table) -> str:
    return f"hash({name_list(table.key)})"


def _kept_columns(table: Table) -> str:
    return f"{name_list(table.key)}, person, day, occurred, {IS_DELETED}, gives_back, amount, content"
