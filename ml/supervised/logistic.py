"""Logistic regression on the learned preprocessing: the plainest model that can weigh features."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from ml.config import FeatureSpec
from ml.features.matrix import Matrix
from ml.features.preprocessing import Preprocessing, fit_preprocessing
from ml.supervised.scorers import Vector

# Inverse strength of the L2 penalty: related order counts share their weight instead of cancelling out.
PENALTY_C = 0.1
MOST_ITERATIONS = 1_000


@dataclass(frozen=True, eq=False)
class LogisticModel:
    """Coefficients, shape (features,), of standardised features, and the log-odds of the average customer."""

    preprocessing: Preprocessing
    coefficients: Vector
    intercept: float
    kind: str = "logistic"

    @property
    def features(self) -> tuple[FeatureSpec, ...]:
        """The features with a coefficient."""
        return self.preprocessing.features

    @property
    def left_out(self) -> dict[str, str]:
        """Configured features without a coefficient, each with the reason."""
        return dict(self.preprocessing.left_out)

    def score(self, features: pl.DataFrame) -> Vector:
        """Log-odds of each row."""
        return self.contribute(features).sum(axis=1) + self.intercept

    def contribute(self, features: pl.DataFrame) -> Matrix:
        """Coefficient times standardised value: the effect of differing from the average training row."""
        return self.preprocessing.standardise(features) * self.coefficients

    def state(self) -> dict[str, Any]:
        """The model as plain values and arrays."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "LogisticModel":
        """The model that ``state`` came from."""
        return cls(**{**state, "preprocessing": Preprocessing.from_state(state["preprocessing"])})


def fit_logistic(rows: pl.DataFrame, specs: Sequence[FeatureSpec]) -> LogisticModel:
    """Fit on training ``rows`` with their ``churned``."""
    from sklearn.linear_model import LogisticRegression

    preprocessing = fit_preprocessing(rows, specs)
    estimator = LogisticRegression(C=PENALTY_C, max_iter=MOST_ITERATIONS)
    estimator.fit(preprocessing.standardise(rows), rows["churned"].to_numpy().astype(np.int64))
    return LogisticModel(preprocessing, estimator.coef_[0].astype(np.float64), float(estimator.intercept_[0]))
