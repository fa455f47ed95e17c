"""k-means: distances, settling, repeatability."""

import numpy as np
import pytest

from ml.clustering import kmeans
from ml.clustering.kmeans import (
    count_distinct,
    fit_centroids,
    measure_inertia,
    nearest_centroids,
    settle_centroids,
    squared_distances,
)


@pytest.fixture
def points():
    generator = np.random.default_rng(1)
    return np.vstack([generator.normal(centre, 0.3, (40, 2)) for centre in ((0, 0), (5, 0), (0, 5))])


def test_distances_are_squared_and_summed_over_features():
    distances = squared_distances(np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 0.0], [3.0, 0.0]]))
    np.testing.assert_array_equal(distances, [[0.0, 9.0], [25.0, 16.0]])


def test_an_exact_tie_goes_to_the_first_centroid():
    assert nearest_centroids(np.array([[1.0]]), np.array([[0.0], [2.0]])).tolist() == [0]


def test_planted_groups_are_found(points):
    clusters = nearest_centroids(points, fit_centroids(points, 3, seed=1))
    assert [len(set(clusters[start : start + 40].tolist())) for start in (0, 40, 80)] == [1, 1, 1]
    assert len(set(clusters.tolist())) == 3


def test_the_same_seed_gives_the_same_bits(points):
    assert fit_centroids(points, 3, seed=7).tobytes() == fit_centroids(points, 3, seed=7).tobytes()


def test_settled_centroids_do_not_depend_on_how_clusters_were_numbered(points):
    fitted = fit_centroids(points, 3, seed=1)
    assert settle_centroids(points, fitted).tobytes() == settle_centroids(points, fitted[[2, 0, 1]]).tobytes()


def test_settled_centroids_are_the_means_of_their_customers(points):
    settled = settle_centroids(points, np.array([[0.0, 1.0], [4.0, 1.0], [1.0, 4.0]]))
    clusters = nearest_centroids(points, settled)
    for cluster in range(3):
        np.testing.assert_allclose(settled[cluster], points[clusters == cluster].mean(axis=0))


def test_a_centroid_without_customers_stays_where_it_is(points):
    settled = settle_centroids(points, np.array([[0.0, 0.0], [100.0, 100.0]]))
    assert [100.0, 100.0] in settled.tolist()


def test_a_large_population_starts_from_a_sample_and_ends_as_tight(points, monkeypatch):
    everyone = fit_centroids(points, 3, seed=1)
    monkeypatch.setattr(kmeans, "LARGE_POPULATION", 100)
    monkeypatch.setattr(kmeans, "START_SAMPLE", 60)
    sampled = fit_centroids(points, 3, seed=1)
    assert measure_inertia(points, sampled) == pytest.approx(measure_inertia(points, everyone))


def test_equal_customers_count_as_one():
    assert count_distinct(np.array([[1.0, 2.0], [1.0, 2.0], [2.0, 1.0]])) == 2
