"""What the counts of a raw table mean: findings about the family, its columns and what its keys lead to."""

from collections.abc import Iterator
from datetime import date

from dagster_project.auditing.findings import NOTE, OK, WARNING, Finding, grade, say_money, say_share
from dagster_project.auditing.profiles import FamilyProfile, find_plausible, find_references
from dagster_project.auditing.settings import AuditSettings, Limits
from dagster_project.loading.columns import Table

_LATER = "later"


def judge_family(
    profile: FamilyProfile, *, newest_day: date | None, longest_pause_days: int, settings: AuditSettings
) -> Iterator[Finding]:
    """Findings of one raw table from its counts.

    ``newest_day`` is that of the newest fact of any family, ``longest_pause_days`` the longest time for which
    this one has been silent before.
    """
    if profile.rows == 0:
        yield _say_empty(profile.table)
        return
    yield _say_rows(profile)
    if profile.last_at is not None and newest_day is not None and profile.table.has_happened:
        yield _judge_freshness(profile, newest_day, max(settings.limits.behind_days, longest_pause_days))
    yield _say_corrected(profile)
    if profile.repeated is not None:
        yield _judge_repeated(profile, profile.repeated, settings.limits)
    yield from _judge_delays(profile, settings.limits)
    yield from _judge_references(profile, settings.limits)
    yield from _judge_children(profile, settings.limits)
    yield from _judge_columns(profile, settings)
    yield from _judge_default_times(profile)


def _say_empty(table: Table) -> Finding:
    needed = [*table.key, *table.required]
    one_of = f", and {' or '.join(table.any_of)}" if table.any_of else ""
    remedy = f"Map {', '.join(needed)}{one_of} under tables.{table.name} of a source YAML, if the shop has such data."
    return _of_family(table, "rows", NOTE, "No row was loaded.", value="0 rows", figure=0.0, remedy=remedy)


def _say_rows(profile: FamilyProfile) -> Finding:
    period = ""
    if profile.first_at is not None and profile.last_at is not None:
        period = f" from {profile.first_at.date()} to {profile.last_at.date()}"
    rows = f"{profile.rows:,} rows"
    return _of_family(
        profile.table, "rows", OK, f"{rows}{period}.", value=f"{rows}{period}", figure=float(profile.rows)
    )


def _judge_freshness(profile: FamilyProfile, newest_day: date, days_allowed: int) -> Finding:
    last_day = profile.last_at.date() if profile.last_at else newest_day
    behind = (newest_day - last_day).days
    is_behind = behind > days_allowed
    sentence = f"The newest row is of {last_day}" + (f", {behind:,} days before the newest of all." if behind else ".")
    remedy = "Look whether its export still runs; features of this family stop at that day." if is_behind else None
    status = WARNING if is_behind else OK
    return _of_family(
        profile.table, "freshness", status, sentence, value=str(last_day), figure=float(behind), remedy=remedy
    )


def _say_corrected(profile: FamilyProfile) -> Finding:
    said = say_share(profile.corrected, profile.rows)
    return _of_family(
        profile.table, "corrected_rows", OK, f"{said} rows are later versions of a row.", value=said,
        figure=profile.corrected / profile.rows,
    )  # fmt: skip


def _judge_repeated(profile: FamilyProfile, repeated: int, limits: Limits) -> Finding:
    said = say_share(repeated, profile.rows)
    status = grade(repeated / profile.rows, warning=limits.repeated_share_warning)
    remedy = "Look whether the tracker or the export sends the same fact twice; each counts as a fact of its own."
    return _of_family(
        profile.table, "repeated_rows", status, f"{said} rows say the same as another row under another key.",
        value=said, figure=repeated / profile.rows, remedy=None if status == OK else remedy,
    )  # fmt: skip


def _judge_delays(profile: FamilyProfile, limits: Limits) -> Iterator[Finding]:
    table, first_versions = profile.table, sum(profile.delays.values())
    if not first_versions:
        return
    for name, count in profile.delays.items():
        said = say_share(count, first_versions)
        yield Finding(
            "delay", f"{table.name}: {_say_class(name, limits)}", "rows", OK, f"{said} rows arrived so.",
            value=said, figure=count / first_versions, family=table.name,
        )  # fmt: skip
    late = profile.delays[_LATER]
    said = say_share(late, first_versions)
    effect = (
        "such events are not merged into their session"
        if "session_id" in table.column_names
        else ("as-of dates in between do not know of them")
    )
    status = grade(late / first_versions, warning=limits.late_share_warning)
    remedy = "Deliver sooner, or map received_at if the shop's own systems had the rows earlier."
    yield _of_family(
        table, "late_rows", status, f"{said} rows arrived more than {limits.late_days} days late; {effect}.",
        value=said, figure=late / first_versions, remedy=None if status == OK else remedy,
    )  # fmt: skip


def _say_class(name: str, limits: Limits) -> str:
    return {
        "within the days of a session's merge": f"within {limits.late_days} days",
        _LATER: f"later than {limits.late_days} days",
    }.get(name, name)


def _judge_references(profile: FamilyProfile, limits: Limits) -> Iterator[Finding]:
    for column, other in find_references(profile.table).items():
        given = profile.given[column]
        subject = f"{profile.table.name}.{column}"
        if column not in profile.orphans or given == 0:
            reason = f"{other} has no rows" if given else "no row has a value"
            yield Finding(
                "reference", subject, "orphans", OK, f"Not compared: {reason}.", value="not compared",
                family=profile.table.name,
            )  # fmt: skip
            continue
        orphans = profile.orphans[column]
        said = say_share(orphans, given)
        status = grade(orphans / given, warning=limits.orphan_share_warning)
        yield Finding(
            "reference", subject, "orphans", status, f"{said} rows name what {other} does not have.",
            value=said, figure=orphans / given, family=profile.table.name,
            remedy=None if status == OK else f"Bring the missing {other}, or look whether {column} is mapped right.",
        )  # fmt: skip


def _judge_children(profile: FamilyProfile, limits: Limits) -> Iterator[Finding]:
    for child, without in profile.childless.items():
        said = say_share(without, profile.rows)
        status = grade(without / profile.rows, warning=limits.orphan_share_warning)
        yield Finding(
            "reference", f"{profile.table.name} without {child}", "childless", status,
            f"{said} rows have nothing in {child}.", value=said, figure=without / profile.rows,
            family=profile.table.name,
            remedy=None if status == OK else f"Look whether {child} is exported as far back, and as completely.",
        )  # fmt: skip


def _judge_columns(profile: FamilyProfile, settings: AuditSettings) -> Iterator[Finding]:
    table = profile.table
    bounds = find_plausible(table, settings)
    for column, given in profile.given.items():
        missing = profile.rows - given
        said = say_share(missing, profile.rows)
        is_empty = given == 0
        yield Finding(
            "column", f"{table.name}.{column}", "null_share", NOTE if is_empty else OK,
            "No row has a value." if is_empty else f"{said} rows have no value.", value=said,
            figure=missing / profile.rows, family=table.name,
            remedy=f"Map {column} under tables.{table.name}, if the shop knows it." if is_empty else None,
        )  # fmt: skip
        if column in profile.implausible and given:
            outside = profile.implausible[column]
            said = say_share(outside, given)
            status = grade(outside / given, warning=settings.limits.implausible_share_warning)
            yield Finding(
                "column", f"{table.name}.{column}", "implausible_values", status,
                f"{said} values are {bounds[column].describe_outside()}.", value=said, figure=outside / given,
                family=table.name,
                remedy=None if status == OK else "Look at those rows in the source: gifts, tests, or another unit?",
            )  # fmt: skip


def _judge_default_times(profile: FamilyProfile) -> Iterator[Finding]:
    """Times that systems write where there is none; grave where they say when the fact occurred."""
    table = profile.table
    for column, count in profile.default_times.items():
        given = profile.given[column]
        if not given:
            continue
        said = say_share(count, given)
        amount = profile.default_amounts[column]
        worth = "" if not count or amount is None else f", worth {say_money(amount)},"
        status = OK if not count else WARNING if column == table.occurred_at else NOTE
        remedy = f'Empty it in the source YAML where it stands for nothing: {column}: "nullif(...)".'
        yield Finding(
            "column", f"{table.name}.{column}", "default_times", status,
            f"{said} times{worth} are of a day that stands for none: 1900-01-01, 1970-01-01 or 2099-12-31.",
            value=said, figure=count / given, family=table.name, remedy=None if status == OK else remedy,
        )  # fmt: skip


def _of_family(
    table: Table, check_name: str, status: str, sentence: str, *, value: str, figure: float, remedy: str | None = None
) -> Finding:
    return Finding("family", table.name, check_name, status, sentence, value, figure, remedy, table.name)
