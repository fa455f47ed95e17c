from datetime import date

import numpy as np

from dagster_project.auditing.activity import Activity
from dagster_project.auditing.pictures import draw_weeks, sum_weeks


def activity_of(days):
    return Activity(np.ones(24, dtype=np.int64), 0.0, date(2024, 1, 1), np.array(days))


def test_weeks_are_summed_from_the_first_day_on():
    starts, rows = sum_weeks(activity_of([1] * 7 + [2] * 7 + [5]))
    assert starts == [date(2024, 1, 1), date(2024, 1, 8), date(2024, 1, 15), date(2024, 1, 16)]
    assert rows.tolist() == [7, 14, 5, 5]


def test_families_with_times_have_a_picture():
    png = draw_weeks({"orders": activity_of([3] * 20), "events": activity_of([0] * 30 + [1])})
    assert png is not None
    assert png.startswith(b"\x89PNG")


def test_shop_without_times_has_none():
    assert draw_weeks({}) is None
