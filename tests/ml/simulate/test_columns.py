from datetime import datetime

import numpy as np

from ml.simulate.columns import pick, to_moments, to_times


def test_moments_are_whole_seconds_and_never_is_null(shop):
    start = float(shop.demand.start)
    moments = to_moments(np.array([start + 0.5, np.inf, start + 1.6 / 86_400]), shop.demand)
    assert moments.to_list() == [datetime(2024, 7, 1, 12), None, datetime(2024, 7, 1, 0, 0, 2)]


def test_times_keep_their_milliseconds(shop):
    day = shop.demand.start * 86_400_000
    assert to_times(np.array([day + 1_234]), shop.demand).to_list() == [datetime(2024, 7, 1, 0, 0, 1, 234_000)]


def test_nothing_is_picked_at_minus_one():
    assert pick(["a", None, "c"], np.array([2, -1, 1, 0])).to_list() == ["c", None, None, "a"]
