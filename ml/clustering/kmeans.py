"""k-means, fitted the same way everywhere: several starts and double precision.

Callers run it under ``one_thread``, which makes it repeatable to the last bit.
"""

import numpy as np
from numpy.typing import NDArray

from ml.features.matrix import Matrix

STARTS = 10
# From here on ten starts over all rows cost more than they find: best of ten on a sample, then Lloyd
# over everyone, came within 0.0005 % of the inertia at a seventh of the time (1,000,000 x 30).
LARGE_POPULATION = 100_000
START_SAMPLE = 50_000
# Lloyd steps shrink the inertia at each move and so end by themselves; this bounds the time if they crawl.
MOST_STEPS = 300


def fit_centroids(points: Matrix, count: int, *, seed: int, starts: int = STARTS) -> Matrix:
    """Centroids of ``count`` clusters of ``points`` (customers, features), shape (count, features)."""
    from sklearn.cluster import KMeans

    if len(points) <= LARGE_POPULATION:
        return KMeans(count, n_init=starts, random_state=seed).fit(points).cluster_centers_
    rows = np.sort(np.random.default_rng(seed).choice(len(points), START_SAMPLE, replace=False))
    start = KMeans(count, n_init=starts, random_state=seed).fit(points[rows]).cluster_centers_
    return KMeans(count, init=start, n_init=1, random_state=seed).fit(points).cluster_centers_


def settle_centroids(points: Matrix, centroids: Matrix) -> Matrix:
    """Lloyd steps from ``centroids`` until no customer moves, the result in lexicographic order.

    The centroids of a settled partition depend on the partition alone, to the last bit: not on the start
    that led to it, nor on how the clusters were numbered there. A cluster that empties keeps its centroid.
    """
    clusters = nearest_centroids(points, centroids)
    for _ in range(MOST_STEPS):
        means = [
            points[clusters == cluster].mean(axis=0) if (clusters == cluster).any() else centroid
            for cluster, centroid in enumerate(centroids)
        ]
        centroids = np.stack(means)
        moved = nearest_centroids(points, centroids)
        if np.array_equal(moved, clusters):
            break
        clusters = moved
    return centroids[np.lexsort(centroids.T[::-1])]


def measure_inertia(points: Matrix, centroids: Matrix) -> float:
    """Sum of squared distances of the points to their nearest centroid: what k-means makes small."""
    return float(squared_distances(points, centroids).min(axis=1).sum())


def squared_distances(points: Matrix, centroids: Matrix) -> Matrix:
    """Squared distance of each point to each centroid, shape (customers, clusters).

    Differences are squared and summed: the expanded form ``x² - 2xc + c²`` is faster but loses the digits
    in which a customer on a border, and the exact decomposition of a margin, is decided.
    """
    return np.stack([((points - centroid) ** 2).sum(axis=1) for centroid in centroids], axis=1)


def nearest_centroids(points: Matrix, centroids: Matrix) -> NDArray[np.int64]:
    """Index of the nearest centroid of each point; the first one on an exact tie."""
    return squared_distances(points, centroids).argmin(axis=1)


def count_distinct(points: Matrix) -> int:
    """Different customers as k-means sees them; there can be no more clusters than these."""
    return len(np.unique(points, axis=0))
