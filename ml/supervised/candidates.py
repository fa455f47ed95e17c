"""The candidates of a prediction, all fitted the same way, and calibrated on the latest date if it helps."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ml.config import PredictionConfig
from ml.supervised.boosting import fit_boosting
from ml.supervised.calibration import NO_CALIBRATION, Calibration, learn_calibration
from ml.supervised.logistic import fit_logistic
from ml.supervised.naive import fit_naive_rule
from ml.supervised.scorers import Scorer, Vector, to_probability

NAIVE, LOGISTIC, BOOSTING = "naive", "logistic", "boosting"
# In the order of preference where two do equally well: the simpler one first.
CANDIDATES = (NAIVE, LOGISTIC, BOOSTING)


@dataclass(frozen=True, eq=False)
class CalibratedScorer:
    """A fitted candidate and what its log-odds are put through."""

    scorer: Scorer
    calibration: Calibration

    def predict(self, features: pl.DataFrame) -> Vector:
        """Probability of the outcome for each row."""
        return to_probability(self.calibration.apply(self.scorer.score(features)))


def fit_candidate(kind: str, rows: pl.DataFrame, config: PredictionConfig, seed: int) -> CalibratedScorer:
    """Candidate ``kind`` on training ``rows`` of one or more as-of dates, with their ``churned``.

    The calibration is learned on the latest date from a fit on the earlier ones; the candidate itself is
    then fitted on all rows. The naive rule consists of observed rates and is not calibrated.
    """
    return CalibratedScorer(_fit(kind, rows, config, seed), _calibrate(kind, rows, config, seed))


def _fit(kind: str, rows: pl.DataFrame, config: PredictionConfig, seed: int) -> Scorer:
    if kind == NAIVE:
        return fit_naive_rule(rows, config.features)
    if kind == LOGISTIC:
        return fit_logistic(rows, config.features)
    return fit_boosting(rows, config.features, trees=config.boosting_trees, seed=seed)


def _calibrate(kind: str, rows: pl.DataFrame, config: PredictionConfig, seed: int) -> Calibration:
    is_latest = pl.col("as_of_date") == rows["as_of_date"].max()
    earlier, latest = rows.filter(~is_latest), rows.filter(is_latest)
    if kind == NAIVE or not has_enough_outcomes(earlier, config.minimum_of_each_outcome):
        return NO_CALIBRATION
    log_odds = _fit(kind, earlier, config, seed).score(latest)
    return learn_calibration(log_odds, latest["churned"].to_numpy().astype(np.float64))


def has_enough_outcomes(rows: pl.DataFrame, minimum: int) -> bool:
    """Whether ``rows`` hold at least ``minimum`` customers of either outcome."""
    churned = int(rows["churned"].sum())
    return min(churned, rows.height - churned) >= minimum
