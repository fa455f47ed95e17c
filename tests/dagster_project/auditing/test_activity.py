"""Clocks that are read in the wrong zone, dates without a time, and days on which nothing was recorded."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from dagster_project.auditing.activity import (
    Activity,
    find_gaps,
    find_misplaced_hours,
    find_night_peak,
    name_fitting_zone,
    summarise_activity,
)
from dagster_project.auditing.settings import read_settings_of_audit

LIMITS = read_settings_of_audit().limits

# A shop by its own clock: asleep from 1 to 6, most orders in the evening.
AWAKE = np.array([30, 4, 2, 1, 2, 4, 10, 30, 50, 60, 70, 70, 70, 70, 65, 65, 70, 75, 80, 90, 95, 95, 80, 50])
# An office by its own clock: nothing outside of 8 to 18.
OFFICE = np.array([0] * 8 + [50] * 10 + [0] * 6)


def by_half_hour(times):
    seconds = [int(time.timestamp()) for time in times]
    frame = pl.DataFrame({"second": seconds})
    return frame.group_by((pl.col("second") // 1800 * 1800).alias("half_hour")).agg(
        row_count=pl.len(), row_count_sharp=(pl.col("second") % 1800 == 0).sum()
    )


def activity_of(days, first_day=date(2024, 1, 1)):
    return Activity(np.ones(24, dtype=np.int64), 0.0, first_day, np.array(days))


@pytest.mark.parametrize("hours", [AWAKE, OFFICE])
def test_people_who_sleep_at_night_raise_no_suspicion(hours):
    assert find_misplaced_hours(hours) == 0


@pytest.mark.parametrize("shift", [5, -6, 9])
def test_clock_read_in_another_zone_is_found_with_its_hours(shift):
    assert find_misplaced_hours(np.roll(AWAKE, shift)) == shift


def test_office_hours_at_night_are_found_by_the_least_they_are_off():
    assert find_misplaced_hours(np.roll(OFFICE, -8)) == -6


def test_activity_around_the_clock_cannot_be_judged():
    assert find_misplaced_hours(np.full(24, 100)) is None


def test_peak_at_night_is_found():
    assert find_night_peak(np.eye(24, dtype=np.int64)[3]) == 3
    assert find_night_peak(AWAKE) is None


def test_fitting_zone_for_utc_taken_for_new_york():
    assert name_fitting_zone("America/New_York", 5, date(2024, 1, 15)) == "UTC"


def test_fitting_zone_is_named_by_an_example():
    assert name_fitting_zone("UTC", -6, date(2024, 1, 15)) == "UTC-6, such as America/Chicago"
    assert name_fitting_zone("Europe/Berlin", 8, date(2024, 1, 15)) == "UTC+9, such as Asia/Tokyo"


def test_hours_and_days_are_those_of_the_shop():
    times = [datetime(2024, 1, 2, 3, 10, tzinfo=ZoneInfo("UTC")), datetime(2024, 1, 4, 20, 0, tzinfo=ZoneInfo("UTC"))]
    activity = summarise_activity(by_half_hour(times), "America/New_York")
    assert activity.by_hour[[22, 15]].tolist() == [1, 1]
    assert activity.first_day == date(2024, 1, 1)
    assert activity.days.tolist() == [1, 0, 0, 1]


@pytest.mark.parametrize("zone", ["America/New_York", "UTC"])
def test_dates_without_a_time_are_found_wherever_midnight_is(zone):
    times = [datetime(2024, 1, 1, tzinfo=ZoneInfo(zone)) + timedelta(days=day) for day in range(50)]
    activity = summarise_activity(by_half_hour(times), "America/New_York")
    assert activity.has_dates_only
    assert not activity.has_some_dates_only


def test_some_dates_among_times_are_found():
    times = [datetime(2024, 1, 1, 10, 17, tzinfo=ZoneInfo("UTC")) + timedelta(hours=hour) for hour in range(80)]
    times += [datetime(2024, 1, 1, tzinfo=ZoneInfo("UTC"))] * 20
    activity = summarise_activity(by_half_hour(times), "UTC")
    assert activity.has_some_dates_only
    assert not activity.has_dates_only


def test_times_are_not_taken_for_dates():
    times = [datetime(2024, 1, 1, 10, 17, tzinfo=ZoneInfo("UTC")) + timedelta(hours=7 * hour) for hour in range(80)]
    activity = summarise_activity(by_half_hour(times), "UTC")
    assert not activity.has_dates_only
    assert not activity.has_some_dates_only


def test_silent_and_quiet_days_are_found():
    days = [100] * 60
    days[20], days[33] = 0, 12
    gaps = find_gaps(activity_of(days), LIMITS)
    assert gaps.silent == [date(2024, 1, 21)]
    assert gaps.quiet == [date(2024, 2, 3)]


def test_steady_days_have_no_gap():
    assert find_gaps(activity_of([100] * 60), LIMITS).days == []


def test_closed_weekday_is_no_gap():
    assert find_gaps(activity_of([100, 100, 100, 100, 100, 100, 0] * 10), LIMITS).days == []


def test_silence_of_two_months_is_found_as_a_whole():
    days = [50] * 200 + [0] * 60 + [50] * 100
    assert len(find_gaps(activity_of(days), LIMITS).silent) == 60


def test_first_and_last_day_are_no_gaps():
    assert find_gaps(activity_of([3] + [100] * 40 + [3]), LIMITS).days == []


def test_days_of_a_rare_fact_say_nothing():
    assert find_gaps(activity_of([1, 0, 2, 0, 0, 1, 3] * 10), LIMITS).days == []


def test_pauses_between_bursts_are_no_gaps():
    assert find_gaps(activity_of(([60] * 10 + [0] * 11) * 12), LIMITS).days == []


def test_shop_that_grows_has_no_gap_in_its_early_days():
    assert find_gaps(activity_of([int(1.06**day) for day in range(150)]), LIMITS).days == []
