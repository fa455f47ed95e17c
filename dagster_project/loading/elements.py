"""Rows with a list in them as one row per element: the items of an order, the dates of a deal in columns of their own.

A list is one of DuckDB's, or text that is a JSON array; of the latter the elements are text, as all JSON is to loading.
"""

import duckdb

from dagster_project.loading.expressions import Expression
from dagster_project.loading.file_rows import MALFORMED_RECORDS, SOURCE_ROW
from dagster_project.loading.sql_text import quote_name, quote_text

# The type of a column that is nothing but NULL: it fits wherever an expression puts it.
UNTYPED = '"NULL"'

_ATTEMPT = "__attempted_each"
_LIST = "__list"
# Of an element: the place of its row in the file, and its own place in the list of the row.
FILE_ROW = "__file_row"
ELEMENT_PLACE = "__element_place"

_LONGEST_QUOTED_VALUE = 40


def expand_elements(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    names: list[str],
    element: str,
    expression: Expression,
    list_type: str,
) -> str:
    """A query of one row per element of the list that ``expression`` gives on the rows of ``query``.

    The element stands in a column ``element`` beside ``names``, the columns of its row, FILE_ROW and ELEMENT_PLACE.
    SOURCE_ROW counts the elements through the file, because whatever reads the raw tables takes it for one row's own.
    A list that is NULL or empty makes no row. A row whose list cannot be read is left in MALFORMED_RECORDS.
    """
    if list_type == UNTYPED:
        nothing = f"null as {quote_name(element)}, 0 as {FILE_ROW}, 0 as {ELEMENT_PLACE}"
        return f"select *, {nothing} from ({query}) where false"
    # The struct is NULL where the expression fails on a row, and holds a NULL where it gives one.
    attempted = f"select *, try(struct_pack(value := (\n{expression.sql}\n))) as {_ATTEMPT} from ({query})"
    value = f"struct_extract({_ATTEMPT}, 'value')"
    if list_type.endswith("[]"):
        found, is_none = value, "false"
    else:
        written = f"cast({value} as varchar)"
        kind = f"case when json_valid({written}) then json_type({written}) end"
        found = f"case when {kind} = 'ARRAY' then json_extract_string({written}, '$[*]') end"
        is_none = f"trim({written}) <> '' and {kind} is distinct from 'ARRAY' and {kind} is distinct from 'NULL'"
    failed = f"{element} {expression.failure}"
    shown = f"left(cast({value} as varchar), {_LONGEST_QUOTED_VALUE})"
    record = ", ".join(f"{quote_name(name)} := {quote_name(name)}" for name in names)
    connection.execute(f"""
        insert into {MALFORMED_RECORDS}
        select {SOURCE_ROW}, cast(to_json(struct_pack({record})) as varchar),
            case
                when {_ATTEMPT} is null then {quote_text(failed)}
                else {quote_text(element + " ")} || '''' || {shown} || ''' is no list'
            end
        from ({attempted}) where {_ATTEMPT} is null or ({is_none})
    """)
    return f"""
        with listed as (select *, {found} as {_LIST} from ({attempted})),
        elements as (
            select * exclude ({_ATTEMPT}, {_LIST}), unnest({_LIST}) as {quote_name(element)},
                generate_subscripts({_LIST}, 1) as {ELEMENT_PLACE}
            from listed
        )
        select * replace (row_number() over (order by {SOURCE_ROW}, {ELEMENT_PLACE}) as {SOURCE_ROW}),
            {SOURCE_ROW} as {FILE_ROW}
        from elements
    """
