"""From a matrix of contributions to ranked reasons with sentences, and how often each is the first: for segments
and scores alike."""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl

from ml.config import FeatureSpec
from ml.contracts import Explanations
from ml.features.matrix import Matrix
from ml.features.wording import capitalise

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


def count_first_reasons(reasons: pl.DataFrame, specs: Sequence[FeatureSpec]) -> pl.DataFrame:
    """One row per subject and feature that is somebody's first reason, the most frequent first.

    Columns: subject, feature, says (how its sentence begins, without a value), customers whose first reason it
    is, and of these speaks_for (a contribution of zero or more) and speaks_against. It names nobody.
    """
    patterns = {spec.name: capitalise(spec.phrase.format(value="…")) for spec in specs}
    return (
        reasons.filter(pl.col("rank") == 1)
        .group_by("subject", "feature")
        .agg(
            customers=pl.len(),
            speaks_for=(pl.col("contribution") >= 0).sum(),
            speaks_against=(pl.col("contribution") < 0).sum(),
        )
        .with_columns(says=pl.col("feature").replace_strict(patterns, default=None, return_dtype=pl.String))
        .select("subject", "feature", "says", "customers", "speaks_for", "speaks_against")
        .sort("subject", "customers", "feature", descending=[False, True, False])
    )
