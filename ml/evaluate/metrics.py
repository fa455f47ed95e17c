"""Figures of merit of predicted probabilities, each for many weightings of the rows at once.

One weighting is a row of a matrix: all ones for the figure itself, bootstrap counts for its interval.
Every figure therefore has one implementation, and an interval costs no loop over resamples.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

METRICS = (
    "log_loss",
    "brier",
    "roc_auc",
    "average_precision",
    "calibration_error",
    "top_decile_lift",
    "observed_to_expected",
)
# A predicted 0 or 1 that turns out wrong would make the log loss infinite.
SMALLEST_PROBABILITY = 1e-6
CALIBRATION_BINS = 10
TOP_SHARE = 0.1


def measure(outcome: Vector, predicted: Vector) -> dict[str, float | None]:
    """Every metric of METRICS, and observed_rate; None where it is undefined for want of both outcomes."""
    figures = weigh_metrics(outcome, predicted, np.ones((1, len(outcome))))
    rate = float(outcome.mean()) if len(outcome) else None
    return {"observed_rate": rate, **{name: _to_none(values[0]) for name, values in figures.items()}}


def measure_log_loss(outcome: Vector, predicted: Vector) -> float:
    """Mean negative log-likelihood of the outcomes under the predicted probabilities."""
    return float((np.ones(len(outcome)) @ _losses(outcome, predicted)) / len(outcome))


def weigh_metrics(outcome: Vector, predicted: Vector, weights: Vector) -> dict[str, Vector]:
    """Every metric of METRICS under each row of ``weights`` (resamples, rows), shape (resamples,).

    ``outcome`` is 0 or 1. A figure is NaN where its weighting leaves only one outcome.
    """
    total = weights.sum(axis=1)
    return {
        "log_loss": weights @ _losses(outcome, predicted) / total,
        "brier": weights @ (predicted - outcome) ** 2 / total,
        **_rank_metrics(outcome, predicted, weights),
        "calibration_error": _calibration_error(outcome, predicted, weights),
        "observed_to_expected": weights @ outcome / (weights @ np.maximum(predicted, SMALLEST_PROBABILITY)),
    }


def assign_bins(predicted: Vector, count: int) -> NDArray[np.int64]:
    """Bin of each row, 0 to ``count - 1``, as equally filled as ties allow: equal values share a bin."""
    edges = np.unique(np.quantile(predicted, np.arange(1, count) / count))
    return np.searchsorted(edges, predicted, side="right")


def _losses(outcome: Vector, predicted: Vector) -> Vector:
    probability = np.clip(predicted, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)
    return -np.where(outcome == 1, np.log(probability), np.log1p(-probability))


def _rank_metrics(outcome: Vector, predicted: Vector, weights: Vector) -> Mapping[str, Vector]:
    """Area under the ROC curve, average precision, lift of the top tenth; equal values rank as one."""
    order = np.argsort(-predicted, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(predicted[order]) != 0])
    both = np.add.reduceat(weights[:, order], starts, axis=1)
    positive = np.add.reduceat(weights[:, order] * outcome[order], starts, axis=1)
    found, taken = positive.cumsum(axis=1), both.cumsum(axis=1)
    positives, total = found[:, -1], taken[:, -1]
    negatives = total - positives
    with np.errstate(divide="ignore", invalid="ignore"):
        below = negatives[:, None] - (taken - found) + (both - positive) / 2
        area = (positive * below).sum(axis=1) / (positives * negatives)
        precision = np.where(taken > 0, found / taken, 0.0)
        average_precision = (positive * precision).sum(axis=1) / positives
        top = np.array([np.interp(TOP_SHARE * all_, t, f) for all_, t, f in zip(total, taken, found, strict=True)])
        # Within the first group of equal values the top tenth holds its average share of positives.
        first = np.minimum(TOP_SHARE * total / taken[:, 0], 1.0) * found[:, 0]
        top = np.where(taken[:, 0] >= TOP_SHARE * total, first, top)
        lift = (top / (TOP_SHARE * total)) / (positives / total)
    is_defined = (positives > 0) & (negatives > 0)
    figures = {"roc_auc": area, "average_precision": average_precision, "top_decile_lift": lift}
    return {name: np.where(is_defined, values, np.nan) for name, values in figures.items()}


def _calibration_error(outcome: Vector, predicted: Vector, weights: Vector) -> Vector:
    """Mean absolute gap of predicted and observed rate over ten equally filled bins."""
    members = np.eye(CALIBRATION_BINS)[assign_bins(predicted, CALIBRATION_BINS)]
    gaps = weights @ (members * (predicted - outcome)[:, None])
    return np.abs(gaps).sum(axis=1) / weights.sum(axis=1)


def _to_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
