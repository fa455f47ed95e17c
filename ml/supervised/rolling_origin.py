"""Rolling-origin evaluation: each test date is predicted by what could have been known on that day.

Tashman (2000), "Out-of-sample tests of forecasting accuracy", International Journal of Forecasting 16.
"""

from datetime import date

import polars as pl

from ml.config import PredictionConfig
from ml.contracts import PredictionByDate
from ml.evaluate.metrics import measure
from ml.supervised.candidates import CANDIDATES, CalibratedScorer, fit_candidate, has_enough_outcomes
from ml.supervised.labels import label_rows


def predict_test_dates(
    features: pl.DataFrame,
    labels: pl.DataFrame,
    *,
    horizon_days: int,
    config: PredictionConfig,
    cut_off: date,
    seed: int,
) -> pl.DataFrame:
    """Out-of-time predictions of every candidate: one row per candidate, test date and customer.

    Test dates are the latest as-of dates whose outcome was known at ``cut_off``; the training rows of a
    test date are those whose outcome was known on that date. Columns: candidate, test_date, customer_id,
    churned, predicted, training_rows, calibration. Empty when no date leaves enough to train on.
    """
    known = label_rows(features, labels, horizon_days=horizon_days, known_on=cut_off)
    tables: list[pl.DataFrame] = []
    test_dates = sorted(known["as_of_date"].unique().to_list())[-config.test_dates :]
    for test_date in test_dates:
        training = label_rows(features, labels, horizon_days=horizon_days, known_on=test_date)
        if not has_enough_outcomes(training, config.minimum_of_each_outcome):
            continue
        test_rows = known.filter(pl.col("as_of_date") == test_date)
        for kind in CANDIDATES:
            fitted = fit_candidate(kind, training, config, seed)
            tables.append(_tabulate(kind, fitted, test_rows, training.height))
    return pl.concat(tables).sort("candidate", "test_date", "customer_id") if tables else pl.DataFrame()


def measure_by_date(predictions: pl.DataFrame) -> pl.DataFrame:
    """Every metric of every candidate on every test date (contract: PredictionByDate)."""
    if predictions.is_empty():
        return PredictionByDate.create_empty()
    rows = []
    for _, group in predictions.group_by("candidate", "test_date", maintain_order=True):
        first = group.row(0, named=True)
        kept = {name: first[name] for name in ("candidate", "test_date", "training_rows", "calibration")}
        rows.append({**kept, "rows": group.height, **measure_rows(group)})
    frame = pl.DataFrame(rows, infer_schema_length=None)
    return PredictionByDate.validate(frame, cast=True).sort("candidate", "test_date")


def measure_rows(predictions: pl.DataFrame) -> dict[str, float | None]:
    """Every metric of the ``predicted`` probabilities against ``churned``."""
    outcome = predictions["churned"].cast(pl.Float64).to_numpy()
    return measure(outcome, predictions["predicted"].to_numpy())


def _tabulate(kind: str, fitted: CalibratedScorer, test_rows: pl.DataFrame, training_rows: int) -> pl.DataFrame:
    return test_rows.select("customer_id", "churned", test_date="as_of_date").with_columns(
        candidate=pl.lit(kind),
        predicted=pl.Series(fitted.predict(test_rows)),
        training_rows=pl.lit(training_rows, dtype=pl.Int64),
        calibration=pl.lit(fitted.calibration.method),
    )
