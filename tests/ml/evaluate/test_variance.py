"""Share of the differences in revenue that a split explains."""

import numpy as np
import pytest

from ml.evaluate.variance import explain_variance


def test_groups_that_hold_all_differences_explain_everything():
    revenue = np.array([10.0] * 30 + [50.0] * 30)
    explained = explain_variance(revenue, np.repeat([0, 1], 30), seed=1)
    assert explained.share == pytest.approx(1.0)
    assert explained.standard_error == pytest.approx(0.0)


def test_groups_at_random_explain_about_nothing():
    generator = np.random.default_rng(4)
    explained = explain_variance(generator.normal(size=600), generator.integers(0, 8, 600), seed=1)
    assert abs(explained.share) < 0.02


def test_the_share_is_adjusted_for_the_number_of_groups():
    explained = explain_variance(np.array([0.0, 2.0, 3.0, 3.0]), np.array([0, 0, 1, 1]), seed=1)
    # Squares around the mean of 2: 6; within the groups: 2. Unadjusted 4 / 6, adjusted 1 - (2 / 2) / (6 / 3).
    assert explained.share == pytest.approx(0.5)


def test_one_giant_customer_does_not_decide():
    revenue = np.array([10.0] * 100 + [50.0] * 100)
    groups = np.repeat([0, 1], 100)
    with_giant = np.append(revenue, 1e9)
    assert explain_variance(with_giant, np.append(groups, 0), seed=1).share > 0.9


def test_equal_revenue_is_not_explained():
    assert explain_variance(np.full(20, 5.0), np.repeat([0, 1], 10), seed=1).share <= 0.0
