"""When things happen: the clock hours of a day, and the days on which nothing was recorded.

Both are read from one small count by half-hour, so the hours are right in every zone but the few that lie a
quarter off.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from dagster_project.auditing.settings import Limits
from dagster_project.loading.columns import Table
from dagster_project.warehouse import Connection, quote_identifier

if TYPE_CHECKING:
    import polars as pl

_HALF_HOUR_SECONDS = 1800
# People are quietest in these five hours by their own clock: 1:00 to 6:00.
QUIET_START, QUIET_HOURS = 1, 5
# Evenly spread activity has 0.21 of its rows in five hours; a night that people sleep through has less than this.
_QUIET_SHARE = 0.08
# Stretches as quiet as the quietest but for this share are equally quiet.
_EQUALLY_QUIET = 0.002
# From this share of the rows on, midnight is where the dates without a time are.
_DATES_ONLY_SHARE, _SOME_DATES_SHARE = 0.9, 0.05
_NEIGHBOUR_WEEKS = (-4, -3, -2, -1, 1, 2, 3, 4)
_LONG_SILENCE_DAYS = 14
_RHYTHM_SHARE = 0.75

# A zone people know for an offset of the winter months, in hours.
_ZONES = {
    -8: "America/Los_Angeles", -7: "America/Denver", -6: "America/Chicago", -5: "America/New_York",
    -4: "America/Halifax", -3: "America/Sao_Paulo", 0: "UTC", 1: "Europe/Berlin", 2: "Europe/Helsinki",
    3: "Europe/Istanbul", 4: "Asia/Dubai", 5: "Asia/Karachi", 6: "Asia/Dhaka", 7: "Asia/Bangkok",
    8: "Asia/Shanghai", 9: "Asia/Tokyo", 10: "Australia/Brisbane", 11: "Pacific/Noumea", 12: "Pacific/Auckland",
}  # fmt: skip


@dataclass(frozen=True)
class Activity:
    """What a family's times look like by the shop's clock.

    ``by_hour`` counts rows by local hour. ``dates_only_share`` is that of rows at midnight sharp, by the
    shop's clock or in UTC, whichever has more. ``days`` counts rows by local day, without a day left out.
    """

    by_hour: NDArray[np.int64]
    dates_only_share: float
    first_day: date
    days: NDArray[np.int64]

    @property
    def rows(self) -> int:
        """Rows with a time."""
        return int(self.by_hour.sum())

    @property
    def longest_pause_days(self) -> int:
        """Days in the longest stretch without a row."""
        active = np.flatnonzero(self.days)
        return int(np.diff(active).max(initial=1)) - 1

    @property
    def has_dates_only(self) -> bool:
        """Whether the times are dates, so that their hours say nothing."""
        return self.dates_only_share >= _DATES_ONLY_SHARE

    @property
    def has_some_dates_only(self) -> bool:
        """Whether some rows, more than midnight would have by itself, have a date only."""
        return _SOME_DATES_SHARE <= self.dates_only_share < _DATES_ONLY_SHARE


@dataclass(frozen=True)
class Gaps:
    """Days with no row, and with far fewer than their weekday usually has."""

    silent: list[date] = field(default_factory=list)
    quiet: list[date] = field(default_factory=list)

    @property
    def days(self) -> list[date]:
        """All of them, in order."""
        return sorted(self.silent + self.quiet)


def read_activity(connection: Connection, table: Table, time_zone: str) -> Activity | None:
    """The activity of one raw table by the clock of ``time_zone``; None where no row is a fact with a time."""
    if table.occurred_at is None or not table.has_happened:
        return None
    seconds = f"cast(floor(epoch({quote_identifier(table.occurred_at)})) as bigint)"
    counts = connection.sql(
        f"select second - second % {_HALF_HOUR_SECONDS} as half_hour, count(*) as row_count, "
        f"count(*) filter (second % {_HALF_HOUR_SECONDS} = 0) as row_count_sharp "
        f"from (select {seconds} as second from raw.{table.name} where not is_correction and "
        f"{quote_identifier(table.occurred_at)} is not null) group by half_hour order by half_hour"
    ).pl()
    return None if counts.is_empty() else summarise_activity(counts, time_zone)


def summarise_activity(counts: pl.DataFrame, time_zone: str) -> Activity:
    """Activity from rows by half-hour: ``half_hour`` (seconds since 1970, UTC), ``row_count``, ``row_count_sharp``."""
    import polars as pl

    utc = pl.from_epoch("half_hour", time_unit="s").dt.replace_time_zone("UTC")
    local = utc.dt.convert_time_zone(time_zone)
    timed = counts.select(
        "row_count",
        "row_count_sharp",
        hour=local.dt.hour().cast(pl.Int64),
        day=local.dt.date(),
        is_midnight=(local.dt.hour() == 0) & (local.dt.minute() == 0),
        is_utc_midnight=(utc.dt.hour() == 0) & (utc.dt.minute() == 0),
    )
    by_hour = np.bincount(timed["hour"], weights=timed["row_count"], minlength=24).astype(np.int64)
    sharp = [int(timed.filter(flag)["row_count_sharp"].sum()) for flag in ("is_midnight", "is_utc_midnight")]
    days = timed.group_by("day").agg(pl.col("row_count").sum()).sort("day")
    first = days["day"][0]
    place = (days["day"] - first).dt.total_days().to_numpy()
    series = np.zeros(int(place[-1]) + 1, dtype=np.int64)
    series[place] = days["row_count"].to_numpy()
    return Activity(by_hour, max(sharp) / max(int(by_hour.sum()), 1), first, series)


def find_misplaced_hours(by_hour: NDArray[np.int64]) -> int | None:
    """Hours by which the quiet of the night comes too late by the shop's clock (too early below zero).

    None where no five hours of the day are clearly quieter than the rest: such a clock cannot be judged. Of
    stretches that are equally quiet (a shop that closes at six) the one nearest to the usual night counts.
    """
    shares = by_hour / max(int(by_hour.sum()), 1)
    quiet = np.array([np.take(shares, range(start, start + QUIET_HOURS), mode="wrap").sum() for start in range(24)])
    if quiet.min() > _QUIET_SHARE:
        return None
    shifts = [(start - QUIET_START + 11) % 24 - 11 for start in np.flatnonzero(quiet <= quiet.min() + _EQUALLY_QUIET)]
    return int(min(shifts, key=lambda shift: (abs(shift), shift)))


def find_night_peak(by_hour: NDArray[np.int64]) -> int | None:
    """The busiest hour where it lies between 1:00 and 5:00 by the shop's clock; None elsewhere."""
    busiest = int(np.argmax(by_hour))
    return busiest if QUIET_START <= busiest < QUIET_START + QUIET_HOURS - 1 else None


def name_fitting_zone(time_zone: str, misplaced_hours: int, day: date) -> str:
    """The zone whose clock, for times now read by that of ``time_zone``, puts the night where it belongs."""
    offset = ZoneInfo(time_zone).utcoffset(datetime(day.year, day.month, day.day, 12))
    hours = (round(offset.total_seconds() / 3600) if offset else 0) + misplaced_hours
    hours = (hours + 11) % 24 - 11
    # Summer time and habits blur the offset by an hour or two, and times in UTC are what is usually overlooked.
    if abs(hours) <= 2:
        return "UTC"
    return f"UTC{hours:+d}" + (f", such as {_ZONES[hours]}" if hours in _ZONES else "")


def find_gaps(activity: Activity, limits: Limits) -> Gaps:
    """Days between the first and the last that have no row, or implausibly few against their weekday's usual.

    Usual is what the same weekday reached in three quarters of the four weeks before and after: an outage or a
    burst in some of them changes little. The first and the last day are never complete, so they are no gaps;
    nor are the pauses of what comes in bursts, such as redeemed coupons.
    """
    counts = activity.days.astype(np.float64)
    if len(counts) < 3 or not _has_daily_rhythm(counts):
        return Gaps()
    usual = _usual_counts(counts)
    inner = np.zeros(len(counts), dtype=bool)
    inner[1:-1] = True
    silent = inner & (counts == 0) & (usual >= limits.gap_usual_rows_silent)
    silent |= inner & (counts == 0) & _in_long_silence(counts, limits.gap_usual_rows_silent)
    # Chance alone does not go five standard deviations below what is usual.
    few = (counts < limits.gap_share * usual) & (counts < usual - 5 * np.sqrt(usual))
    quiet = inner & (counts > 0) & (usual >= limits.gap_usual_rows_quiet) & few
    return Gaps(*([_day(activity, place) for place in np.flatnonzero(flags)] for flags in (silent, quiet)))


def _day(activity: Activity, place: np.signedinteger) -> date:
    return date.fromordinal(activity.first_day.toordinal() + int(place))


def _has_daily_rhythm(counts: NDArray[np.float64]) -> bool:
    """Whether something happens on most days of the weekdays on which the shop is open at all."""
    active = [float((counts[weekday::7] > 0).mean()) for weekday in range(min(7, len(counts)))]
    open_shares = [share for share in active if share > 0.5]
    return bool(open_shares) and sum(open_shares) / len(open_shares) > _RHYTHM_SHARE


def _usual_counts(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lower quartile of the same weekday in the neighbouring weeks, as far as there are any; 0 without one."""
    reach = 7 * max(_NEIGHBOUR_WEEKS)
    padded = np.concatenate([np.full(reach, np.nan), counts, np.full(reach, np.nan)])
    neighbours = np.stack([padded[reach + 7 * week : reach + 7 * week + len(counts)] for week in _NEIGHBOUR_WEEKS])
    known = ~np.isnan(neighbours).all(axis=0)
    usual = np.zeros(len(counts))
    usual[known] = np.nanquantile(neighbours[:, known], 0.25, axis=0)
    return usual


def _in_long_silence(counts: NDArray[np.float64], usual_rows: int) -> NDArray[np.bool_]:
    """Days of a silence so long that its own neighbours are silent, between two busy weeks."""
    flags = np.zeros(len(counts), dtype=bool)
    active = [int(place) for place in np.flatnonzero(counts)]
    for before, after in itertools.pairwise(active):
        around = np.concatenate([counts[max(before - 6, 0) : before + 1], counts[after : after + 7]])
        if after - before > _LONG_SILENCE_DAYS and np.median(around) >= usual_rows:
            flags[before + 1 : after] = True
    return flags
