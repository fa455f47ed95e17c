"""Overlaps of clusterings and how clusters come back in resamples."""

import numpy as np

from ml.clustering.kmeans import fit_centroids
from ml.clustering.stability import measure_overlaps, measure_stability


def test_an_overlap_is_shared_members_over_all_members():
    overlaps = measure_overlaps(np.array([0, 0, 0, 1]), np.array([1, 1, 0, 0]), 2, 2)
    # Old 0 has three members and shares two with new 1 (of three in all), one with new 0 (of four).
    np.testing.assert_allclose(overlaps, [[1 / 4, 2 / 3], [1 / 2, 0.0]])


def test_separate_groups_come_back_whole():
    generator = np.random.default_rng(1)
    points = np.vstack([generator.normal(centre, 0.1, (30, 2)) for centre in ((0, 0), (9, 0), (0, 9))])
    stability = measure_stability(points, fit_centroids(points, 3, seed=1), resamples=10, seed=1)
    np.testing.assert_array_equal(stability, [1.0, 1.0, 1.0])


def test_a_cut_through_one_group_does_not_come_back():
    points = np.random.default_rng(1).normal(0, 1, (200, 4))
    stability = measure_stability(points, fit_centroids(points, 4, seed=1), resamples=10, seed=1)
    assert stability.min() < 0.6


def test_the_same_seed_gives_the_same_stability():
    points = np.random.default_rng(1).normal(0, 1, (60, 2))
    centroids = fit_centroids(points, 3, seed=1)
    first, second = (measure_stability(points, centroids, resamples=10, seed=4) for _ in range(2))
    assert first.tobytes() == second.tobytes()
