"""Rows against what is stored: what is said again, what is corrected, and when each row arrived.

Raw tables are append-only. A row with the key and content of its predecessor adds nothing; one with the
key and other content is a new version, appended behind the old one.
"""

from datetime import date

import duckdb

from dagster_project.loading.binding import TableMapping
from dagster_project.loading.judging import DECISIONS
from dagster_project.loading.planning import LOAD_FILES, PlannedFile, business_day
from dagster_project.loading.source import RECEIVED_AT
from dagster_project.loading.sql_text import name_list, quote_name, quote_text
from dagster_project.loading.suspects import STORED, SUSPECTS, in_source
from dagster_project.loading.verdicts import VERDICTS


def start_decisions(connection: duckdb.DuckDBPyConnection, mapping: TableMapping) -> None:
    """Make DECISIONS with nothing decided."""
    keys = "".join(
        f"{quote_name(column.name)} {column.kind.value}, "
        for column in mapping.table.columns
        if column.name in mapping.table.key
    )
    connection.execute(
        f"create or replace temp table {DECISIONS} (file_index bigint, source_row bigint, {keys}"
        "amount decimal(18,4), is_deleted boolean, verdict varchar, is_duplicate boolean, is_replacement boolean, "
        "is_departure boolean, decided_arrived_at timestamp)"
    )


def decide(
    connection: duckdb.DuckDBPyConnection, mapping: TableMapping, newest_order_day: date | None, load_id: str
) -> None:
    """Fill DECISIONS: each suspect with its verdict, is_duplicate, is_replacement and decided_arrived_at.

    ``newest_order_day`` is that of the orders stored before this load.
    """
    keys = name_list(mapping.table.key)
    arrived_at = arrival(mapping, newest_order_day, load_id, occurred="occurred")
    connection.execute(f"""
        insert into {DECISIONS} by name
        with good as (select * from {SUSPECTS} anti join {VERDICTS} using (file_index, source_row)),
        chained as (
            select good.*, is_told_elsewhere, versions.content as newest_content,
                versions.arrived_at as newest_arrived_at, versions.contents, versions.is_deleted as newest_is_deleted,
                lag(good.content) over earlier_rows as content_before,
                lag(good.is_deleted) over earlier_rows as deleted_before,
                last_value(good.content) over key_rows = versions.content
                    and bool_and(list_contains(versions.contents, good.content)) over key_rows as says_nothing_new
            from good
            left join (select * from {STORED} where {in_source(mapping)}) as versions using ({keys})
            left join (select {keys}, true as is_told_elsewhere from {STORED} where not {in_source(mapping)}) as others
                using ({keys})
            window earlier_rows as (partition by {keys} order by file_index, source_row),
                key_rows as (
                    partition by {keys} order by file_index, source_row
                    rows between unbounded preceding and unbounded following
                )
        ),
        compared as (
            select *, coalesce(content_before, newest_content) as previous_content,
                coalesce(deleted_before, newest_is_deleted) as is_previous_deleted,
                -- What was loaded as news, and is history by what is said now, is said once more as known all along.
                content_before is null and content = newest_content and is_said_history and {RECEIVED_AT} is null
                    and newest_arrived_at > occurred as becomes_history
            from chained inner join {LOAD_FILES} using (file_index)
        )
        select file_index, source_row, {keys}, amount, is_deleted, cast(null as varchar) as verdict,
            {_is_duplicate(mapping)} as is_duplicate, previous_content is not null as is_replacement,
            is_deleted and previous_content is not null and not is_previous_deleted as is_departure,
            {arrived_at} as decided_arrived_at
        from compared
        union all by name
        select file_index, source_row, verdict, false as is_duplicate from {VERDICTS}
    """)


def arrival_of_new_rows(
    mapping: TableMapping, planned: PlannedFile, newest_order_day: date | None, load_id: str
) -> str:
    """SQL of when rows of a file could be known whose keys are not stored."""
    occurred_at = mapping.table.occurred_at
    occurred = quote_name(occurred_at) if occurred_at else "cast(null as timestamp)"
    case = arrival(mapping, newest_order_day, load_id, occurred=occurred)
    facts = {
        "newest_content": "cast(null as ubigint)",
        "newest_arrived_at": "cast(null as timestamp)",
        "is_history": str(planned.is_history).lower(),
        "is_reread": str(planned.is_reread).lower(),
        "known_since": f"timestamp '{planned.known_since}'",
    }
    for name, value in facts.items():
        case = case.replace(name, value)
    return case


def arrival(mapping: TableMapping, newest_order_day: date | None, load_id: str, *, occurred: str) -> str:
    """SQL of when a row could be known, ``occurred`` being SQL of its time; the order of the cases is the rule's."""
    cases = [
        f"when {RECEIVED_AT} is not null then {RECEIVED_AT}",
        f"when is_history then {occurred}",
        # The same content read by another mapping is no news: it was known when it was first loaded.
        "when is_reread and newest_content is not null then newest_arrived_at",
    ]
    if mapping.table.occurred_at is None:
        return f"case {' '.join(cases)} else known_since end"
    if mapping.table.has_several_rows_an_order:
        # A line without a time of its own comes with its order, unless that order was known before it.
        known_orders = f"select order_id from raw.orders where load_id <> {quote_text(load_id)}"
        is_new = f"{occurred} is null and newest_content is null and order_id not in ({known_orders})"
        cases.append(f"when {is_new} then null")
    if newest_order_day is not None:
        in_order = f"{business_day(occurred, mapping.source)} >= date '{newest_order_day}'"
        # greatest passes over NULL: an earlier version without an arrival counts as known all along.
        cases.append(f"when {in_order} then greatest({occurred}, newest_arrived_at)")
    return f"case {' '.join(cases)} else known_since end"


def _is_duplicate(mapping: TableMapping) -> str:
    if mapping.config.keep == "first":
        same = "not is_deleted and previous_content is not null and not is_previous_deleted"
        return f"coalesce(is_told_elsewhere, false) or ({same})"
    same = "coalesce(says_nothing_new, false) or coalesce(previous_content = content, false)"
    # A person, a product or a campaign that another source tells of is that source's to correct.
    return f"coalesce(is_told_elsewhere, false) or (({same}) and not coalesce(becomes_history, false))"
