"""How well the clusters of a fit come back when the customers are drawn again."""

import numpy as np
from numpy.typing import NDArray

from ml.clustering.kmeans import fit_centroids, nearest_centroids
from ml.features.matrix import Matrix

# A resample is one of many; its own best of three starts is enough to recognise a cluster that exists.
RESAMPLE_STARTS = 3


def measure_overlaps(first: NDArray[np.int64], second: NDArray[np.int64], rows: int, columns: int) -> Matrix:
    """Jaccard overlap of each cluster of ``first`` with each of ``second``, shape (rows, columns)."""
    both = np.zeros((rows, columns))
    np.add.at(both, (first, second), 1.0)
    either = both.sum(axis=1)[:, None] + both.sum(axis=0)[None, :] - both
    return np.divide(both, either, out=np.zeros_like(both), where=either > 0)


def measure_stability(points: Matrix, centroids: Matrix, *, resamples: int, seed: int) -> NDArray[np.float64]:
    """Mean overlap of each cluster with its best counterpart over bootstrap resamples, shape (clusters,).

    Hennig (2007), "Cluster-wise assessment of cluster stability", Computational Statistics & Data
    Analysis 52: a cluster below 0.6 should not be trusted. Both clusterings are compared on the distinct
    customers of the resample, as in his ``clusterboot``.
    """
    generator = np.random.default_rng(seed)
    count = len(centroids)
    original = nearest_centroids(points, centroids)
    best = np.empty((resamples, count))
    for resample in range(resamples):
        drawn = generator.integers(0, len(points), len(points))
        again = fit_centroids(points[drawn], count, seed=seed + resample, starts=RESAMPLE_STARTS)
        members = np.unique(drawn)
        overlaps = measure_overlaps(original[members], nearest_centroids(points[members], again), count, count)
        best[resample] = overlaps.max(axis=1)
    return best.mean(axis=0)
