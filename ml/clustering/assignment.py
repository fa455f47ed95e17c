"""Giving customers their segment: only what the model has learned is applied, nothing is learned here."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.clustering.model import SegmentModel
from ml.contracts import SegmentAssignments
from ml.features.matrix import sort_customers


def assign_segments(*, features: pl.DataFrame, model: SegmentModel) -> pl.DataFrame:
    """The nearest segment of every customer in ``features`` (contract: SegmentAssignments), by customer.

    ``strength`` is ``1 - d1 / d2`` with the distances to the own and to the next-nearest centroid: 0 on
    the border between the two, 1 at the own centroid. It is the simplified silhouette of one customer
    (Hruschka, de Castro & Campello 2004), which is never negative for the nearest centroid. Where there is
    only one segment, ``strength`` is 1 and ``next_segment_id`` NULL.
    """
    ordered = sort_customers(features)
    _, squared = model.measure_distances(ordered)
    nearest = np.argsort(squared, axis=1, kind="stable")
    distances = np.sqrt(np.take_along_axis(squared, nearest, axis=1))
    ids = np.array(model.segment_ids, dtype=np.int64)
    strength, next_ids = np.ones(ordered.height), pl.repeat(None, ordered.height, dtype=pl.Int64, eager=True)
    if len(ids) > 1:
        strength = _measure_strength(distances[:, 0], distances[:, 1])
        next_ids = pl.Series(ids[nearest[:, 1]])
    names = np.array(model.segment_names, dtype=object)
    return SegmentAssignments.validate(
        pl.DataFrame(
            {
                "customer_id": ordered["customer_id"],
                "as_of_date": ordered["as_of_date"],
                "segment_id": ids[nearest[:, 0]],
                "segment_name": pl.Series(names[nearest[:, 0]].tolist(), dtype=pl.String),
                "strength": strength,
                "next_segment_id": next_ids,
                "distance": distances[:, 0],
            }
        )
    )


def _measure_strength(own: NDArray[np.float64], following: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(following > 0, 1 - own / np.where(following > 0, following, 1.0), 0.0)
