"""Rows that have left because a delivery lacks them: lines of an order that came again, rows of a complete list.

Raw tables are append-only, so a row leaves by a version of its own that says so.
"""

import duckdb

from dagster_project.loading.binding import TableMapping
from dagster_project.loading.columns import ORDER_ID, Table
from dagster_project.loading.keys import ROW_KEYS
from dagster_project.loading.planning import LoadPlan
from dagster_project.loading.source import IS_DELETED
from dagster_project.loading.sql_text import name_list
from dagster_project.loading.suspects import STORED, SUSPECTS, in_source
from dagster_project.loading.verdicts import VERDICTS

_CURRENT = "temp.current_rows"
_GONE = "temp.gone_rows"


def find_departures(connection: duckdb.DuckDBPyConnection, mapping: TableMapping, plan: LoadPlan) -> list[str]:
    """Add to the suspects what each file of the plan lacks, in order; what could not be told, in words."""
    table, config = mapping.table, mapping.config
    is_by_order = table.has_several_rows_an_order and config.replaces != "line" and config.keep == "last"
    if not (config.complete or is_by_order):
        return []
    connection.execute(
        f"create or replace temp table {_CURRENT} as select {_kept_columns(table)} from {STORED} "
        f"where {in_source(mapping)} and not is_deleted"
    )
    warnings: list[str] = []
    for index, planned in enumerate(plan.files):
        unread = connection.execute(
            f"select count(*) filter (key_hash is null), count(*) from {ROW_KEYS} where file_index = {index}"
        ).fetchall()[0]
        if config.complete and (unread[0] or not unread[1]):
            rows = f"{unread[0]:,} rows without a readable key" if unread[1] else "no row"
            warnings.append(f"{planned.file.name} is said to be complete and has {rows}: nothing is taken as gone")
        elif unread[1]:
            _find_gone(connection, mapping, index)
        _take_over(connection, table, index)
    return [*warnings, *_tell_of_lines(connection, mapping)]


def _tell_of_lines(connection: duckdb.DuckDBPyConnection, mapping: TableMapping) -> list[str]:
    """What was concluded of lines, where the YAML does not say what a delivery replaces."""
    if mapping.config.complete or mapping.config.replaces is not None:
        return []
    lines, orders, amount = connection.execute(
        f"select count(*), count(distinct {ORDER_ID}), coalesce(sum(amount), 0) from {SUSPECTS} "
        "where source_row is null"
    ).fetchall()[0]
    if not lines:
        return []
    return [
        f"{lines:,} stored lines worth {amount:,.2f} are gone, because {orders:,} orders came again without them; "
        "where files hold changed lines only, say `replaces: line`, else `replaces: order`"
    ]


def _find_gone(connection: duckdb.DuckDBPyConnection, mapping: TableMapping, index: int) -> None:
    table = mapping.table
    is_in_file = f"hash({name_list(table.key)}) in (select key_hash from {ROW_KEYS} where file_index = {index})"
    condition = f"not {is_in_file}"
    if not mapping.config.complete:
        delivered = f"select {ORDER_ID} from {SUSPECTS} where file_index = {index} and source_row is not null"
        condition += f" and {ORDER_ID} in ({delivered})"
        if mapping.config.replaces is None:
            # Lines that come for the first time are added to their order: a return, or the rest behind a file's end.
            condition += f" and {ORDER_ID} in (select {ORDER_ID} from {_CURRENT} where {is_in_file})"
    connection.execute(f"create or replace temp table {_GONE} as select * from {_CURRENT} where {condition}")
    connection.execute(
        f"insert into {SUSPECTS} by name "
        f"select {index} as file_index, * replace (true as {IS_DELETED}, 0 as content) from {_GONE}"
    )


def _take_over(connection: duckdb.DuckDBPyConnection, table: Table, index: int) -> None:
    """Make the current rows those after the file."""
    key = name_list(table.key)
    connection.execute(
        f"delete from {_CURRENT} where ({key}) in (select ({key}) from {SUSPECTS} where file_index = {index})"
    )
    connection.execute(
        f"insert into {_CURRENT} select {_kept_columns(table)} from {SUSPECTS} anti join {VERDICTS} "
        f"using (file_index, source_row) where file_index = {index} and not is_deleted "
        f"qualify row_number() over (partition by {key} order by source_row desc) = 1"
    )


def _kept_columns(table: Table) -> str:
    return f"{name_list(table.key)}, person, day, occurred, {IS_DELETED}, gives_back, amount, content"
