"""Calibration: only where it helps."""

import numpy as np
import pytest

from ml.supervised.calibration import NO_CALIBRATION, learn_calibration


@pytest.fixture
def honest():
    generator = np.random.default_rng(1)
    log_odds = generator.normal(-1, 1.5, 4000)
    return log_odds, (generator.random(4000) < 1 / (1 + np.exp(-log_odds))).astype(float)


def test_overconfident_log_odds_are_drawn_back(honest):
    log_odds, outcome = honest
    calibration = learn_calibration(3 * log_odds + 1, outcome)
    assert calibration.method == "sigmoid"
    np.testing.assert_allclose(calibration.apply(3 * log_odds + 1), log_odds, atol=0.6)


def test_log_odds_that_no_sigmoid_improves_are_left_alone(honest):
    _, outcome = honest
    # Alternate rows teach opposite slopes, so that neither half's sigmoid holds on the other.
    contrary = np.where(np.arange(len(outcome)) % 2 == 0, 1.0, -1.0) * np.where(outcome == 1, 0.1, -0.1)
    assert learn_calibration(contrary, outcome) is NO_CALIBRATION


def test_too_few_rows_are_left_alone(honest):
    log_odds, outcome = honest
    assert learn_calibration(3 * log_odds[:99], outcome[:99]) is NO_CALIBRATION


def test_one_outcome_only_is_left_alone():
    assert learn_calibration(np.linspace(-1, 1, 200), np.zeros(200)) is NO_CALIBRATION


def test_no_calibration_changes_nothing():
    assert NO_CALIBRATION.apply(np.array([-2.0, 3.0])).tolist() == [-2.0, 3.0]
