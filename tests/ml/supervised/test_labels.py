"""Horizon, population and labels: every boundary by hand."""

from datetime import date, timedelta

import polars as pl
import pytest

from ml.config import HorizonRule
from ml.errors import NotEnoughDataError
from ml.supervised.labels import label_rows, learn_horizon, select_population

A = date(2024, 3, 1)
RULE = HorizonRule(quantile=0.9, minimum_days=28, maximum_days=180)


def make_gaps(*gaps, ordered_on=A):
    return pl.DataFrame(
        {
            "customer_id": [f"c{n}" for n in range(len(gaps))],
            "ordered_on": [ordered_on] * len(gaps),
            "days_since_previous_order": gaps,
        }
    )


def make_features(**days_since_last_order):
    return pl.DataFrame(
        {
            "customer_id": list(days_since_last_order),
            "as_of_date": [A] * len(days_since_last_order),
            "days_since_last_order": list(days_since_last_order.values()),
        }
    )


def make_label(days_to_next_order, *, observed_days=60, arrived_after=None):
    arrived = None if days_to_next_order is None else A + timedelta(days=arrived_after or days_to_next_order)
    return pl.DataFrame(
        {
            "customer_id": ["a"],
            "as_of_date": [A],
            "observed_days": [observed_days],
            "days_to_next_order": [days_to_next_order],
            "next_order_arrived_on": [arrived],
        },
        schema_overrides={"days_to_next_order": pl.Int64, "next_order_arrived_on": pl.Date},
    )


def churned(label, *, known_after=60):
    rows = label_rows(make_features(a=0), label, horizon_days=30, known_on=A + timedelta(days=known_after))
    return rows["churned"].to_list()


def test_the_horizon_is_the_quantile_of_known_gaps_in_whole_weeks():
    # The 90 % quantile of 89 gaps of 10 days and 11 of 50 is 50: eight weeks.
    assert learn_horizon(make_gaps(*[10] * 89, *[50] * 11), RULE, A) == 56


@pytest.mark.parametrize(("gap", "days"), [(3, 28), (400, 180)])
def test_the_horizon_keeps_within_its_bounds(gap, days):
    assert learn_horizon(make_gaps(*[gap] * 120), RULE, A) == days


def test_gaps_after_the_cut_off_and_first_orders_do_not_count():
    known, later = make_gaps(*[40] * 100, *[None] * 50), make_gaps(*[150] * 500, ordered_on=A + timedelta(1))
    gaps = pl.concat([known, later.with_columns(pl.col("customer_id") + "x")])
    assert learn_horizon(gaps, RULE, A) == 42


def test_too_few_gaps_give_no_horizon():
    with pytest.raises(NotEnoughDataError, match="99 gaps between orders are known at 2024-03-01, 100 are needed"):
        learn_horizon(make_gaps(*[40] * 99), RULE, A)


def test_the_population_ordered_within_the_horizon_that_ends_on_the_as_of_date():
    population = select_population(make_features(today=0, last=29, over=30), 30)
    assert population["customer_id"].to_list() == ["today", "last"]


def test_an_order_on_the_last_day_of_the_horizon_is_no_churn():
    assert churned(make_label(30)) == [False]


def test_an_order_one_day_after_the_horizon_is_churn():
    assert churned(make_label(31)) == [True]


def test_no_order_at_all_is_churn():
    assert churned(make_label(None)) == [True]


def test_a_horizon_that_ends_on_the_day_of_knowledge_is_complete():
    assert churned(make_label(5), known_after=30) == [False]


def test_a_horizon_that_is_not_over_yet_gives_no_label():
    assert churned(make_label(5), known_after=29) == []


def test_a_horizon_that_the_data_do_not_reach_gives_no_label():
    assert churned(make_label(5, observed_days=29)) == []


def test_an_order_that_arrived_too_late_was_not_known():
    late = make_label(5, arrived_after=41)
    assert churned(late, known_after=40) == [True]
    assert churned(late, known_after=41) == [False]


def test_a_customer_outside_the_population_has_no_label():
    rows = label_rows(make_features(a=30), make_label(5), horizon_days=30, known_on=date(2025, 1, 1))
    assert rows.is_empty()
