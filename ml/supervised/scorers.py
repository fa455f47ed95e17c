"""What every fitted candidate can do, whatever it is made of: log-odds and their exact decomposition."""

from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.config import FeatureSpec
from ml.features.matrix import Matrix

Vector = NDArray[np.float64]


class Scorer(Protocol):
    """A fitted candidate; frozen, and made again from its ``state``."""

    @property
    def kind(self) -> str:
        """The candidate's name: naive, logistic or boosting."""

    @property
    def features(self) -> tuple[FeatureSpec, ...]:
        """The features it uses, in order."""

    @property
    def left_out(self) -> dict[str, str]:
        """Configured features it does not use, each with the reason."""

    def score(self, features: pl.DataFrame) -> Vector:
        """Log-odds of the outcome for each row."""

    def contribute(self, features: pl.DataFrame) -> Matrix:
        """Contributions (rows, features) that add up to the log-odds less a constant."""

    def state(self) -> dict[str, Any]:
        """The scorer as nested dictionaries of plain values, texts and arrays."""


def to_log_odds(probability: Vector) -> Vector:
    """``log(p / (1 - p))``, probabilities of 0 and 1 pulled in by a millionth."""
    inside = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.log(inside / (1 - inside))


def to_probability(log_odds: Vector) -> Vector:
    """The inverse of ``to_log_odds``, without overflow."""
    from scipy.special import expit

    return expit(log_odds)
