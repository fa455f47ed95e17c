"""Findings about when things happened: hours that belong to another zone, dates without a time, silent days."""

from collections.abc import Iterator

from dagster_project.auditing.activity import (
    QUIET_HOURS,
    QUIET_START,
    Activity,
    find_gaps,
    find_misplaced_hours,
    find_night_peak,
    name_fitting_zone,
)
from dagster_project.auditing.findings import NOTE, OK, WARNING, Finding
from dagster_project.auditing.settings import Limits

_GAPS_NAMED = 3


def judge_activity(family: str, activity: Activity, *, time_zone: str, limits: Limits) -> Iterator[Finding]:
    """Findings of one raw table from its times; ``time_zone`` is that of the shop's calendar."""
    yield _judge_dates(family, activity)
    if not activity.has_dates_only:
        yield _judge_hours(family, activity, time_zone, limits)
    yield _judge_gaps(family, activity, limits)


def _judge_dates(family: str, activity: Activity) -> Finding:
    share = activity.dates_only_share
    said = f"{share:.1%} of the rows lie at midnight sharp"
    if activity.has_dates_only:
        sentence = f"{said}: these are dates without a time, so the hours of the day say nothing."
        remedy = "Map the column that has the time too, if there is one."
    elif activity.has_some_dates_only:
        sentence = f"{said}: some of them are dates without a time."
        remedy = "Look which part of the files has dates only; hours of the day mix them up."
    else:
        return _of_family(family, "dates_only", OK, f"{said}.", f"{share:.1%}", share)
    return _of_family(family, "dates_only", NOTE, sentence, f"{share:.1%}", share, remedy)


def _judge_hours(family: str, activity: Activity, time_zone: str, limits: Limits) -> Finding:
    clock = f"by the clock of {time_zone}"
    if activity.rows < limits.hour_profile_rows:
        sentence = f"{activity.rows:,} rows are too few to judge the hours of the day."
        return _of_family(family, "time_zone", OK, sentence, "too few rows", None)
    shift, peak = find_misplaced_hours(activity.by_hour), find_night_peak(activity.by_hour)
    if shift is not None and abs(shift) >= limits.misplaced_hours:
        start = (QUIET_START + shift) % 24
        zone = name_fitting_zone(time_zone, shift, activity.first_day)
        sentence = (
            f"The quietest hours are {start}:00 to {(start + QUIET_HOURS) % 24}:00 {clock}, which is no night: "
            f"the times are probably meant in another zone; read as {zone} they would fit."
        )
        remedy = f"Look in which zone the export writes its times, and set timestamps_in in its YAML; try {zone}."
        return _of_family(family, "time_zone", WARNING, sentence, zone, float(shift), remedy)
    if peak is not None:
        sentence = f"The busiest hour is {peak}:00 {clock}, in the middle of the night."
        remedy = "Look whether these are times of a nightly job instead of the customers', or of another zone."
        return _of_family(family, "time_zone", WARNING, sentence, f"peak at {peak}:00", float(peak), remedy)
    if shift is None:
        sentence = f"Activity goes on around the clock {clock}, so the zone cannot be judged."
        return _of_family(family, "time_zone", OK, sentence, "no night", None)
    return _of_family(family, "time_zone", OK, f"People are quiet at night {clock}.", "fits", float(shift))


def _judge_gaps(family: str, activity: Activity, limits: Limits) -> Finding:
    gaps = find_gaps(activity, limits)
    days = gaps.days
    if not days:
        return _of_family(family, "gaps", OK, "No day is silent or far too quiet for its weekday.", "0 days", 0.0)
    named = ", ".join(map(str, days[:_GAPS_NAMED])) + (" and more" if len(days) > _GAPS_NAMED else "")
    sentence = (
        f"Days without a row: {len(gaps.silent):,}; with far fewer than their weekday usually has: "
        f"{len(gaps.quiet):,}; of {len(activity.days):,} days. {named}."
    )
    remedy = "Holidays explain some; for others look whether tracking or the export failed, and load them again."
    status = WARNING if len(days) >= limits.gap_days_warning else NOTE
    return _of_family(
        family, "gaps", status, sentence, f"{len(days):,} day{'' if len(days) == 1 else 's'}", float(len(days)), remedy
    )


def _of_family(
    family: str,
    check_name: str,
    status: str,
    sentence: str,
    value: str,
    figure: float | None,
    remedy: str | None = None,
) -> Finding:
    return Finding("family", family, check_name, status, sentence, value, figure, remedy, family)
