"""Figures of merit against hand-worked values and scikit-learn's."""

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from ml.evaluate.metrics import assign_bins, measure, measure_log_loss, weigh_metrics


@pytest.fixture
def tied_predictions():
    generator = np.random.default_rng(3)
    predicted = np.round(generator.uniform(0.01, 0.99, 400), 1).clip(0.05, 0.95)
    return (generator.random(400) < predicted**2).astype(float), predicted


def test_figures_agree_with_scikit_learn_even_with_ties(tied_predictions):
    outcome, predicted = tied_predictions
    figures = measure(outcome, predicted)
    assert figures["log_loss"] == pytest.approx(sklearn_metrics.log_loss(outcome, predicted))
    assert figures["brier"] == pytest.approx(sklearn_metrics.brier_score_loss(outcome, predicted))
    assert figures["roc_auc"] == pytest.approx(sklearn_metrics.roc_auc_score(outcome, predicted))
    expected = sklearn_metrics.average_precision_score(outcome, predicted)
    assert figures["average_precision"] == pytest.approx(expected)


def test_a_weight_counts_like_a_repeated_row(tied_predictions):
    outcome, predicted = tied_predictions
    weights = np.random.default_rng(5).integers(0, 3, len(outcome))
    weighted = weigh_metrics(outcome, predicted, weights[None, :].astype(float))
    repeated = measure(np.repeat(outcome, weights), np.repeat(predicted, weights))
    for name in ("log_loss", "brier", "roc_auc", "average_precision", "top_decile_lift"):
        assert weighted[name][0] == pytest.approx(repeated[name])


def test_the_lift_is_the_rate_of_the_top_tenth_against_everyone_s():
    outcome = np.array([1.0, 1.0] + [0.0] * 14 + [1.0] * 4)
    predicted = np.linspace(0.9, 0.1, 20)
    # The top two of twenty both left; six of twenty did overall: 1 / 0.3.
    assert measure(outcome, predicted)["top_decile_lift"] == pytest.approx(1 / 0.3)


def test_a_top_tenth_within_ties_takes_their_average():
    outcome = np.array([1.0, 0.0, 0.0, 0.0] + [0.0] * 5 + [1.0])
    predicted = np.array([0.9] * 4 + [0.1] * 6)
    # A quarter of the tied top four left against a fifth overall.
    assert measure(outcome, predicted)["top_decile_lift"] == pytest.approx(1.25)


def test_a_calibrated_forecast_has_no_calibration_error():
    outcome = np.array([1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0])
    predicted = np.array([0.25] * 4 + [0.75] * 4)
    assert measure(outcome, predicted)["calibration_error"] == pytest.approx(0.0)


def test_a_forecast_ten_points_too_high_has_a_calibration_error_of_a_tenth():
    outcome = np.array([1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0])
    predicted = np.array([0.35] * 4 + [0.85] * 4)
    figures = measure(outcome, predicted)
    assert figures["calibration_error"] == pytest.approx(0.1)
    assert figures["observed_to_expected"] == pytest.approx(4 / 4.8)


def test_one_outcome_only_leaves_ranking_figures_unknown():
    figures = measure(np.zeros(5), np.linspace(0.1, 0.5, 5))
    assert figures["roc_auc"] is None
    assert figures["average_precision"] is None
    assert figures["brier"] == pytest.approx(0.11)


def test_a_certain_forecast_that_fails_costs_a_finite_loss():
    assert measure_log_loss(np.array([1.0]), np.array([0.0])) == pytest.approx(-np.log(1e-6))


def test_equal_values_share_a_bin():
    bins = assign_bins(np.array([0.1] * 7 + [0.2, 0.3, 0.4]), 10)
    assert len(set(bins[:7].tolist())) == 1
    assert bins[7:].tolist() == sorted(set(bins[7:].tolist()))
