"""Learned preprocessing: fitted on training rows once, stored with the model, only applied afterwards.

A value is, in this order: filled where NULL, capped at the 1st and 99th percentile of the training rows,
put on a log scale where the feature is skewed, standardised, and weighted by its family.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.config import FeatureSpec
from ml.features.matrix import Matrix, to_matrix

# One customer in a hundred on either side counts as extreme: order values of wholesalers in a retail
# file reach 40 times the 99th percentile and would otherwise be a segment of their own.
CAP_QUANTILES = (0.01, 0.99)

NOT_IN_THE_DATA = "not in the data"
NO_DIFFERENCE = "the same for at least 98 % of the customers"


@dataclass(frozen=True, eq=False)
class Preprocessing:
    """What was learned from the training rows, one entry a feature that is used.

    ``left_out`` names the configured features that are not used, each with the reason. The arrays have
    shape (features,): ``fills``, ``lower`` and ``upper`` are in the feature's own unit, ``means`` and
    ``scales`` on the transformed scale; ``weights`` multiply the standardised values.
    """

    features: tuple[FeatureSpec, ...]
    left_out: Mapping[str, str]
    fills: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    means: NDArray[np.float64]
    scales: NDArray[np.float64]
    weights: NDArray[np.float64]

    @property
    def columns(self) -> tuple[str, ...]:
        """The used feature columns in order."""
        return tuple(spec.name for spec in self.features)

    def transform(self, features: pl.DataFrame) -> Matrix:
        """Weighted standardised values, shape (customers, features), without NaN."""
        return self.standardise(features) * self.weights

    def standardise(self, features: pl.DataFrame) -> Matrix:
        """Standardised values before the family weights, shape (customers, features), without NaN."""
        raw = to_matrix(features, self.columns)
        capped = np.clip(np.where(np.isnan(raw), self.fills, raw), self.lower, self.upper)
        return (_to_log(capped, self.features) - self.means) / self.scales

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "Preprocessing":
        """The preprocessing that ``dataclasses.asdict`` made ``state`` of."""
        specs = tuple(FeatureSpec(**spec) for spec in state["features"])
        arrays = {key: state[key] for key in ("fills", "lower", "upper", "means", "scales", "weights")}
        return cls(features=specs, left_out=dict(state["left_out"]), **arrays)


def fit_preprocessing(features: pl.DataFrame, specs: Sequence[FeatureSpec]) -> Preprocessing:
    """Learn fills, caps, scales and family weights from training rows.

    A feature that is NULL for everyone, or the same for (nearly) everyone after capping, is left out with
    the reason. Each feature of a family weighs ``1 / sqrt(features of the family)``, so that a family
    adds to a squared distance as much as one feature does, however many columns describe it.
    """
    raw = to_matrix(features, [spec.name for spec in specs])
    left_out: dict[str, str] = {}
    learned: list[tuple[FeatureSpec, dict[str, float]]] = []
    for column, spec in enumerate(specs):
        values = raw[:, column]
        if np.isnan(values).all():
            left_out[spec.name] = NOT_IN_THE_DATA
            continue
        numbers = _learn_feature(values, spec)
        if numbers is None:
            left_out[spec.name] = NO_DIFFERENCE
            continue
        learned.append((spec, numbers))
    used = [spec for spec, _ in learned]
    families = [spec.family for spec in used]
    return Preprocessing(
        features=tuple(used),
        left_out=left_out,
        weights=np.array([1 / np.sqrt(families.count(family)) for family in families]),
        **{
            key: np.array([numbers[key] for _, numbers in learned])
            for key in ("fills", "lower", "upper", "means", "scales")
        },
    )


def _learn_feature(values: NDArray[np.float64], spec: FeatureSpec) -> dict[str, float] | None:
    """The learned numbers of one feature, or None where capped values do not differ."""
    fill = 0.0 if spec.when_missing == "zero" else float(np.nanmedian(values))
    filled = np.where(np.isnan(values), fill, values)
    lower, upper = (float(cap) for cap in np.quantile(filled, CAP_QUANTILES))
    if spec.transform == "log1p":
        # More was refunded than bought: on a log scale that is as little as nothing.
        lower, upper = max(lower, 0.0), max(upper, 0.0)
    scaled = _to_log(np.clip(filled, lower, upper)[:, None], (spec,))[:, 0]
    scale = float(scaled.std())
    if scale < 1e-9:
        return None
    return {"fills": fill, "lower": lower, "upper": upper, "means": float(scaled.mean()), "scales": scale}


def _to_log(capped: Matrix, specs: Sequence[FeatureSpec]) -> Matrix:
    on_log_scale = np.array([spec.transform == "log1p" for spec in specs], dtype=bool)
    return np.where(on_log_scale, np.log1p(np.where(on_log_scale, capped, 0.0)), capped)
