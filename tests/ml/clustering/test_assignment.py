"""Assignments: nearest segment, strength, next-nearest, and nothing learned while scoring."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ml.clustering.assignment import assign_segments
from ml.features.preprocessing import fit_preprocessing
from tests.factories import AS_OF, make_spec


@pytest.fixture
def line_model(fit):
    """Segments 3 and 8 with centres 0 and 4 on one feature that is used as it is (mean 0, deviation 1)."""
    preprocessing = fit_preprocessing(pl.DataFrame({"orders": [-1.0, 1.0] * 50}), [make_spec()])
    wide = replace(preprocessing, lower=np.array([-99.0]), upper=np.array([99.0]))
    return replace(
        fit.model,
        preprocessing=wide,
        segment_ids=(3, 8),
        segment_names=("Low", "High"),
        centroids=np.array([[0.0], [4.0]]),
        typical=np.array([[0.0], [4.0]]),
    )


def assign_one(orders, model):
    frame = pl.DataFrame({"customer_id": ["a"], "as_of_date": [AS_OF], "orders": [float(orders)]})
    return assign_segments(features=frame, model=model).row(0, named=True)


def test_a_customer_belongs_to_the_nearest_segment_and_knows_the_next(line_model):
    row = assign_one(3, line_model)
    assert (row["segment_id"], row["segment_name"], row["next_segment_id"]) == (8, "High", 3)
    # One from its own centre and three from the other's: 1 - 1/3.
    assert (row["distance"], row["strength"]) == (1.0, pytest.approx(2 / 3))


def test_a_customer_on_the_border_has_no_strength(line_model):
    assert assign_one(2, line_model)["strength"] == 0.0


def test_a_customer_at_the_centre_has_full_strength(line_model):
    assert assign_one(4, line_model)["strength"] == 1.0


def test_coinciding_centres_give_no_strength(line_model):
    same = replace(line_model, centroids=np.array([[4.0], [4.0]]))
    assert assign_one(4, same)["strength"] == 0.0


def test_planted_groups_are_assigned_as_a_whole(planted, fit):
    assigned = planted.join(assign_segments(features=planted, model=fit.model), on="customer_id")
    pairs = assigned.group_by("planted").agg(pl.col("segment_name").unique())
    assert dict(pairs.rows()) == {
        "coupon": ["Discount seekers"],
        "lapsed": ["Lapsed"],
        "loyal": ["Loyal regulars"],
        "new": ["New high-potential"],
    }


def test_permuted_rows_give_the_same_assignments(planted, fit):
    shuffled = planted.sample(fraction=1.0, shuffle=True, seed=3)
    first = assign_segments(features=planted, model=fit.model)
    assert_frame_equal(assign_segments(features=shuffled, model=fit.model), first)


def test_the_segment_of_a_customer_does_not_depend_on_who_else_is_scored(planted, fit):
    alone = assign_segments(features=planted.filter(pl.col("customer_id") == "c0007"), model=fit.model)
    among = assign_segments(features=planted, model=fit.model)
    assert_frame_equal(alone, among.filter(pl.col("customer_id") == "c0007"))
