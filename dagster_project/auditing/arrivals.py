"""What happened by the current as-of date but arrived after it, so that no as-of date knows of it yet.

The rule is the features': a version of a row is known from its arrival until a later one of its key arrives.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from dagster_project.auditing.findings import NOTE, OK, WARNING, Finding, say_change, say_count, say_money
from dagster_project.auditing.settings import Limits
from dagster_project.loading.columns import Table
from dagster_project.loading.tables.commerce import ORDER_LINES, ORDERS
from dagster_project.warehouse import Connection, quote_identifier

_REMEDY = (
    "Load it as history, so that it counts as known since it occurred: `make run HISTORY=yes`, or list the files "
    "under `history:` in the source YAML."
)


@dataclass(frozen=True)
class Moment:
    """The current as-of date and the day of the newest order, both by the shop's clock."""

    as_of_date: date
    newest_order_day: date
    time_zone: str

    def ends_at(self, day: date) -> datetime:
        """The first instant after ``day``, in UTC."""
        following = day + timedelta(days=1)
        local = datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(self.time_zone))
        return local.astimezone(UTC).replace(tzinfo=None)


@dataclass(frozen=True)
class _Unseen:
    """Rows of a table, each key once, whose newest version the as-of date does not know.

    ``stranded`` of them came long after the newest order. ``added`` and ``taken`` are the money by which they
    would raise and lower what is known.
    """

    rows: int
    stranded: int
    first_arrived_at: datetime | None
    added: Decimal
    taken: Decimal


def find_newest_day(last: Iterable[datetime | None]) -> date | None:
    """The newest day among the times; None where there is none."""
    return max((at.date() for at in last if at is not None), default=None)


def judge_arrivals(connection: Connection, table: Table, moment: Moment, limits: Limits) -> Finding:
    """The finding about one raw table with rows: how many wait for an as-of date, and whether one will come.

    A correction of yesterday waits for tomorrow's as-of date. A past that is loaded again long after the newest
    order waits until there are orders of the day of its load, perhaps for ever: that is a warning.
    """
    unseen = _count_unseen(connection, table, moment, limits)
    if not unseen.rows:
        return _of_family(table, OK, "No row waits for an as-of date that knows of it.", "0 rows", 0.0)
    has_money = table.has_column("net_amount")
    change = unseen.added - unseen.taken
    sentence = (
        f"{say_count(unseen.rows, 'row')} occurred by the as-of date {moment.as_of_date} and arrived after it, the "
        f"first on {unseen.first_arrived_at:%Y-%m-%d}" + (f"; {_say_difference(unseen)}" if has_money else "") + "."
    )
    figure = float(abs(change)) if has_money else float(unseen.rows)
    value = say_count(unseen.rows, "row") + (f", {say_change(change)}" if has_money else "")
    if not unseen.stranded:
        return _of_family(table, NOTE, f"{sentence} They count once the as-of date gets there.", value, figure)
    sentence += (
        f" {unseen.stranded:,} of them came more than {limits.history_waits_days} days after the newest order, of "
        f"{moment.newest_order_day}: no as-of date will know of them before there are orders of the day they came."
    )
    return _of_family(table, WARNING, sentence, value, figure, _REMEDY)


def _say_difference(unseen: _Unseen) -> str:
    return (
        f"they would add {say_money(unseen.added)} and take {say_money(unseen.taken)} away, "
        f"{say_change(unseen.added - unseen.taken)} in all"
    )


def _count_unseen(connection: Connection, table: Table, moment: Moment, limits: Limits) -> _Unseen:
    ends = moment.ends_at(moment.as_of_date)
    too_late = moment.ends_at(moment.newest_order_day + timedelta(days=limits.history_waits_days))
    keys = ", ".join(map(quote_identifier, table.key))
    row = connection.execute(
        f"""
        with versions as ({_versions_query(table)}),
        by_key as (
            select max(known_at) filter (is_newest) as known_at,
                coalesce(sum(amount) filter (is_newest), 0) as amount_now,
                coalesce(sum(amount) filter (
                    known_at < $ends and (replaced_at is null or replaced_at >= $ends)
                ), 0) as amount_known
            from versions where occurred_at < $ends group by {keys}
        )
        select count(*), count(*) filter (known_at >= $too_late), min(known_at),
            coalesce(sum(greatest(amount_now - amount_known, 0)), 0),
            coalesce(sum(greatest(amount_known - amount_now, 0)), 0)
        from by_key where known_at >= $ends
        """,
        {"ends": ends, "too_late": too_late},
    ).fetchall()[0]
    return _Unseen(*row)


def _versions_query(table: Table) -> str:
    """Every version of the keys that have one which came too late for the as-of date's end, ``$ends``."""
    keys = ", ".join(map(quote_identifier, table.key))
    own_time = f"stored.{quote_identifier(table.occurred_at)}" if table.has_happened and table.occurred_at else "null"
    times = [own_time, *(["ordered.ordered_at"] if table is ORDER_LINES else []), "timestamp '1900-01-01'"]
    occurred_at = f"coalesce({', '.join(times)})"
    # A line without a time of its own has its order's.
    ordered = (
        "left join (select order_id, arg_max(ordered_at, loaded_at) as ordered_at from raw.orders "
        "semi join late using (order_id) group by order_id) as ordered using (order_id)"
    )
    return f"""
        with late as (
            select distinct {keys} from raw.{table.name} as stored
            where arrived_at >= $ends and ({own_time} is null or {own_time} < $ends)
        ),
        timed as (
            select {keys}, loaded_at, source_row, {occurred_at} as occurred_at,
                coalesce(arrived_at, {occurred_at}) as known_at, {_amount(table)} as amount
            from (from raw.{table.name} semi join late using ({keys})) as stored
            {ordered if table is ORDER_LINES else ""}
        )
        select *, min(known_at) over later as replaced_at, count(*) over later = 0 as is_newest
        from timed
        window later as (
            partition by {keys} order by loaded_at, source_row rows between 1 following and unbounded following
        )
    """


def _amount(table: Table) -> str:
    """What a version is worth: nothing when it has left, or its order was cancelled or given back."""
    if not table.has_column("net_amount"):
        return "cast(0 as decimal(18, 4))"
    worthless = "coalesce(is_deleted, false)"
    if table is ORDERS:
        worthless += " or coalesce(status in ('cancelled', 'returned'), false)"
    return f"case when {worthless} then 0 else net_amount end"


def _of_family(
    table: Table, status: str, sentence: str, value: str, figure: float, remedy: str | None = None
) -> Finding:
    return Finding("family", table.name, "unseen_history", status, sentence, value, figure, remedy, table.name)
