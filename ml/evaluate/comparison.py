"""Is one candidate better than another? Paired differences with intervals, resampled by customer."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.evaluate.metrics import METRICS, Vector, weigh_metrics

INTERVAL = (0.025, 0.975)
# Rows times resamples held at once: 50 resamples of 20,000 rows are 8 MB a matrix.
BLOCK = 50
# More customers than this narrow an interval that is narrow already and cost time.
LARGEST_SAMPLE = 20_000


@dataclass(frozen=True)
class Difference:
    """Candidate minus reference with its 95 % interval."""

    value: float
    low: float
    high: float


def compare_predictions(
    *,
    outcome: Vector,
    candidate: Vector,
    reference: Vector,
    customers: NDArray[np.int64],
    resamples: int,
    seed: int,
) -> dict[str, Difference]:
    """Difference of every metric, candidate minus reference, on the same rows.

    ``customers`` numbers the customer of each row from 0. A resample draws customers with all their rows
    (Field & Welsh 2007, "Bootstrapping clustered data"), because a customer's dates resemble each other;
    both sides see the same resample. The interval is the 2.5th to 97.5th percentile.
    """
    point = _subtract(outcome, candidate, reference, np.ones((1, len(outcome))))
    drawn = _pick_rows(customers, seed)
    blocks = [
        _subtract(outcome[drawn], candidate[drawn], reference[drawn], weights)
        for weights in _draw_weights(customers[drawn], resamples, seed)
    ]
    differences = {}
    for name in METRICS:
        values = np.concatenate([block[name] for block in blocks])
        known = values[~np.isnan(values)]
        low, high = np.quantile(known, INTERVAL) if len(known) else (np.nan, np.nan)
        differences[name] = Difference(float(point[name][0]), float(low), float(high))
    return differences


def _subtract(outcome: Vector, candidate: Vector, reference: Vector, weights: Vector) -> dict[str, Vector]:
    ours, theirs = weigh_metrics(outcome, candidate, weights), weigh_metrics(outcome, reference, weights)
    return {name: ours[name] - theirs[name] for name in METRICS}


def _pick_rows(customers: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    different = np.unique(customers)
    if len(different) <= LARGEST_SAMPLE:
        return np.arange(len(customers))
    chosen = np.random.default_rng(seed).choice(different, LARGEST_SAMPLE, replace=False)
    return np.flatnonzero(np.isin(customers, chosen))


def _draw_weights(customers: NDArray[np.int64], resamples: int, seed: int) -> Iterator[Vector]:
    """Matrices of how often each row was drawn, BLOCK resamples at a time."""
    generator = np.random.default_rng(seed)
    different, positions = np.unique(customers, return_inverse=True)
    for start in range(0, resamples, BLOCK):
        rows = min(BLOCK, resamples - start)
        drawn = generator.integers(0, len(different), (rows, len(different)))
        counts = np.stack([np.bincount(row, minlength=len(different)) for row in drawn])
        yield counts[:, positions].astype(np.float64)
