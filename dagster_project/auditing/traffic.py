"""Who the visitors of an event table are, and which of its event types are known.

For any table with an anonymous and a customer id, and any column whose vocabulary is open.
"""

from collections.abc import Iterator

from dagster_project.auditing.findings import NOTE, OK, Finding, grade, say_share
from dagster_project.auditing.settings import Limits
from dagster_project.loading.columns import Table
from dagster_project.loading.tables.behaviour import EVENT_TYPES, EVENTS
from dagster_project.warehouse import Connection, quote_identifier, quote_literal

# Columns in which other values than the known ones are kept, by table.
OPEN_VOCABULARIES = {EVENTS.name: ("event_type", EVENT_TYPES)}

# A value that could be anything else than the name of a kind of event is not repeated in the report.
_NAME_OF_A_KIND = "^[A-Za-z][A-Za-z0-9_ .:-]{0,39}$"
_RARE = "rare or unreadable values"
_TYPES_NAMED = 20
_IDS = ("anonymous_id", "customer_id")


def judge_traffic(connection: Connection, table: Table, limits: Limits) -> Iterator[Finding]:
    """Findings about visitors and event types of one raw table that has rows; none of a table without either."""
    if table.has_happened and all(table.has_column(name) for name in _IDS):
        yield from _judge_visitors(connection, table, limits)
    if table.name in OPEN_VOCABULARIES:
        column, known = OPEN_VOCABULARIES[table.name]
        yield from _judge_vocabulary(connection, table, column, known, limits)


def _judge_visitors(connection: Connection, table: Table, limits: Limits) -> Iterator[Finding]:
    # Rows without an anonymous id are one group, which is no visitor.
    row = connection.execute(f"""
        with visitors as (
            select anonymous_id, count(*) as row_count, count(customer_id) as known_count
            from raw.{table.name} group by anonymous_id
        )
        select sum(row_count), sum(row_count - known_count), count(anonymous_id),
            count(anonymous_id) filter (known_count = 0)
        from visitors
    """).fetchall()[0]
    rows, without, visitors, never = map(int, row)
    said = say_share(without, rows)
    status = grade(without / rows, note=0.5, warning=limits.anonymous_share_warning)
    remedy = "Send customer_id with the events of people who are logged in, and an identify event at log-in."
    yield _of_family(table, "anonymous_rows", status, f"{said} rows name no customer.", said, without / rows, remedy)
    if visitors:
        said = say_share(never, visitors)
        status = grade(never / visitors, note=0.5, warning=limits.anonymous_share_warning)
        sentence = f"{said} visitors are never identified by a row of their own."
        yield _of_family(table, "unidentified_visitors", status, sentence, said, never / visitors, remedy)


def _judge_vocabulary(
    connection: Connection, table: Table, column: str, known: tuple[str, ...], limits: Limits
) -> Iterator[Finding]:
    name = quote_identifier(column)
    is_known = f"coalesce({name} in ({', '.join(map(quote_literal, known))}), false)"
    reads_as_kind = f"regexp_full_match(kind, {quote_literal(_NAME_OF_A_KIND)})"
    may_name = f"is_known or (people >= {limits.people_to_name_a_value} and {reads_as_kind})"
    counts = connection.execute(f"""
        with kinds as (
            select {name} as kind, {is_known} as is_known, count(*) as row_count,
                case when not {is_known} then count(distinct coalesce(customer_id, anonymous_id)) end as people
            from raw.{table.name} group by {name}
        )
        select case when {may_name} then kind else {quote_literal(_RARE)} end, is_known, sum(row_count)
        from kinds group by all order by 3 desc, 1
    """).fetchall()
    rows = sum(int(count) for _, _, count in counts)
    unknown = [(kind, int(count)) for kind, is_known, count in counts if not is_known]
    yield _judge_unknown(table, column, rows, sum(count for _, count in unknown), limits)
    yield _say_absent(table, column, sorted(set(known) - {kind for kind, is_known, _ in counts if is_known}))
    for kind, count in unknown[:_TYPES_NAMED]:
        said = say_share(count, rows)
        yield Finding(
            column, f"{table.name}: {kind}", "unknown_value", NOTE, f"{said} rows; no feature uses this {column}.",
            value=said, figure=count / rows, family=table.name,
            remedy=f"Map it to one of the known values in the source YAML, if it means the same: {', '.join(known)}.",
        )  # fmt: skip


def _judge_unknown(table: Table, column: str, rows: int, unknown: int, limits: Limits) -> Finding:
    said = say_share(unknown, rows)
    status = grade(unknown / rows, warning=limits.unknown_event_share_warning)
    remedy = f"Map {column} to the known values with an expression in the source YAML (case ... when ... end)."
    sentence = f"{said} rows have a {column} that no feature uses."
    return _of_family(table, f"unknown_{column}", status, sentence, said, unknown / rows, remedy)


def _say_absent(table: Table, column: str, absent: list[str]) -> Finding:
    if not absent:
        return _of_family(table, f"absent_{column}", OK, f"Every known {column} occurs.", "none", 0.0, None)
    sentence = f"These values of {column} never occur, so features of theirs are empty: {', '.join(absent)}."
    remedy = "Send them, or map what the tracker calls them."
    return _of_family(table, f"absent_{column}", NOTE, sentence, ", ".join(absent), float(len(absent)), remedy)


def _of_family(
    table: Table, check_name: str, status: str, sentence: str, value: str, figure: float, remedy: str | None
) -> Finding:
    remedy = None if status == OK else remedy
    return Finding("family", table.name, check_name, status, sentence, value, figure, remedy, table.name)
