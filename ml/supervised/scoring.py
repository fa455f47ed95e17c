"""Scoring customers: only what the model has learned is applied, nothing is learned here."""

from datetime import date

import numpy as np
import polars as pl

from ml.contracts import CustomerScores
from ml.features.matrix import require_date, sort_customers
from ml.supervised.labels import select_population
from ml.supervised.model import PredictionModel


def score_customers(*, features: pl.DataFrame, model: PredictionModel, as_of_date: date) -> pl.DataFrame:
    """The probability of the outcome for the population in ``features`` (contract: CustomerScores).

    Customers outside the population get no row. ``decile`` 1 holds the tenth with the highest values,
    equal values in the order of customer_id. The interval is NULL: a probability has none to publish.
    """
    require_date(features, as_of_date)
    population = sort_customers(select_population(features, model.horizon_days))
    values = model.calibrated.predict(population)
    ranks = np.empty(len(values), dtype=np.int64)
    ranks[np.argsort(-values, kind="stable")] = np.arange(len(values))
    return CustomerScores.validate(
        population.select(
            "customer_id",
            "as_of_date",
            prediction=pl.lit(model.name),
            horizon_days=pl.lit(model.horizon_days, dtype=pl.Int64),
            value=pl.Series(values, dtype=pl.Float64),
            value_low=pl.lit(None, dtype=pl.Float64),
            value_high=pl.lit(None, dtype=pl.Float64),
            decile=pl.Series(10 * ranks // max(len(values), 1) + 1, dtype=pl.Int64),
            is_in_population=pl.lit(True),
        )
    )
