"""Fitting a prediction: horizon, out-of-time comparison, the final fit, and whether it may score."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from ml.config import PredictionConfig
from ml.contracts import PredictionByDate, PredictionCandidates, Reliability
from ml.errors import NotEnoughDataError
from ml.evaluate.metrics import METRICS
from ml.evaluate.reliability import tabulate_reliability
from ml.features.matrix import sort_customers
from ml.supervised.candidates import NAIVE, fit_candidate, has_enough_outcomes
from ml.supervised.champion import Verdict, compare_candidates, judge_promotion
from ml.supervised.labels import label_rows, learn_horizon
from ml.supervised.model import PredictionModel
from ml.supervised.rolling_origin import measure_by_date, predict_test_dates
from ml.threads import one_thread

# Fewer test dates than these say little about the next month; the card then says so.
WANTED_TEST_DATES = 4


@dataclass(frozen=True, eq=False)
class PredictionFit:
    """Outcome of a fit; ``model`` is None when there is too little to learn from (the card says what).

    ``is_promotable`` says whether the model may replace the standing champion. The frames follow the
    contracts PredictionCandidates, PredictionByDate and Reliability and are empty when nothing was tested.
    """

    model: PredictionModel | None
    is_promotable: bool
    candidates: pl.DataFrame
    by_date: pl.DataFrame
    reliability: pl.DataFrame
    card: dict[str, Any]


def fit_prediction(
    *,
    features: pl.DataFrame,
    labels: pl.DataFrame,
    order_gaps: pl.DataFrame,
    config: PredictionConfig,
    cut_off: date,
    standing: PredictionModel | None,
    seed: int,
) -> PredictionFit:
    """Fit the prediction with what was known at ``cut_off``.

    Parameters
    ----------
    features
        Feature rows of all as-of dates up to ``cut_off`` (later ones are left out).
    labels
        What came after each as-of date (contract: CustomerLabels).
    order_gaps
        Days between each customer's orders (contract: OrderGaps), from which the horizon is learned.
    standing
        The champion that scores today, or None.
    """
    past = sort_customers(features.filter(pl.col("as_of_date") <= cut_off))
    try:
        horizon_days = learn_horizon(order_gaps, config.horizon, cut_off)
        training = _require_outcomes(past, labels, horizon_days, config, cut_off)
    except NotEnoughDataError as error:
        return _without_model(config, cut_off, seed, str(error))
    with one_thread():
        predictions = predict_test_dates(
            past, labels, horizon_days=horizon_days, config=config, cut_off=cut_off, seed=seed
        )
        table = compare_candidates(predictions, config, seed=seed)
        calibrated = fit_candidate(_name_chosen(table), training, config, seed)
        model = PredictionModel(config.name, config.title, horizon_days, cut_off, seed, calibrated)
        verdict = judge_promotion(model, standing, predictions, past, config, seed=seed)
    by_date = measure_by_date(predictions)
    return PredictionFit(
        model=model,
        is_promotable=verdict.is_promotable,
        candidates=table,
        by_date=by_date,
        reliability=tabulate_reliability(predictions),
        card=_write_card(model, training, table, by_date, verdict, config),
    )


def _require_outcomes(
    past: pl.DataFrame, labels: pl.DataFrame, horizon_days: int, config: PredictionConfig, cut_off: date
) -> pl.DataFrame:
    training = label_rows(past, labels, horizon_days=horizon_days, known_on=cut_off)
    if not has_enough_outcomes(training, config.minimum_of_each_outcome):
        churned = int(training["churned"].sum())
        raise NotEnoughDataError(
            f"of the customers at as-of dates whose next {horizon_days} days were over by {cut_off}, counted once "
            f"at each date, {churned:,} left and {training.height - churned:,} stayed; "
            f"{config.minimum_of_each_outcome:,} of each are needed, so there is no model"
        )
    return training


def _without_model(config: PredictionConfig, cut_off: date, seed: int, reason: str) -> PredictionFit:
    card = {**_common_card(config, cut_off, seed), "is_fitted": False, "reason": reason}
    return PredictionFit(
        model=None,
        is_promotable=False,
        candidates=PredictionCandidates.create_empty(),
        by_date=PredictionByDate.create_empty(),
        reliability=Reliability.create_empty(),
        card=card,
    )


def _name_chosen(table: pl.DataFrame) -> str:
    """The chosen candidate; the naive rule when none could be tested."""
    return next(iter(table.filter("is_chosen")["candidate"]), NAIVE)


def _common_card(config: PredictionConfig, cut_off: date, seed: int) -> dict[str, Any]:
    return {
        "model": config.name,
        "kind": "prediction",
        "title": config.title,
        "cut_off": cut_off.isoformat(),
        "seed": seed,
        "consent_basis": config.consent_basis,
    }


def _write_card(
    model: PredictionModel,
    training: pl.DataFrame,
    table: pl.DataFrame,
    by_date: pl.DataFrame,
    verdict: Verdict,
    config: PredictionConfig,
) -> dict[str, Any]:
    kind = model.scorer.kind
    test_dates = sorted({str(day) for day in by_date["test_date"].to_list()})
    window = [str(training["as_of_date"].min()), str(training["as_of_date"].max())]
    return {
        **_common_card(config, model.cut_off, model.seed),
        "is_fitted": True,
        "method": kind,
        "calibration": model.calibrated.calibration.method,
        "horizon_days": model.horizon_days,
        "population": f"Customers who ordered in the {model.horizon_days} days up to the as-of date",
        "outcome": f"No order in the {model.horizon_days} days after it",
        "features": [spec.name for spec in model.scorer.features],
        "features_left_out": model.scorer.left_out,
        "training_rows": training.height,
        "training_churned": int(training["churned"].sum()),
        "training_window": window,
        "test_dates": test_dates,
        "test_note": _note_tests(len(test_dates)),
        "metrics": _take_metrics(table, kind),
        "naive_metrics": _take_metrics(table, NAIVE),
        "choice": _take_reason(table),
        "is_promotable": verdict.is_promotable,
        "promotion": verdict.reason,
    }


def _note_tests(count: int) -> str:
    if count == 0:
        return "No date could be tested: the history is too short; the naive rule scores."
    if count < WANTED_TEST_DATES:
        return f"History allows {count} test dates; {WANTED_TEST_DATES} or more would be surer."
    return f"Tested on {count} later dates, each predicted by what was known on that day."


def _take_metrics(table: pl.DataFrame, kind: str) -> Mapping[str, Any] | None:
    rows = table.filter(pl.col("candidate") == kind)
    if rows.is_empty():
        return None
    row = rows.row(0, named=True)
    wanted = ["rows", "observed_rate", *METRICS, *(name for name in row if "_difference" in name)]
    return {name: row[name] for name in wanted if row[name] is not None}


def _take_reason(table: pl.DataFrame) -> str:
    chosen = table.filter("is_chosen")
    return "The naive rule: no model could be compared with it." if chosen.is_empty() else chosen["reason"].item()
