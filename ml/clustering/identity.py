"""Which segment of a new fit is which segment of the old one: identities are kept, never reused."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.clustering.stability import measure_overlaps

# At an overlap of one half or less a cluster counts as dissolved, not as changed: Hennig (2008),
# "Dissolution point and isolation robustness", Journal of Multivariate Analysis 99.
DISSOLVED_AT = 0.5


@dataclass(frozen=True)
class SegmentIdentities:
    """``segment_ids``: one identity a cluster, in the clusters' order; ``next_id``: the next never-used one.

    ``overlaps``: of each kept identity, the Jaccard overlap of its old and new members.
    """

    segment_ids: tuple[int, ...]
    next_id: int
    overlaps: dict[int, float]


def number_segments(clusters: NDArray[np.int64], count: int, *, next_id: int = 1) -> SegmentIdentities:
    """Fresh identities by size: the largest cluster gets ``next_id``."""
    return _give_identities(clusters, count, kept={}, next_id=next_id)


def match_segments(
    clusters: NDArray[np.int64],
    count: int,
    standing: NDArray[np.int64],
    known_ids: tuple[int, ...],
    next_id: int,
) -> SegmentIdentities:
    """Identities of new clusters, given where the old model puts the same customers.

    ``standing`` counts the old segments from 0, in the order of their ``known_ids``. Old and new segments
    are paired so that the overlaps add up to the most; a pair that overlaps by more than one half keeps
    the old identity, any other cluster is a new segment.
    """
    from scipy.optimize import linear_sum_assignment

    overlaps = measure_overlaps(clusters, standing, count, len(known_ids))
    pairs = zip(*linear_sum_assignment(overlaps, maximize=True), strict=True)
    kept = {
        int(cluster): (known_ids[position], float(overlaps[cluster, position]))
        for cluster, position in pairs
        if overlaps[cluster, position] > DISSOLVED_AT
    }
    return _give_identities(clusters, count, kept=kept, next_id=next_id)


def _give_identities(
    clusters: NDArray[np.int64], count: int, *, kept: dict[int, tuple[int, float]], next_id: int
) -> SegmentIdentities:
    sizes = np.bincount(clusters, minlength=count)
    new = [cluster for cluster in np.argsort(-sizes, kind="stable").tolist() if cluster not in kept]
    given = {cluster: next_id + offset for offset, cluster in enumerate(new)}
    return SegmentIdentities(
        segment_ids=tuple(kept[cluster][0] if cluster in kept else given[cluster] for cluster in range(count)),
        next_id=next_id + len(new),
        overlaps=dict(sorted(kept.values())),
    )
