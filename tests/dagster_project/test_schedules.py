from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from dagster_project.model_store import ModelStore
from dagster_project.partitions import add_months
from dagster_project.schedules import MONTHLY_CRON, NIGHTLY_CRON, build_schedules
from tests.dagster_project.conftest import save_segments

# Clocks that change at 2:00, at 1:00 UTC, by half an hour, never (at 45 minutes past), and at midnight.
ZONES = ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo"]
FIRST, LAST = date(2014, 1, 1), date(2023, 12, 31)


def ticks(cron: str, zone: str) -> list[datetime]:
    """When Dagster's daemon starts a schedule in the ten years, in local time."""
    start = datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=ZoneInfo(zone)).timestamp()
    found = []
    for tick in schedule_execution_time_iterator(start, cron, zone, ascending=True):
        if tick.date() > LAST:
            return found
        found.append(tick)
    raise AssertionError("the schedule ended")


@pytest.mark.parametrize("zone", ZONES)
def test_night_comes_once_every_local_day(zone):
    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    assert [tick.date() for tick in ticks(NIGHTLY_CRON, zone)] == days


@pytest.mark.parametrize("zone", ZONES)
def test_night_is_at_the_same_hour_on_days_when_clocks_change(zone):
    assert {(tick.hour, tick.minute) for tick in ticks(NIGHTLY_CRON, zone)} == {(4, 0)}


@pytest.mark.parametrize("zone", ZONES)
def test_month_comes_once_every_local_month(zone):
    firsts = [date(year, month, 1) for year in range(FIRST.year, LAST.year + 1) for month in range(1, 13)]
    assert [tick.date() for tick in ticks(MONTHLY_CRON, zone)] == firsts


def test_both_schedules_run_in_the_zone_of_the_shop():
    assert {schedule.execution_timezone for schedule in build_schedules("Asia/Kathmandu")} == {"Asia/Kathmandu"}


def evaluate_month(instance: dg.DagsterInstance, at: datetime) -> dg.RunRequest | dg.SkipReason:
    (schedule,) = [one for one in build_schedules("UTC") if one.name == "monthly_retrain_schedule"]
    at = at.replace(tzinfo=ZoneInfo("UTC"))
    return schedule(dg.build_schedule_context(instance=instance, scheduled_execution_time=at))


@pytest.fixture
def instance():
    with dg.instance_for_test() as instance:
        yield instance


def test_retrain_is_for_the_newest_month_that_has_ended(instance):
    add_months(instance, [date(2024, 4, 30), date(2024, 5, 31), date(2024, 6, 1)])
    request = evaluate_month(instance, datetime(2024, 6, 1, 6))
    assert request.partition_key == "2024-05"


def test_retrain_of_old_data_is_for_their_newest_month(instance):
    add_months(instance, [date(2017, 11, 30), date(2017, 12, 30)])
    request = evaluate_month(instance, datetime(2024, 6, 1, 6))
    assert request.partition_key == "2017-12"


def test_retrain_is_asked_for_once_a_month(instance):
    add_months(instance, [date(2017, 12, 30)])
    june, again, july = (evaluate_month(instance, datetime(2024, month, 1, 6)) for month in (6, 6, 7))
    assert june.run_key == again.run_key != july.run_key


def test_retrain_is_skipped_with_a_reason_before_the_first_month(instance):
    add_months(instance, [date(2024, 6, 1)])
    skipped = evaluate_month(instance, datetime(2024, 6, 1, 6))
    assert "No month of data has ended" in skipped.skip_message


def evaluate_night(models: ModelStore) -> dg.RunRequest | dg.SkipReason:
    (schedule,) = [one for one in build_schedules("UTC") if one.name == "nightly_schedule"]
    return schedule(dg.build_schedule_context(resources={"models": models}))


def test_night_without_a_model_is_skipped_and_says_what_to_run(models):
    skipped = evaluate_night(models)
    assert isinstance(skipped, dg.SkipReason)
    assert "make run" in skipped.skip_message


def test_night_with_models_runs(models, segment_fit):
    models.promote("behaviour", save_segments(models, segment_fit), "run-1")
    models.note_not_trained("churn", cut_off=FIRST, reason="too few customers")
    assert isinstance(evaluate_night(models), dg.RunRequest)
