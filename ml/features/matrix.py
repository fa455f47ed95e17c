"""From a feature frame to a matrix of numbers, in the order of the configuration and never of the frame."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.contracts import FeatureKeys

Matrix = NDArray[np.float64]


def sort_customers(features: pl.DataFrame) -> pl.DataFrame:
    """``features`` by customer_id and as_of_date, its keys checked, so that row order never matters."""
    FeatureKeys.validate(features.select("customer_id", "as_of_date"))
    return features.sort("customer_id", "as_of_date")


def require_date(features: pl.DataFrame, as_of_date: date) -> None:
    """Raises ValueError unless every row of ``features`` is of ``as_of_date``."""
    others = features.filter(pl.col("as_of_date") != as_of_date)
    if not others.is_empty():
        found = sorted({str(day) for day in others["as_of_date"].to_list()})[:3]
        raise ValueError(
            f"{others.height:,} of {features.height:,} feature rows are of other dates than {as_of_date}, "
            f"e.g. {found}; pass the rows of that date only"
        )


def to_matrix(features: pl.DataFrame, columns: Sequence[str]) -> Matrix:
    """``columns`` of ``features`` as float64, one row a customer, NaN where NULL.

    Raises ValueError when a column is missing or holds NaN or infinity instead of NULL.
    """
    missing = [name for name in columns if name not in features.columns]
    if missing:
        raise ValueError(
            f"{len(missing)} of {len(columns)} feature columns are missing, e.g. {missing[:3]}; "
            "rebuild fct_customer_features"
        )
    if not columns:
        return np.empty((features.height, 0))
    numbers = features.select(pl.col(name).cast(pl.Float64) for name in columns)
    not_finite = [
        name
        for name in columns
        if numbers[name].dtype == pl.Float64 and not numbers[name].drop_nulls().is_finite().all()
    ]
    if not_finite:
        raise ValueError(
            f"{len(not_finite)} feature columns hold NaN or infinity, e.g. {not_finite[:3]}; write NULL where undefined"
        )
    return numbers.fill_null(float("nan")).to_numpy().astype(np.float64, copy=False)


def take_medians(values: Matrix) -> NDArray[np.float64]:
    """Median of each column over the known values, NaN where there is none."""
    known = ~np.isnan(values).all(axis=0)
    medians = np.full(values.shape[1], np.nan)
    medians[known] = np.nanmedian(values[:, known], axis=0)
    return medians
