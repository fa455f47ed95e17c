"""The naive rule: rates by bins of absence."""

from datetime import date

import polars as pl
import pytest

from ml.supervised.naive import NaiveRule, fit_naive_rule
from ml.supervised.scorers import to_probability
from tests.factories import make_spec

SPECS = (make_spec("days_since_last_order"), make_spec("median_days_between_orders"))


def make_rows(*groups):
    """Groups of (customers, days away, typical gap, how many of them churned)."""
    rows = [
        {"days_since_last_order": away, "median_days_between_orders": gap, "churned": place < churned}
        for customers, away, gap, churned in groups
        for place in range(customers)
    ]
    frame = pl.DataFrame(rows, schema_overrides={"median_days_between_orders": pl.Float64})
    return frame.with_columns(as_of_date=date(2024, 1, 31))


def test_a_bin_s_rate_leans_towards_everyone_s_by_five_customers():
    rows = make_rows((50, 2.0, 10.0, 5), (50, 20.0, 10.0, 35))
    rule = fit_naive_rule(rows, SPECS)
    near, far = to_probability(rule.score(make_rows((1, 2.0, 10.0, 0), (1, 20.0, 10.0, 0))))
    # Everyone: 40 of 100. (5 + 5 * 0.4) / 55 and (35 + 5 * 0.4) / 55.
    assert (near, far) == (pytest.approx(7 / 55), pytest.approx(37 / 55))
    assert not rule.is_relative


def test_absence_against_the_own_rhythm_is_used_where_it_tells_more():
    # Ten days away is much for a weekly customer and little for a monthly one.
    rows = make_rows((50, 10.0, 5.0, 45), (50, 10.0, 30.0, 5))
    rule = fit_naive_rule(rows, SPECS)
    assert rule.is_relative
    weekly, monthly = to_probability(rule.score(make_rows((1, 10.0, 5.0, 0), (1, 10.0, 30.0, 0))))
    assert weekly > 0.8
    assert monthly < 0.2


def test_customers_without_a_rhythm_are_a_bin_of_their_own():
    rows = make_rows((50, 10.0, 5.0, 45), (50, 10.0, 30.0, 5), (100, 10.0, None, 50))
    rule = fit_naive_rule(rows, SPECS)
    assert to_probability(rule.score(make_rows((1, 10.0, None, 0))))[0] == pytest.approx(0.5)


def test_the_only_contribution_is_the_bin_against_everyone():
    rows = make_rows((50, 2.0, 10.0, 5), (50, 20.0, 10.0, 45))
    rule = fit_naive_rule(rows, SPECS)
    contributions = rule.contribute(rows)
    assert contributions.shape == (100, 1)
    assert contributions[0, 0] == pytest.approx(-contributions[-1, 0])


def test_the_rule_survives_its_state():
    rows = make_rows((50, 2.0, 10.0, 5), (50, 20.0, 10.0, 45))
    rule = fit_naive_rule(rows, SPECS)
    assert NaiveRule.from_state(rule.state()).score(rows).tobytes() == rule.score(rows).tobytes()
