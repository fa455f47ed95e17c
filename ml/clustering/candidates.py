"""Choosing the number of segments: every number in the configured range is fitted, measured and judged.

A number of segments is *offered* when each of its segments is stable and none is too small. Of those, the
ones that explain later revenue as well as the best does (within one standard error) are equals, and the
best separated of the equals is *chosen*. When no later revenue has been observed, separation decides alone.
A standing number of segments stays while it is one of the equals: people have plans for these segments.
When nothing can be offered, the most stable number is used all the same; when even the fewest segments
would leave one with a handful of customers, or the customers do not differ, all of them are one segment.
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
from ml.evaluate.variance import VarianceExplained, explain_variance
from ml.features.matrix import Matrix
from ml.features.wording import format_below

# One feature alone makes bands of values, not kinds of customers.
FEWEST_FEATURES = 2
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
    smallest_customers: int
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

    Numbers that the customers cannot fill are not tried. One segment of everyone is the chosen candidate,
    with the reason, where no number can be tried or none leaves its smallest segment enough customers.

    ``standing`` is each customer's segment under the standing model, counted from 0, or None.
    """
    hindrance = _find_hindrance(points, config)
    if hindrance:
        return [_keep_together(points, hindrance)]
    fillable = min(count_distinct(points) - 1, len(points) // config.smallest_customers)
    counts = range(config.segments.minimum, min(config.segments.maximum, fillable) + 1)
    carried_on = _carry_on(points, standing)
    measured = [_measure(points, outcomes, config, count, carried_on, seed) for count in counts]
    judged = judge_candidates(measured, config, standing_count=len(carried_on))
    if any(candidate.is_chosen for candidate in judged):
        return judged
    hindrance = f"however they are split, some segment has fewer than {config.smallest_customers} customers"
    return [_keep_together(points, hindrance), *judged]


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


def _find_hindrance(points: Matrix, config: SegmentationConfig) -> str:
    """Why not even the fewest segments can be tried, or an empty text."""
    fewest, size = config.segments.minimum, config.smallest_customers
    if len(points) < fewest * size:
        return (
            f"{fewest} segments of at least {size} customers need {fewest * size:,} customers, "
            f"and {len(points):,} can be segmented"
        )
    if points.shape[1] < FEWEST_FEATURES:
        telling = "only one feature tells" if points.shape[1] else "no feature tells"
        return f"{telling} the customers apart, and {FEWEST_FEATURES} are needed"
    distinct = count_distinct(points)
    if distinct <= fewest:
        return f"the customers are of only {distinct} different kinds, too few for {fewest} segments"
    return ""


def _keep_together(points: Matrix, hindrance: str) -> Candidate:
    """Everyone in one segment. It always comes back whole, and a silhouette of one group is 0 by convention."""
    return Candidate(
        segment_count=1,
        centroids=points.mean(axis=0, keepdims=True),
        silhouette=0.0,
        stability_mean=1.0,
        stability_min=1.0,
        smallest_share=1.0,
        smallest_customers=len(points),
        revenue=None,
        is_chosen=True,
        reason=f"All customers are one segment: {hindrance}.",
    )


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
    smallest = int(np.bincount(clusters, minlength=count).min())
    return Candidate(
        segment_count=count,
        centroids=centroids,
        silhouette=_measure_silhouette(points, clusters, seed),
        stability_mean=float(stability.mean()),
        stability_min=float(stability.min()),
        smallest_share=smallest / len(points),
        smallest_customers=smallest,
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
    """``candidates`` with is_offered, is_chosen and reason; ``standing_count`` is 0 without a standing model.

    None is chosen where none can be offered and each has a segment of too few customers.
    """
    refusals = [_refuse(candidate, config) for candidate in candidates]
    offered = [candidate for candidate, refusal in zip(candidates, refusals, strict=True) if not refusal]
    if not offered:
        usable = [candidate for candidate in candidates if candidate.smallest_customers >= config.smallest_customers]
        fallback = max(usable, key=lambda candidate: candidate.stability_min, default=None)
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
            reason=refusal or _explain_choice(candidate, chosen, offered, equals, is_kept),
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
    bar = config.stability.minimum
    if candidate.stability_min < bar:
        reasons.append(
            f"its least stable segment overlaps only {_percent_below(candidate.stability_min, bar)} with itself "
            f"when the customers are drawn again ({_percent(bar)} is needed)"
        )
    if candidate.smallest_share < config.smallest_share:
        reasons.append(
            f"its smallest segment holds only {_percent_below(candidate.smallest_share, config.smallest_share)} "
            f"of the customers ({_percent(config.smallest_share)} is needed)"
        )
    if candidate.smallest_customers < config.smallest_customers:
        reasons.append(
            f"its smallest segment has only {candidate.smallest_customers} customers "
            f"({config.smallest_customers} are needed)"
        )
    return f"Not offered: {' and '.join(reasons)}." if reasons else ""


def _with_fallback(candidate: Candidate, refusal: str, fallback: Candidate | None) -> Candidate:
    if candidate is not fallback:
        return replace(candidate, reason=refusal)
    reason = f"{refusal} Used all the same: no number of segments can be offered, and this is the most stable."
    return replace(candidate, is_chosen=True, reason=reason)


def _explain_choice(
    candidate: Candidate, chosen: Candidate, offered: Sequence[Candidate], equals: Sequence[Candidate], is_kept: bool
) -> str:
    if candidate is chosen:
        return _praise(chosen, offered, equals, is_kept)
    if candidate in equals and is_kept:
        return f"Does not do clearly better than the {chosen.segment_count} segments there have been so far."
    if candidate in equals:
        return (
            f"Its segments are less clearly separated than with {chosen.segment_count} (silhouette "
            f"{format_below(candidate.silhouette, chosen.silhouette, 3)} against {chosen.silhouette:.3f})."
        )
    if candidate.revenue is None:
        return "Later revenue could not be compared for this number of segments."
    best = max(equal.revenue.share for equal in equals if equal.revenue)
    own = _percent_below(max(candidate.revenue.share, 0.0), best)
    return f"Explains {own} of the differences in later revenue; the best number explains {_percent(best)}."


def _praise(chosen: Candidate, offered: Sequence[Candidate], equals: Sequence[Candidate], is_kept: bool) -> str:
    count = chosen.segment_count
    if is_kept:
        return f"Kept: there have been {count} segments so far, and no other number does clearly better."
    if len(offered) == 1:
        return f"Chosen: no other number than {count} can be offered."
    if len(equals) == 1:
        return f"Chosen: of the numbers that can be offered, {count} segments explain later revenue clearly best."
    if chosen.revenue:
        return (
            f"Chosen: several numbers of segments explain later revenue about equally well; "
            f"of these, {count} are the most clearly separated."
        )
    return f"Chosen: of the numbers that can be offered, {count} segments are the most clearly separated."


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _percent_below(share: float, bar: float) -> str:
    return f"{format_below(100 * share, 100 * bar, 1)} %"


def _sample_rows(population: int, size: int, seed: int) -> NDArray[np.int64]:
    if population <= size:
        return np.arange(population)
    return np.sort(np.random.default_rng(seed).choice(population, size, replace=False))
