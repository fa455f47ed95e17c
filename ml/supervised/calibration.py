"""Platt scaling of a candidate's log-odds, used only where it helps on customers it was not fitted on."""

from dataclasses import dataclass

import numpy as np

from ml.evaluate.metrics import measure_log_loss
from ml.supervised.scorers import Vector, to_probability

# A slope is learned from at least this many rows; fewer are left as they are.
FEWEST_ROWS = 100


@dataclass(frozen=True)
class Calibration:
    """``log-odds -> slope * log-odds + shift``; ``method`` is none (slope 1, shift 0) or sigmoid."""

    method: str = "none"
    slope: float = 1.0
    shift: float = 0.0

    def apply(self, log_odds: Vector) -> Vector:
        """Calibrated log-odds."""
        return self.slope * log_odds + self.shift


NO_CALIBRATION = Calibration()


def learn_calibration(log_odds: Vector, outcome: Vector) -> Calibration:
    """A sigmoid for ``log_odds`` of rows the candidate was not trained on, if it lowers their log loss.

    Whether it does is judged crosswise: the rows are split in two, the sigmoid of either half is applied
    to the other. Platt (1999), "Probabilistic outputs for support vector machines".
    """
    halves = np.arange(len(outcome)) % 2
    if len(outcome) < FEWEST_ROWS or any(len(np.unique(outcome[halves == half])) < 2 for half in (0, 1)):
        return NO_CALIBRATION
    crosswise = np.empty_like(log_odds)
    for half in (0, 1):
        fitted = _fit_sigmoid(log_odds[halves != half], outcome[halves != half])
        crosswise[halves == half] = fitted.apply(log_odds[halves == half])
    loss_before = measure_log_loss(outcome, to_probability(log_odds))
    loss_after = measure_log_loss(outcome, to_probability(crosswise))
    return _fit_sigmoid(log_odds, outcome) if loss_after < loss_before else NO_CALIBRATION


def _fit_sigmoid(log_odds: Vector, outcome: Vector) -> Calibration:
    from sklearn.linear_model import LogisticRegression

    # A weak penalty only: it keeps the slope finite where the halves separate perfectly.
    estimator = LogisticRegression(C=1e4, max_iter=1_000).fit(log_odds[:, None], outcome.astype(np.int64))
    return Calibration("sigmoid", float(estimator.coef_[0, 0]), float(estimator.intercept_[0]))
