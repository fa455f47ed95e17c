"""Rows that are rejected for what other rows say: keys of another source, and numbers that are used again."""

import duckdb

from dagster_project.loading.binding import TableMapping, in_shop
from dagster_project.loading.columns import ORDER_ID
from dagster_project.loading.planning import LOAD_FILES
from dagster_project.loading.sql_text import name_list
from dagster_project.loading.suspects import STORED, SUSPECTS, in_source
from dagster_project.loading.wording import several

# One row per suspect that is rejected.
VERDICTS = "temp.verdicts"

# An order that is corrected keeps its time, or is moved by little; its number a month later is another order's.
LONGEST_CORRECTION_DAYS = 31

_LONGEST_QUOTED_VALUE = 40


def find_verdicts(connection: duckdb.DuckDBPyConnection, mapping: TableMapping, *, has_positions: bool) -> None:
    """Make VERDICTS: file_index, source_row and the reason, one for each rejected suspect."""
    connection.execute(
        f"create or replace temp table {VERDICTS} (file_index bigint, source_row bigint, verdict varchar)"
    )
    rules = [*_owned_orders(mapping), *_used_again(mapping)]
    if not mapping.table.is_shared:
        rules.insert(0, _owned_key(mapping))
    if has_positions:
        rules.append(_given_back_alone(mapping))
    if mapping.table.has_several_rows_an_order:
        rules.append(_given_back_in_place(mapping))
    for rule in rules:
        connection.execute(f"""
            insert into {VERDICTS}
            select file_index, source_row, min(verdict) from ({rule}) as judged
            anti join {VERDICTS} using (file_index, source_row) group by file_index, source_row
        """)


def tell_verdicts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """How many rows were rejected for what other rows say, with their money and an example, in words."""
    rows = connection.execute(f"""
        select count(*), sum(amount), min(verdict), min_by(verdict, (file_index, source_row))
        from {VERDICTS} inner join {SUSPECTS} using (file_index, source_row)
        group by regexp_replace(verdict, '[0-9]+|''.*''', '', 'g') order by 1 desc, 3
    """).fetchall()
    return [
        f"{several(count, 'row')}{f' worth {amount:,.2f}' if amount is not None else ''} rejected, e.g.: {example}"
        for count, amount, _, example in rows
    ]


def _owned_key(mapping: TableMapping) -> str:
    return f"""
        select file_index, source_row, 'key already loaded by source ' || owner as verdict
        from {SUSPECTS} inner join {STORED} using ({name_list(mapping.table.key)}) where not {in_source(mapping)}
    """


def _owned_orders(mapping: TableMapping) -> list[str]:
    """An order of another shop, in whatever table its number is stored."""
    if not mapping.table.is_of_orders:
        return []
    return [
        f"""
        select file_index, source_row, 'order_id already loaded by source ' || source_name as verdict
        from {SUSPECTS} inner join (
            select {ORDER_ID}, min(source_name) as source_name from raw.{table_name}
            where source_name not in {in_shop(mapping)} group by {ORDER_ID}
        ) as others using ({ORDER_ID})
        """
        for table_name in ("orders", "order_lines")
    ]


def _used_again(mapping: TableMapping) -> list[str]:
    """An order number that several people, or days, are known for: numbers began again, and the rows are not one order.

    Another person, or another day, may be a correction; both at once, or two people in one load, is none. Nor is a line
    of another person beside the lines that are stored.
    """
    if not mapping.table.is_of_orders:
        return []
    column = ORDER_ID
    is_far = "false"
    if mapping.config.keep == "last":
        is_far = f"not is_told_again and last_day - first_day > {LONGEST_CORRECTION_DAYS}"
    key, is_last = name_list(mapping.table.key), "true" if mapping.config.keep == "last" else "false"
    # History, and files read again, bring what was loaded one after the other in one load.
    told_again = f"select file_index, is_said_history or is_reread as is_told_again from {LOAD_FILES}"
    said = f"'{column} ''' || left({column}, {_LONGEST_QUOTED_VALUE}) || ''' has '"
    return [
        f"""
        with members as (
            select {column}, file_index, person, day from {SUSPECTS} where not is_deleted
            union all
            select {column}, -1, person, day from {STORED} where {in_source(mapping)} and not is_deleted
        ),
        deliveries as (
            select {column}, file_index, count(distinct nullif(person, '')) as people,
                list(distinct person) as named, list(distinct day) as days
            from members group by {column}, file_index
        ),
        new_people as (
            select {column}, count(distinct nullif(person, '')) as people_in_load
            from members where file_index >= 0 group by {column}
        ),
        repeating as (
            select distinct {column} from {SUSPECTS} semi join {STORED} using ({key}) where not is_deleted
        ),
        numbers as (
            select {column}, max(people) as people_in_a_file, count(*) as delivery_count,
                max(is_told_again) as is_told_again, list(file_index) as files,
                list_distinct(flatten(list(named))) as named, list_distinct(flatten(list(days))) as days
            from deliveries
            left join ({told_again}) as files using (file_index)
            group by {column}
        ),
        counted as (
            select {column}, people_in_a_file, people_in_load, delivery_count,
                repeating.{column} is not null as repeats_stored, list_contains(files, -1) as is_stored,
                coalesce(is_told_again, false) as is_told_again,
                len(list_filter(named, lambda p: p <> '')) as people, list_contains(named, '') as has_guest,
                len(days) as days, list_min(days) as first_day, list_max(days) as last_day
            from numbers inner join new_people using ({column}) left join repeating using ({column})
        ),
        used_again as (
            select * from counted
            where (people > 1 and days > 1) or people_in_a_file > 1 or ({is_far})
                or (people_in_load > 1 and not is_told_again and {is_last})
                or (people > 1 and is_stored and not repeats_stored)
                or (has_guest and days > 1 and (delivery_count > 1 or last_day - first_day > 1))
        ),
        stored as (select distinct {column}, person, day from members where file_index = -1)
        select suspects.file_index, suspects.source_row,
            {said} || {_count("greatest(people, 1)", "customer")} || ' and ' || {_count("days", "day")} as verdict
        from {SUSPECTS} as suspects inner join used_again using ({column})
        left join (select distinct {column}, true as is_stored from stored) as known using ({column})
        left join stored
            on suspects.{column} = stored.{column} and suspects.person = stored.person and suspects.day = stored.day
        where not suspects.is_deleted and (known.is_stored is null or stored.person is null)
        """
    ]


def _count(number: str, noun: str) -> str:
    return f"{number} || case when {number} = 1 then ' {noun}' else ' {noun}s' end"


def _given_back_alone(mapping: TableMapping) -> str:
    """Lines that only give back, numbered by their place, would take the place of what was sold."""
    key = name_list(mapping.table.key)
    return f"""
        with known as (
            select {key}, content from {STORED} where {in_source(mapping)} and not is_deleted
        ),
        deliveries as (
            select file_index, {ORDER_ID} from {SUSPECTS}
            left join (select {key}, content, true as is_known from known) as same using ({key}, content)
            group by file_index, {ORDER_ID}
            having bool_and(gives_back and is_known is null and not is_deleted)
        )
        select file_index, source_row,
            'only lines that give back, and other lines of the order are stored: map line_number' as verdict
        from {SUSPECTS} semi join deliveries using (file_index, {ORDER_ID})
        semi join known using ({ORDER_ID})
    """


def _given_back_in_place(mapping: TableMapping) -> str:
    """A line that gives back under the number of a line that was sold would take its place."""
    key = name_list(mapping.table.key)
    return f"""
        with sold as (
            select {key}, -1 as sold_in, -1 as sold_row from {STORED}
            where {in_source(mapping)} and not is_deleted and not gives_back
            union all
            select {key}, file_index, source_row from {SUSPECTS} where not is_deleted and not gives_back
        )
        select file_index, source_row,
            'gives back under the number of a line that was sold: give returns numbers of their own' as verdict
        from {SUSPECTS} inner join sold using ({key})
        where gives_back and not is_deleted and (sold_in, sold_row) < (file_index, source_row)
    """
