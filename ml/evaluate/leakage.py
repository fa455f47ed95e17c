"""Features that alone tell an outcome too well to be honest: the answer may be hidden in them.

A feature that is known only after the outcome (the value of the pages on the way to a purchase, a cancellation
reason) makes every test look splendid and every forecast worthless. Single features of honest data tell an
outcome to some degree, and several of them to a similar one. So a feature is suspected for its strength
alone, for standing far above all features that say something else, or for being a copy of the outcome.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

Vector = NDArray[np.float64]

# Two features as alike in rank as this say the same thing, so neither is the other's measure of comparison.
SAME_THING = 0.9

RESULT_SCHEMA = pl.Schema(
    {
        "feature": pl.String,
        "outcome": pl.String,
        "measure": pl.String,
        "figure": pl.Float64,
        "strength": pl.Float64,
        "next_strength": pl.Float64,
        "rows": pl.Int64,
        "is_suspected": pl.Boolean,
        "reason": pl.String,
    }
)


@dataclass(frozen=True)
class LeakRules:
    """When a feature is suspected. An area under the ROC curve counts from 0.5 upwards in either direction."""

    roc_auc: float = 0.97
    rank_correlation: float = 0.95
    # Standing alone: this strong, and so many times as strong as the strongest that says something else.
    alone_roc_auc: float = 0.85
    alone_rank_correlation: float = 0.7
    alone_times: float = 1.5
    # Share of the rows with an outcome other than zero in which the feature is equal to it.
    copied_share: float = 0.95
    minimum_rows: int = 100
    minimum_of_each_outcome: int = 30


class _Measured(NamedTuple):
    figure: float
    strength: float
    measure: str
    rows: int
    copied_share: float


def detect_leaks(*, features: pl.DataFrame, outcomes: pl.DataFrame, rules: LeakRules | None = None) -> pl.DataFrame:
    """One row per numeric or Boolean feature and outcome for which both could be compared, strongest first.

    The rows of both frames belong together in their order. A Boolean outcome is measured by the area under
    the ROC curve, a numeric one by Spearman's rank correlation; rows without an outcome are left out. A
    feature with gaps is measured on the rows that have it, and by whether it is given at all, and the stronger
    counts. ``figure`` is the area or the correlation, ``strength`` 0 (says nothing) to 1 (says all),
    ``next_strength`` that of the strongest feature that says something else (NULL where there is none).
    Pairs with too few rows or outcomes are left out. Raises ValueError when the heights differ.
    """
    if features.height != outcomes.height:
        raise ValueError(
            f"{features.height:,} feature rows do not belong to {outcomes.height:,} outcome rows; join them first"
        )
    rules = rules or LeakRules()
    rows = [row for outcome in outcomes.columns for row in _judge_outcome(features, outcomes[outcome], rules)]
    return pl.DataFrame(rows, schema=RESULT_SCHEMA, orient="row").sort(
        "is_suspected", "strength", "feature", "outcome", descending=[True, True, False, False]
    )


def rank(values: Vector) -> Vector:
    """Ranks from 1; equal values share the mean of their places."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]


def measure_roc_auc(outcome: NDArray[np.bool_], values: Vector) -> float:
    """Area under the ROC curve by rank sums (Mann and Whitney 1947); 0.5 says nothing. NaN for one outcome only."""
    positives = int(outcome.sum())
    negatives = len(outcome) - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    rank_sum = rank(values)[outcome].sum()
    return float((rank_sum - positives * (positives + 1) / 2) / (positives * negatives))


def measure_rank_correlation(first: Vector, second: Vector) -> float:
    """Spearman's rank correlation, -1 to 1; 0 where one of the two is constant."""
    ranks = [rank(values) - (len(values) + 1) / 2 for values in (first, second)]
    scale = np.sqrt((ranks[0] ** 2).sum() * (ranks[1] ** 2).sum())
    return float((ranks[0] * ranks[1]).sum() / scale) if scale > 0 else 0.0


def _judge_outcome(features: pl.DataFrame, outcome: pl.Series, rules: LeakRules) -> list[tuple[object, ...]]:
    known = outcome.is_not_null()
    target = outcome.filter(known)
    rows = features.filter(known)
    values = {name: _to_floats(rows[name]) for name in rows.columns if _is_measurable(rows[name])}
    measured = {name: found for name, column in values.items() if (found := _measure(target, column, rules))}
    judged: list[tuple[object, ...]] = []
    for name, found in measured.items():
        rival = _strongest_rival(name, measured, values) if found.strength >= _alone_strength(found, rules) else None
        reason = _suspect(found, rival, rules)
        judged.append(
            (name, outcome.name, found.measure, found.figure, found.strength, rival, found.rows, bool(reason), reason)
        )
    return judged


def _is_measurable(column: pl.Series) -> bool:
    return column.dtype.is_numeric() or column.dtype == pl.Boolean


def _to_floats(column: pl.Series) -> Vector:
    """Missing values as NaN."""
    return column.cast(pl.Float64).to_numpy(allow_copy=True).astype(np.float64)


def _measure(outcome: pl.Series, values: Vector, rules: LeakRules) -> _Measured | None:
    is_given = ~np.isnan(values)
    candidates = []
    if outcome.dtype == pl.Boolean:
        target = outcome.to_numpy().astype(bool)
        tests = [(is_given, values)]
        if not is_given.all():
            tests.append((np.ones(len(values), dtype=bool), is_given.astype(np.float64)))
        for kept, tested in tests:
            if _has_both(target[kept], rules):
                area = measure_roc_auc(target[kept], tested[kept])
                candidates.append(_Measured(area, 2 * abs(area - 0.5), "ROC AUC", int(kept.sum()), 0.0))
    elif outcome.dtype.is_numeric() and int(is_given.sum()) >= rules.minimum_rows:
        target = _to_floats(outcome)[is_given]
        found = measure_rank_correlation(values[is_given], target)
        copied = _copied_share(values[is_given], target, rules)
        candidates.append(_Measured(found, abs(found), "rank correlation", int(is_given.sum()), copied))
    return max(candidates, key=lambda found: found.strength, default=None)


def _has_both(outcome: NDArray[np.bool_], rules: LeakRules) -> bool:
    fewest = min(int(outcome.sum()), int((~outcome).sum()))
    return len(outcome) >= rules.minimum_rows and fewest >= rules.minimum_of_each_outcome


def _copied_share(values: Vector, outcome: Vector, rules: LeakRules) -> float:
    told = outcome != 0
    if int(told.sum()) < rules.minimum_of_each_outcome or len(np.unique(outcome[told])) < 2:
        return 0.0
    return float((values[told] == outcome[told]).mean())


def _strongest_rival(name: str, measured: dict[str, _Measured], values: dict[str, Vector]) -> float | None:
    """Strength of the strongest other feature, passing over those that say the same thing."""
    for other, found in sorted(measured.items(), key=lambda item: -item[1].strength):
        both = ~np.isnan(values[name]) & ~np.isnan(values[other])
        if other != name and abs(measure_rank_correlation(values[name][both], values[other][both])) < SAME_THING:
            return found.strength
    return None


def _alone_strength(found: _Measured, rules: LeakRules) -> float:
    return 2 * rules.alone_roc_auc - 1 if found.measure == "ROC AUC" else rules.alone_rank_correlation


def _suspect(found: _Measured, rival: float | None, rules: LeakRules) -> str | None:
    """Why the feature is suspected, in words; None where it is not."""
    limit = 2 * rules.roc_auc - 1 if found.measure == "ROC AUC" else rules.rank_correlation
    if found.copied_share >= rules.copied_share:
        return f"it is equal to the outcome in {found.copied_share:.0%} of the rows"
    if found.strength >= limit:
        return f"it alone tells the outcome nearly without fail ({found.measure} {found.figure:.3f})"
    if found.strength < _alone_strength(found, rules) or rival is None:
        return None
    if found.strength >= rules.alone_times * rival:
        return (
            f"it alone tells the outcome very well ({found.measure} {found.figure:.3f}), and far better than any "
            f"other feature (strength {found.strength:.2f} against {rival:.2f} of 1)"
        )
    return None
