"""Gradient boosting, regularised for shops of some thousand customers, kept as LightGBM's own text."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from ml.config import FeatureSpec
from ml.features.matrix import Matrix, to_matrix
from ml.features.preprocessing import fit_preprocessing
from ml.supervised.scorers import Vector

# With default settings boosting was no better than logistic regression on 100,000 rows; strong
# regularisation was worth 0.015 of area under the curve, the choice of library nothing.
PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.04,
    "num_leaves": 15,
    "max_depth": 6,
    "lambda_l2": 10.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
# A leaf holds at least this share of the rows, within bounds: 200 of 100,000 was good.
LEAF_SHARE = 0.005
LEAF_BOUNDS = (20, 200)


@dataclass(frozen=True, eq=False)
class BoostedTrees:
    """Trees over raw feature values (NULL is a branch of its own); ``booster`` is LightGBM's text format."""

    features: tuple[FeatureSpec, ...]
    left_out: dict[str, str]
    booster: str
    kind: str = "boosting"

    @cached_property
    def _trees(self) -> Any:
        import lightgbm

        return lightgbm.Booster(model_str=self.booster)

    def score(self, features: pl.DataFrame) -> Vector:
        """Log-odds of each row."""
        return self._predict(features, raw_score=True).reshape(features.height)

    def contribute(self, features: pl.DataFrame) -> Matrix:
        """Exact path-dependent SHAP values (Lundberg et al. 2020), the constant term left off."""
        with_constant = self._predict(features, pred_contrib=True)
        return with_constant.reshape(features.height, len(self.features) + 1)[:, :-1]

    def _predict(self, features: pl.DataFrame, **what: bool) -> Vector:
        # LightGBM divides by the number of rows.
        if features.is_empty():
            return np.empty(0)
        values = to_matrix(features, [spec.name for spec in self.features])
        return self._trees.predict(values, num_threads=1, **what).astype(np.float64)

    def state(self) -> dict[str, Any]:
        """The trees as text, with the features they read."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "BoostedTrees":
        """The trees that ``state`` came from."""
        return cls(**{**state, "features": tuple(FeatureSpec(**spec) for spec in state["features"])})


def fit_boosting(rows: pl.DataFrame, specs: Sequence[FeatureSpec], *, trees: int, seed: int) -> BoostedTrees:
    """Fit ``trees`` trees on training ``rows`` with their ``churned``."""
    import lightgbm

    usable = fit_preprocessing(rows, specs)
    leaf = int(np.clip(LEAF_SHARE * rows.height, *LEAF_BOUNDS))
    training = lightgbm.Dataset(
        to_matrix(rows, usable.columns), rows["churned"].to_numpy().astype(np.float64), free_raw_data=True
    )
    parameters = {**PARAMETERS, "min_data_in_leaf": leaf, "seed": seed}
    booster = lightgbm.train(parameters, training, num_boost_round=trees)
    return BoostedTrees(usable.features, dict(usable.left_out), booster.model_to_string())
