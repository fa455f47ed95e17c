"""How much of the differences in revenue a split of the customers explains."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 200
# One wholesaler can hold most of the variance of a shop; above this quantile revenue counts as equal.
CAP_QUANTILE = 0.99
# Resamples times customers stay within some tens of megabytes.
LARGEST_SAMPLE = 20_000


@dataclass(frozen=True)
class VarianceExplained:
    """Share of variance explained (1: entirely; 0 or a little below: not at all) and its standard error."""

    share: float
    standard_error: float


def explain_variance(outcome: NDArray[np.float64], groups: NDArray[np.int64], *, seed: int) -> VarianceExplained:
    """Share of the variance of ``outcome`` that lies between ``groups``, adjusted for their number.

    ``outcome`` is capped at its 99th percentile. The share is epsilon squared (Kelley 1935): eta squared
    less what as many groups at random would explain. The standard error is over bootstrap resamples of
    the rows.
    """
    generator = np.random.default_rng(seed)
    if len(outcome) > LARGEST_SAMPLE:
        rows = np.sort(generator.choice(len(outcome), LARGEST_SAMPLE, replace=False))
        outcome, groups = outcome[rows], groups[rows]
    capped = np.minimum(outcome, np.quantile(outcome, CAP_QUANTILE))
    rows_drawn = generator.integers(0, len(capped), (RESAMPLES, len(capped)))
    weights = np.stack([np.bincount(drawn, minlength=len(capped)) for drawn in rows_drawn])
    shares = _epsilon_squared(capped, groups, np.vstack([np.ones(len(capped)), weights]))
    return VarianceExplained(share=float(shares[0]), standard_error=float(shares[1:].std(ddof=1)))


def _epsilon_squared(
    outcome: NDArray[np.float64], groups: NDArray[np.int64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Adjusted share of variance between groups for each row of ``weights``, shape (resamples,)."""
    members = np.eye(int(groups.max()) + 1)[groups]
    sizes = weights @ members
    sums = weights @ (members * outcome[:, None])
    total = weights.sum(axis=1)
    grand = sums.sum(axis=1) ** 2 / total
    between = np.divide(sums**2, sizes, out=np.zeros_like(sums), where=sizes > 0).sum(axis=1) - grand
    overall = weights @ outcome**2 - grand
    within_df = np.maximum(total - (sizes > 0).sum(axis=1), 1)
    unexplained = np.divide(overall - between, overall, out=np.ones_like(overall), where=overall > 0)
    return 1 - unexplained * (total - 1) / within_df
