"""Who may score: the candidate that is surely better than the naive rule and than the standing champion."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from ml.config import PredictionConfig
from ml.contracts import PredictionCandidates
from ml.evaluate.comparison import Difference, compare_predictions
from ml.evaluate.metrics import METRICS
from ml.supervised.candidates import CANDIDATES, NAIVE
from ml.supervised.model import PredictionModel
from ml.supervised.rolling_origin import measure_rows


@dataclass(frozen=True)
class Verdict:
    """Whether the new model replaces the standing one, and why, in a sentence."""

    is_promotable: bool
    reason: str


def compare_candidates(predictions: pl.DataFrame, config: PredictionConfig, *, seed: int) -> pl.DataFrame:
    """One row per candidate over all test dates, with differences to the naive rule.

    Chosen is the candidate with the smallest log loss among those whose log loss is below the naive
    rule's with a 95 % interval that excludes zero; the naive rule itself when there is none. Without
    predictions the table is empty.
    """
    if predictions.is_empty():
        return PredictionCandidates.create_empty()
    naive = _rows_of(predictions, NAIVE)
    figures: dict[str, dict[str, float | None]] = {}
    differences: dict[str, Mapping[str, Difference]] = {}
    for kind in CANDIDATES:
        rows = _rows_of(predictions, kind)
        figures[kind] = measure_rows(rows)
        if kind != NAIVE:
            differences[kind] = _compare(rows, naive["predicted"].to_numpy(), config, seed)
    better = [kind for kind, difference in differences.items() if difference["log_loss"].high < 0]
    chosen = min(better, key=lambda kind: figures[kind]["log_loss"] or 0.0, default=NAIVE)
    table = [
        {
            "candidate": kind,
            "rows": naive.height,
            **figures[kind],
            "is_chosen": kind == chosen,
            "reason": _explain(kind, chosen, differences.get(kind)),
            **_flatten(differences.get(kind)),
        }
        for kind in CANDIDATES
    ]
    return PredictionCandidates.validate(
        pl.DataFrame(table, schema_overrides=PredictionCandidates.create_empty().schema)
    )


def judge_promotion(
    model: PredictionModel,
    standing: PredictionModel | None,
    predictions: pl.DataFrame,
    features: pl.DataFrame,
    config: PredictionConfig,
    *,
    seed: int,
) -> Verdict:
    """Whether ``model`` replaces ``standing``.

    The two are compared on the test dates that the standing model had not seen (its cut-off or later):
    the out-of-time predictions of the new model's kind against the standing model's scores.

    * No standing model, another horizon, or no such test date: the new model replaces it.
    * A new learned model must have the lower log loss with a 95 % interval that excludes zero.
    * The naive rule replaces a learned model that is no better than it on those dates.
    """
    if standing is None:
        return Verdict(True, "There is no standing champion.")
    if standing.horizon_days != model.horizon_days:
        return Verdict(True, f"The horizon changed from {standing.horizon_days} to {model.horizon_days} days.")
    if predictions.is_empty():
        return Verdict(True, "No test date is left to compare with the standing champion.")
    later = _rows_of(predictions, model.scorer.kind).filter(pl.col("test_date") >= standing.cut_off)
    if later.is_empty():
        return Verdict(True, "No test date lies after the standing champion's training.")
    if standing.scorer.kind == NAIVE == model.scorer.kind:
        return Verdict(True, "Both are the naive rule; the new one knows the later months.")
    rows = later.join(
        features, left_on=["customer_id", "test_date"], right_on=["customer_id", "as_of_date"], how="left"
    )
    difference = _compare(later, standing.calibrated.predict(rows), config, seed)["log_loss"]
    return _judge_difference(difference, is_naive=model.scorer.kind == NAIVE)


def _judge_difference(difference: Difference, *, is_naive: bool) -> Verdict:
    interval = f"{difference.value:+.4f} (95 % interval {difference.low:+.4f} to {difference.high:+.4f})"
    if is_naive:
        is_promotable = difference.value <= 0
        verb = "replaces" if is_promotable else "does not replace"
        return Verdict(is_promotable, f"The naive rule {verb} the standing champion: log loss {interval}.")
    if difference.high < 0:
        return Verdict(True, f"Better than the standing champion: log loss {interval}.")
    return Verdict(False, f"Not surely better than the standing champion: log loss {interval}.")


def _rows_of(predictions: pl.DataFrame, kind: str) -> pl.DataFrame:
    return predictions.filter(pl.col("candidate") == kind)


def _compare(
    rows: pl.DataFrame, reference: np.ndarray, config: PredictionConfig, seed: int
) -> Mapping[str, Difference]:
    return compare_predictions(
        outcome=rows["churned"].cast(pl.Float64).to_numpy(),
        candidate=rows["predicted"].to_numpy(),
        reference=reference,
        customers=rows["customer_id"].rank("dense").to_numpy().astype(np.int64) - 1,
        resamples=config.resamples,
        seed=seed,
    )


def _flatten(differences: Mapping[str, Difference] | None) -> dict[str, float | None]:
    flat: dict[str, float | None] = {}
    for name in METRICS:
        difference = differences[name] if differences else None
        for suffix, attribute in (("", "value"), ("_low", "low"), ("_high", "high")):
            value = getattr(difference, attribute) if difference else None
            flat[f"{name}_difference{suffix}"] = None if value is None or np.isnan(value) else value
    return flat


def _explain(kind: str, chosen: str, differences: Mapping[str, Difference] | None) -> str:
    if differences is None:
        return (
            "Chosen: no model is surely better than this simple rule."
            if chosen == kind
            else "The simple rule that a model has to beat."
        )
    loss = differences["log_loss"]
    interval = f"log loss {loss.value:+.4f} (95 % interval {loss.low:+.4f} to {loss.high:+.4f})"
    if kind == chosen:
        return f"Chosen: surely better than the naive rule, {interval}."
    if loss.high < 0:
        return f"Surely better than the naive rule, {interval}, but {chosen} has the lower log loss."
    return f"Not surely better than the naive rule: {interval}."
