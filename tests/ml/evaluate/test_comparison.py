"""Paired differences and their intervals."""

import numpy as np
import pytest

from ml.evaluate.comparison import compare_predictions


def compare(outcome, candidate, reference, customers=None, seed=1):
    customers = np.arange(len(outcome)) if customers is None else customers
    return compare_predictions(
        outcome=outcome, candidate=candidate, reference=reference, customers=customers, resamples=200, seed=seed
    )


@pytest.fixture
def outcomes():
    generator = np.random.default_rng(2)
    chance = generator.choice([0.1, 0.8], 500)
    return (generator.random(500) < chance).astype(float), chance


def test_a_forecast_compared_with_itself_differs_by_nothing(outcomes):
    outcome, chance = outcomes
    for difference in compare(outcome, chance, chance).values():
        assert (difference.value, difference.low, difference.high) == (0.0, 0.0, 0.0)


def test_a_far_better_forecast_has_an_interval_below_zero_for_losses(outcomes):
    outcome, chance = outcomes
    differences = compare(outcome, chance, np.full(500, outcome.mean()))
    assert differences["log_loss"].low < differences["log_loss"].value < differences["log_loss"].high < 0
    assert differences["roc_auc"].low > 0


def test_a_forecast_that_differs_by_chance_has_an_interval_around_zero(outcomes):
    outcome, chance = outcomes
    nudged = np.clip(chance + np.random.default_rng(9).normal(0, 0.02, 500), 0.01, 0.99)
    difference = compare(outcome, nudged, chance)["log_loss"]
    assert difference.low < 0 < difference.high


def test_repeated_rows_of_customers_widen_the_interval_as_fewer_customers_do(outcomes):
    outcome, chance = outcomes
    reference = np.full(500, outcome.mean())
    four_times = [np.tile(values, 4) for values in (outcome, chance, reference)]
    clustered = compare(*four_times, customers=np.tile(np.arange(500), 4))["log_loss"]
    as_if_independent = compare(*four_times)["log_loss"]
    single = compare(outcome, chance, reference)["log_loss"]
    assert clustered.high - clustered.low == pytest.approx(single.high - single.low, rel=1e-9)
    assert as_if_independent.high - as_if_independent.low < 0.7 * (clustered.high - clustered.low)


def test_the_same_seed_gives_the_same_interval(outcomes):
    outcome, chance = outcomes
    reference = np.full(500, 0.4)
    assert compare(outcome, chance, reference) == compare(outcome, chance, reference)
    assert compare(outcome, chance, reference) != compare(outcome, chance, reference, seed=2)
