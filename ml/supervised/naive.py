"""The naive rule: how many churned among customers who had been away as long. The bar for every model."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from ml.config import FeatureSpec
from ml.evaluate.metrics import measure_log_loss
from ml.features.matrix import Matrix, to_matrix
from ml.supervised.scorers import Vector, to_log_odds, to_probability

BINS = 10
# Each bin starts with this many customers of the overall rate, so that an empty one is not certain.
PRIOR_CUSTOMERS = 5.0
_AWAY = "days_since_last_order"
_TYPICAL_GAP = "median_days_between_orders"


@dataclass(frozen=True, eq=False)
class NaiveRule:
    """Churn rate by bins of absence, in days or as a multiple of the customer's own typical gap.

    ``edges`` part the bins and ``log_odds`` has one entry a bin; the last one is for customers without a
    typical gap. ``base`` is the log-odds of everyone.
    """

    spec: FeatureSpec
    is_relative: bool
    edges: Vector
    log_odds: Vector
    base: float
    kind: str = "naive"

    @property
    def features(self) -> tuple[FeatureSpec, ...]:
        """The one feature the rule looks at."""
        return (self.spec,)

    @property
    def left_out(self) -> dict[str, str]:
        """Nothing: the rule never had more than its one feature."""
        return {}

    def score(self, features: pl.DataFrame) -> Vector:
        """Log-odds of the bin of each row."""
        return self.log_odds[_find_bins(_measure_absence(features, self.is_relative), self.edges)]

    def contribute(self, features: pl.DataFrame) -> Matrix:
        """Log-odds of the bin against those of everyone, shape (rows, 1)."""
        return (self.score(features) - self.base)[:, None]

    def state(self) -> dict[str, Any]:
        """The rule as plain values and arrays."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "NaiveRule":
        """The rule that ``state`` came from."""
        return cls(**{**state, "spec": FeatureSpec(**state["spec"])})


def fit_naive_rule(rows: pl.DataFrame, specs: Sequence[FeatureSpec]) -> NaiveRule:
    """The better of the two rules on the training ``rows`` (by log loss; the simpler one on a tie)."""
    rules = [_fit_rule(rows, specs, is_relative) for is_relative in (False, True)]
    outcome = rows["churned"].to_numpy().astype(np.float64)
    losses = [measure_log_loss(outcome, to_probability(rule.score(rows))) for rule in rules]
    return rules[int(losses[1] < losses[0])]


def _fit_rule(rows: pl.DataFrame, specs: Sequence[FeatureSpec], is_relative: bool) -> NaiveRule:
    outcome = rows["churned"].to_numpy().astype(np.float64)
    absence = _measure_absence(rows, is_relative)
    known = absence[~np.isnan(absence)]
    edges = np.unique(np.quantile(known, np.arange(1, BINS) / BINS)) if len(known) else np.empty(0)
    bins = _find_bins(absence, edges)
    counts = np.bincount(bins, minlength=len(edges) + 2)
    churned = np.bincount(bins, outcome, minlength=len(edges) + 2)
    rate = outcome.mean()
    rates = (churned + PRIOR_CUSTOMERS * rate) / (counts + PRIOR_CUSTOMERS)
    return NaiveRule(
        spec=next(spec for spec in specs if spec.name == _AWAY),
        is_relative=is_relative,
        edges=edges,
        log_odds=to_log_odds(rates),
        base=float(to_log_odds(np.array([rate]))[0]),
    )


def _measure_absence(features: pl.DataFrame, is_relative: bool) -> Vector:
    away, gap = to_matrix(features, [_AWAY, _TYPICAL_GAP]).T
    return away / np.maximum(gap, 1.0) if is_relative else away


def _find_bins(absence: Vector, edges: Vector) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.where(np.isnan(absence), len(edges) + 1, np.searchsorted(edges, absence, side="right"))
