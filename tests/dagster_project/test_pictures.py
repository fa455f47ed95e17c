import sys

import polars as pl
import pytest

from dagster_project.pictures import draw_candidates, draw_profiles, draw_reliability
from ml.clustering.assignment import assign_segments
from ml.clustering.profiles import profile_segments

PNG = b"\x89PNG\r\n\x1a\n"
# A page of the UI holds several; each is part of the event log.
LARGEST_BYTES = 150_000


@pytest.fixture(scope="module")
def profile_picture(planted: pl.DataFrame, segment_fit) -> bytes:
    assignments = assign_segments(features=planted, model=segment_fit.model)
    profiles = profile_segments(features=planted, assignments=assignments, model=segment_fit.model)
    return draw_profiles(profiles, planted, assignments, segment_fit.model)


def test_profiles_are_a_small_png(profile_picture):
    assert profile_picture.startswith(PNG)
    assert 5_000 < len(profile_picture) < LARGEST_BYTES


def test_candidates_are_a_small_png(segment_fit):
    picture = draw_candidates(segment_fit.candidates)
    assert picture.startswith(PNG)
    assert len(picture) < LARGEST_BYTES


def test_reliability_is_a_small_png(churn_fit):
    picture = draw_reliability(churn_fit.reliability)
    assert picture.startswith(PNG)
    assert len(picture) < LARGEST_BYTES


def test_same_figures_give_the_same_picture(segment_fit):
    assert draw_candidates(segment_fit.candidates) == draw_candidates(segment_fit.candidates)


def test_other_figures_give_another_picture(segment_fit):
    worse = segment_fit.candidates.with_columns(pl.col("silhouette") / 2)
    assert draw_candidates(worse) != draw_candidates(segment_fit.candidates)


def test_pictures_need_no_display(profile_picture):
    assert profile_picture
    assert "matplotlib.pyplot" not in sys.modules
