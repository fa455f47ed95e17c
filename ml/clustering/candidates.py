"""Choosing the number of segments: every number in the configured range is fitted, measured and judged.

A number of segments is *offered* when each of its segments is stable and none is too small. Of those, the
ones that explain later revenue as well as the best does (within one standard error) are equals, and the
best separated of the equals is *chosen*. When no later revenue has been observed, separation decides alone.
A standing number of segments stays while it is one of the equals: people have plans for these segments.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.clustering.kmeans import (
    count_distinct,
    fit_centroids,
    measure_inertia,
    nearest_centroids,
    settle_centroids,
)
from ml.clustering.stability import measure_stability
from ml.config import SegmentationConfig
from ml.contracts import SegmentationCandidates
from ml.errors import NotEnoughDataError
from ml.evaluate.variance import VarianceExplained, explain_variance
from ml.features.matrix import Matrix

# Silhouettes cost the square of the customers; 5,000 give the second decimal.
SILHOUETTE_SAMPLE = 5_000
# Resampled fits on more customers than this cost time and change no judgement.
STABILITY_SAMPLE = 20_000
# A fresh fit replaces the standing segments, carried on to the new data, only when it is tighter by more
# than this: two fits within it describe the customers equally well and differ by chance.
FRESH_FIT_GAIN = 0.005


@dataclass(frozen=True)
class Outcomes:
    """Customers at an earlier date (prepared as of then) and their revenue in the 90 days after it."""

    points: Matrix
    revenue: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Candidate:
    """One number of segments with its centroids, figures and verdict."""

    segment_count: int
    centroids: Matrix
    silhouette: float
    stability_mean: float
    stability_min: float
    smallest_share: float
    revenue: VarianceExplained | None
    is_offered: bool = False
    is_chosen: bool = False
    reason: str = ""


def compare_candidates(
    points: Matrix,
    outcomes: Outcomes | None,
    config: SegmentationConfig,
    *,
    standing: NDArray[np.int64] | None = None,
    seed: int,
) -> list[Candidate]:
    """Every number of segments in the configured range, measured and judged; exactly one is chosen.

    ``standing`` is each customer's segment under the standing model, counted from 0, or None.

    Raises NotEnoughDataError when there are fewer different customers than the smallest number needs.
    """
    distinct = count_distinct(points)
    counts = range(config.segments.minimum, min(config.segments.maximum, distinct - 1) + 1)
    if not counts:
        raise NotEnoughDataError(
            f"{len(points):,} customers of {distinct:,} different kinds cannot form "
            f"{config.segments.minimum} segments; lower segments.minimum or wait for more customers"
        )
    carried_on = _carry_on(points, standing)
    measured = [_measure(points, outcomes, config, count, carried_on, seed) for count in counts]
    return judge_candidates(measured, config, standing_count=len(carried_on))


def tabulate_candidates(candidates: Sequence[Candidate]) -> pl.DataFrame:
    """One row per number of segments (contract: SegmentationCandidates)."""
    rows = [
        {
            "segment_count": candidate.segment_count,
            "silhouette": candidate.silhouette,
            "stability_mean": candidate.stability_mean,
            "stability_min": candidate.stability_min,
            "smallest_share": candidate.smallest_share,
            "revenue_variance_explained": candidate.revenue.share if candidate.revenue else None,
            "is_offered": candidate.is_offered,
            "is_chosen": candidate.is_chosen,
            "reason": candidate.reason,
        }
        for candidate in candidates
    ]
    overrides = {"revenue_variance_explained": pl.Float64}
    return SegmentationCandidates.validate(pl.DataFrame(rows, schema_overrides=overrides))


def _carry_on(points: Matrix, standing: NDArray[np.int64] | None) -> Matrix:
    """Centroids of the standing segments that still have customers, moved to where their customers are."""
    if standing is None:
        return np.empty((0, points.shape[1]))
    return np.stack([points[standing == segment].mean(axis=0) for segment in np.unique(standing)])


def _fit(points: Matrix, count: int, carried_on: Matrix, seed: int) -> Matrix:
    fresh = settle_centroids(points, fit_centroids(points, count, seed=seed))
    if len(carried_on) != count:
        return fresh
    continued = settle_centroids(points, carried_on)
    is_as_good = measure_inertia(points, continued) <= (1 + FRESH_FIT_GAIN) * measure_inertia(points, fresh)
    return continued if is_as_good else fresh


def _measure(
    points: Matrix,
    outcomes: Outcomes | None,
    config: SegmentationConfig,
    count: int,
    carried_on: Matrix,
    seed: int,
) -> Candidate:
    centroids = _fit(points, count, carried_on, seed)
    clusters = nearest_centroids(points, centroids)
    sample = _sample_rows(len(points), STABILITY_SAMPLE, seed)
    stability = measure_stability(points[sample], centroids, resamples=config.stability.resamples, seed=seed)
    return Candidate(
        segment_count=count,
        centroids=centroids,
        silhouette=_measure_silhouette(points, clusters, seed),
        stability_mean=float(stability.mean()),
        stability_min=float(stability.min()),
        smallest_share=float(np.bincount(clusters, minlength=count).min() / len(points)),
        revenue=_measure_later_revenue(outcomes, count, seed),
    )


def _measure_silhouette(points: Matrix, clusters: NDArray[np.int64], seed: int) -> float:
    from sklearn.metrics import silhouette_score

    sample = _sample_rows(len(points), SILHOUETTE_SAMPLE, seed)
    if len(np.unique(clusters[sample])) < 2:
        return 0.0
    return float(silhouette_score(points[sample], clusters[sample]))


def _measure_later_revenue(outcomes: Outcomes | None, count: int, seed: int) -> VarianceExplained | None:
    """The same number of segments, fitted as of the earlier date only, against the revenue after it."""
    if outcomes is None or count_distinct(outcomes.points) <= count:
        return None
    clusters = nearest_centroids(outcomes.points, fit_centroids(outcomes.points, count, seed=seed))
    return explain_variance(outcomes.revenue, clusters, seed=seed)


def judge_candidates(
    candidates: Sequence[Candidate], config: SegmentationConfig, standing_count: int
) -> list[Candidate]:
    """``candidates`` with is_offered, is_chosen and reason; ``standing_count`` is 0 without a standing model."""
    refusals = [_refuse(candidate, config) for candidate in candidates]
    offered = [candidate for candidate, refusal in zip(candidates, refusals, strict=True) if not refusal]
    if not offered:
        fallback = max(candidates, key=lambda candidate: candidate.stability_min)
        return [
            _with_fallback(candidate, refusal, fallback)
            for candidate, refusal in zip(candidates, refusals, strict=True)
        ]
    equals = _find_equals(offered)
    chosen = max(equals, key=lambda candidate: (candidate.segment_count == standing_count, candidate.silhouette))
    is_kept = chosen.segment_count == standing_count
    return [
        replace(
            candidate,
            is_offered=not refusal,
            is_chosen=candidate is chosen,
            reason=refusal or _explain_choice(candidate, chosen, equals, is_kept),
        )
        for candidate, refusal in zip(candidates, refusals, strict=True)
    ]


def _find_equals(offered: Sequence[Candidate]) -> list[Candidate]:
    """The offered candidates within one standard error of the best at explaining later revenue.

    Breiman, Friedman, Olshen & Stone (1984), "Classification and Regression Trees", use the same rule.
    """
    shares = [candidate.revenue for candidate in offered if candidate.revenue]
    if not shares:
        return list(offered)
    best = max(shares, key=lambda revenue: revenue.share)
    bar = best.share - best.standard_error
    return [candidate for candidate in offered if candidate.revenue and candidate.revenue.share >= bar]


def _refuse(candidate: Candidate, config: SegmentationConfig) -> str:
    reasons = []
    if candidate.stability_min < config.stability.minimum:
        reasons.append(
            f"its least stable segment overlaps {candidate.stability_min:.2f} with itself in resamples "
            f"({config.stability.minimum:.2f} is needed)"
        )
    if candidate.smallest_share < config.smallest_share:
        reasons.append(
            f"its smallest segment holds {candidate.smallest_share:.1%} of customers "
            f"({config.smallest_share:.1%} is needed)"
        )
    return f"Not offered: {' and '.join(reasons)}." if reasons else ""


def _with_fallback(candidate: Candidate, refusal: str, fallback: Candidate) -> Candidate:
    if candidate is not fallback:
        return replace(candidate, reason=refusal)
    reason = f"{refusal} Used all the same, as the most stable one: no number of segments can be offered."
    return replace(candidate, is_chosen=True, reason=reason)


def _explain_choice(candidate: Candidate, chosen: Candidate, equals: Sequence[Candidate], is_kept: bool) -> str:
    if candidate is chosen and is_kept:
        return "Kept: the standing number of segments, and none does clearly better."
    if candidate is chosen and candidate.revenue:
        return "Chosen: the best separated of those that explain later revenue about equally well."
    if candidate is chosen:
        return "Chosen: the best separated of the stable ones."
    if candidate in equals and is_kept:
        return f"Does not do clearly better than the standing {chosen.segment_count} segments."
    if candidate in equals:
        return (
            f"Less well separated than {chosen.segment_count} segments "
            f"(silhouette {candidate.silhouette:.3f} against {chosen.silhouette:.3f})."
        )
    if candidate.revenue is None:
        return "Later revenue could not be compared for this number of segments."
    best = max(equal.revenue.share for equal in equals if equal.revenue)
    return f"Explains {candidate.revenue.share:.1%} of later revenue; the best explains {best:.1%}."


def _sample_rows(population: int, size: int, seed: int) -> NDArray[np.int64]:
    if population <= size:
        return np.arange(population)
    return np.sort(np.random.default_rng(seed).choice(population, size, replace=False))
