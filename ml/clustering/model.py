"""The fitted segmentation: all that assigning and explaining need, and nothing of its training rows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import polars as pl

from ml.clustering.kmeans import squared_distances
from ml.config import FeatureSpec
from ml.features.matrix import Matrix
from ml.features.preprocessing import Preprocessing


@dataclass(frozen=True, eq=False)
class SegmentModel:
    """Segments of one fit, in order of ``segment_ids``; every sequence and array has one entry a segment.

    ``centroids`` lie in the prepared space, shape (segments, features); ``typical`` are the medians of the
    training customers in the features' own units, NaN where unknown. ``next_id`` is the next identity
    never used. ``profile_features`` are the words of the typical-customer sentence.
    """

    name: str
    cut_off: date
    seed: int
    preprocessing: Preprocessing
    segment_ids: tuple[int, ...]
    segment_names: tuple[str, ...]
    evidence: tuple[str, ...]
    plays: tuple[str, ...]
    centroids: Matrix
    typical: Matrix
    next_id: int
    profile_features: tuple[FeatureSpec, ...]

    def measure_distances(self, features: pl.DataFrame) -> tuple[Matrix, Matrix]:
        """Prepared points (customers, features) and their squared distances (customers, segments)."""
        points = self.preprocessing.transform(features)
        return points, squared_distances(points, self.centroids)

    def state(self) -> dict[str, Any]:
        """The model as nested dictionaries of plain values and arrays."""
        return asdict(self)

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> "SegmentModel":
        """The model that ``state`` came from; dates may be ISO texts."""
        texts = {key: tuple(state[key]) for key in ("segment_names", "evidence", "plays")}
        return cls(
            name=state["name"],
            cut_off=date.fromisoformat(str(state["cut_off"])),
            seed=state["seed"],
            preprocessing=Preprocessing.from_state(state["preprocessing"]),
            segment_ids=tuple(state["segment_ids"]),
            **texts,
            centroids=state["centroids"],
            typical=state["typical"],
            next_id=state["next_id"],
            profile_features=tuple(FeatureSpec(**spec) for spec in state["profile_features"]),
        )
