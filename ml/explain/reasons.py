"""From a matrix of contributions to ranked reasons with sentences: shared by segments and scores."""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from ml.config import FeatureSpec
from ml.contracts import Explanations
from ml.features.matrix import Matrix

# sentence(row, column) about one customer and one feature.
Sentence = Callable[[int, int], str]


def rank_reasons(
    *,
    customers: pl.DataFrame,
    subject: str,
    specs: Sequence[FeatureSpec],
    contributions: Matrix,
    values: Matrix,
    usual: Matrix,
    sentence: Sentence,
    top: int,
) -> pl.DataFrame:
    """The ``top`` largest contributions in absolute size of each customer (contract: Explanations).

    ``contributions``, ``values`` and ``usual`` have shape (customers, features); NaN in the latter two
    becomes NULL. Equal contributions rank in the configured order of the features.
    """
    kept = min(top, len(specs))
    columns = np.argsort(-np.abs(contributions), axis=1, kind="stable")[:, :kept].ravel()
    rows = np.repeat(np.arange(customers.height), kept)
    names = [spec.name for spec in specs]
    return Explanations.validate(
        pl.DataFrame(
            {
                "customer_id": customers["customer_id"].gather(rows),
                "as_of_date": customers["as_of_date"].gather(rows),
                "subject": pl.Series([subject] * len(rows), dtype=pl.String),
                "rank": np.tile(np.arange(1, kept + 1), customers.height),
                "feature": pl.Series([names[column] for column in columns.tolist()], dtype=pl.String),
                "feature_value": pl.Series(values[rows, columns]).fill_nan(None),
                "usual_value": pl.Series(usual[rows, columns]).fill_nan(None),
                "contribution": contributions[rows, columns],
                "sentence": pl.Series(
                    [sentence(row, column) for row, column in zip(rows.tolist(), columns.tolist(), strict=True)],
                    dtype=pl.String,
                ),
            }
        )
    )
