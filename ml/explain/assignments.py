"""Why a customer is in a segment and not in the next-nearest one: an exact decomposition of the margin."""

import numpy as np
import polars as pl

from ml.clustering.model import SegmentModel
from ml.contracts import Explanations
from ml.explain.reasons import rank_reasons
from ml.features.matrix import sort_customers, to_matrix
from ml.features.wording import describe_value, format_value


def explain_assignments(*, features: pl.DataFrame, model: SegmentModel, top: int = 3) -> pl.DataFrame:
    """The ``top`` reasons of every customer's segment, largest first (contract: Explanations).

    The margin of an assignment is the squared distance to the next-nearest centroid ``b`` less that to the
    own centroid ``a``. Feature ``f`` contributes ``(x_f - b_f)² - (x_f - a_f)²`` to it: positive where it
    speaks for the segment, negative where it speaks for the next one. With ``top`` at the number of
    features the contributions add up to the margin. ``usual_value`` is the segment's median at the fit.
    Where there is only one segment nothing speaks for it or against it: the frame is empty.
    """
    if len(model.segment_ids) == 1:
        return Explanations.create_empty()
    ordered = sort_customers(features)
    specs = model.preprocessing.features
    points, squared = model.measure_distances(ordered)
    nearest = np.argsort(squared, axis=1, kind="stable")
    own, following = nearest[:, 0], nearest[:, 1]
    contributions = (points - model.centroids[following]) ** 2 - (points - model.centroids[own]) ** 2
    values = to_matrix(ordered, model.preprocessing.columns)
    usual = [
        [format_value(float(value), spec) for value, spec in zip(medians, specs, strict=True)]
        for medians in model.typical
    ]

    def write_sentence(row: int, column: int) -> str:
        against = ", which speaks against this segment" if contributions[row, column] < 0 else ""
        return (
            f"{describe_value(float(values[row, column]), specs[column])}{against}; usual in this segment: "
            f"{usual[own[row]][column]}, in the next-nearest: {usual[following[row]][column]}."
        )

    return rank_reasons(
        customers=ordered,
        subject=model.name,
        specs=specs,
        contributions=contributions,
        values=values,
        usual=model.typical[own],
        sentence=write_sentence,
        top=top,
    )
