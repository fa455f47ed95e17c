"""Staged rows against what is stored: what is said again, what is corrected, and when each row arrived.

Raw tables are append-only. A row with the key and content of its predecessor adds nothing; one with the
key and other content is a new version, appended behind the old one.
"""

from datetime import date

import duckdb

from dagster_project.loading.binding import TableMapping
from dagster_project.loading.planning import LOAD_FILES, business_day
from dagster_project.loading.source import RECEIVED_AT
from dagster_project.loading.sql_text import name_list, quote_name, quote_text
from dagster_project.loading.staging import STAGED_ROWS

VERSIONED_ROWS = "temp.versioned_rows"


def version_rows(
    connection: duckdb.DuckDBPyConnection, mapping: TableMapping, newest_order_day: date | None, load_id: str
) -> None:
    """Make VERSIONED_ROWS: the good staged rows with is_duplicate, is_replacement and arrived_at.

    ``newest_order_day`` is that of the orders stored before this load.
    """
    table = mapping.table
    keys = name_list(table.key)
    _find_stored_versions(connection, mapping)
    connection.execute(f"""
        create or replace temp table {VERSIONED_ROWS} as
        with good as (select * from {STAGED_ROWS} where __reason is null),
        repeated_keys as (select {keys} from good group by {keys} having count(*) > 1),
        chained as (
            -- Windows over the few keys that come more than once, not over all rows.
            select file_index, source_row,
                coalesce(lag(row_hash) over earlier_rows, versions.newest_hash) as previous_hash,
                last_value(row_hash) over key_rows = versions.newest_hash
                    and bool_and(list_contains(versions.hashes, row_hash)) over key_rows as says_nothing_new
            from good semi join repeated_keys using ({keys})
            left join temp.stored_versions as versions using ({keys})
            window earlier_rows as (partition by {keys} order by file_index, source_row),
                key_rows as (
                    partition by {keys} order by file_index, source_row
                    rows between unbounded preceding and unbounded following
                )
        ),
        compared as (
            select good.*, versions.newest_hash, versions.newest_arrived_at,
                case when chained.source_row is null then versions.newest_hash else chained.previous_hash end
                    as previous_hash,
                coalesce(chained.says_nothing_new, false) as says_nothing_new
            from good
            left join temp.stored_versions as versions using ({keys})
            left join chained using (file_index, source_row)
        )
        select compared.*, load_files.source_file, load_files.loaded_at,
            says_nothing_new or coalesce(previous_hash = row_hash, false) as is_duplicate,
            previous_hash is not null as is_replacement,
            {_arrived_at(mapping, newest_order_day, load_id)} as arrived_at
        from compared join {LOAD_FILES} as load_files using (file_index)
    """)


def append_rows(connection: duckdb.DuckDBPyConnection, mapping: TableMapping, load_id: str) -> None:
    """Append the new versions to the raw table and the broken rows to the quarantine."""
    name = mapping.table.name
    connection.execute(
        f"insert into raw.{name} by name select {name_list(mapping.table.column_names)}, extra, "
        f"{quote_text(mapping.source.name)} as source_name, source_file, source_row, loaded_at, arrived_at, "
        f"{quote_text(load_id)} as load_id, row_hash, "
        f"is_replacement as is_correction from {VERSIONED_ROWS} where not is_duplicate"
    )
    connection.execute(
        f"insert into quarantine.{name} by name select __original_row as row, __reason as reason, __amount as amount, "
        f"{quote_text(mapping.source.name)} as source_name, source_file, source_row, loaded_at, "
        f"{quote_text(load_id)} as load_id from {STAGED_ROWS} join {LOAD_FILES} using (file_index) "
        "where __reason is not null order by file_index, source_row"
    )


def _find_stored_versions(connection: duckdb.DuckDBPyConnection, mapping: TableMapping) -> None:
    keys = name_list(mapping.table.key)
    # One struct, because arg_max on arrived_at alone would pass over a newest version without one.
    connection.execute(f"""
        create or replace temp table temp.stored_versions as
        with versions as (
            select {keys}, list(row_hash) as hashes,
                arg_max(
                    struct_pack(row_hash := row_hash, arrived_at := arrived_at),
                    struct_pack(loaded_at := loaded_at, source_row := source_row)
                ) as newest
            from raw.{mapping.table.name} semi join {STAGED_ROWS} using ({keys})
            where source_name = {quote_text(mapping.source.name)}
            group by {keys}
        )
        select {keys}, hashes, newest.row_hash as newest_hash, newest.arrived_at as newest_arrived_at
        from versions
    """)


def _arrived_at(mapping: TableMapping, newest_order_day: date | None, load_id: str) -> str:
    """When a row could be known; the order of the cases is the rule's."""
    occurred_at = mapping.table.occurred_at
    occurred = quote_name(occurred_at) if occurred_at else "cast(null as timestamp)"
    cases = [
        f"when {RECEIVED_AT} is not null then {RECEIVED_AT}",
        f"when is_history then {occurred}",
        # The same content read by another mapping is no news: it was known when it was first loaded.
        "when is_reread and newest_hash is not null then newest_arrived_at",
    ]
    if occurred_at is None:
        return f"case {' '.join(cases)} else known_since end"
    if mapping.table.name == "order_lines":
        # A line without a time of its own comes with its order, unless that order was known before it.
        known_orders = f"select order_id from raw.orders where load_id <> {quote_text(load_id)}"
        cases.append(f"when {occurred} is null and newest_hash is null and order_id not in ({known_orders}) then null")
    if newest_order_day is not None:
        in_order = f"{business_day(occurred_at, mapping.source)} >= date '{newest_order_day}'"
        # greatest passes over NULL: an earlier version without an arrival counts as known all along.
        cases.append(f"when {in_order} then greatest({occurred}, newest_arrived_at)")
    return f"case {' '.join(cases)} else known_since end"
