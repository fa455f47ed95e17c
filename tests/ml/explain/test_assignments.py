"""Reasons for a segment: they add up exactly, and they can be read."""

import polars as pl
import pytest

from ml.clustering.segmentation import fit_segmentation
from ml.explain.assignments import explain_assignments
from ml.features.matrix import sort_customers
from tests.factories import AS_OF, make_features, make_segmentation_config


@pytest.fixture(scope="module")
def planted():
    return make_features()


@pytest.fixture(scope="module")
def model(planted):
    config = make_segmentation_config(segments={"minimum": 4, "maximum": 4})
    return fit_segmentation(features=planted, outcomes=None, config=config, cut_off=AS_OF, previous=None, seed=1).model


def test_all_contributions_of_a_customer_add_up_to_the_margin(planted, model):
    reasons = explain_assignments(features=planted, model=model, top=len(model.preprocessing.columns))
    sums = reasons.group_by("customer_id").agg(pl.col("contribution").sum()).sort("customer_id")
    _, squared = model.measure_distances(sort_customers(planted))
    squared.sort(axis=1)
    assert sums["contribution"].to_list() == pytest.approx((squared[:, 1] - squared[:, 0]).tolist(), abs=1e-9)


def test_reasons_are_ranked_by_absolute_size(planted, model):
    reasons = explain_assignments(features=planted, model=model, top=4)
    sizes = reasons.with_columns(pl.col("contribution").abs())
    for _, own in sizes.group_by("customer_id"):
        assert own.sort("rank")["contribution"].is_sorted(descending=True)
    assert reasons["rank"].max() == 4


def test_a_coupon_customer_is_explained_by_coupons(planted, model):
    customers = planted.filter(pl.col("planted") == "coupon").sort("customer_id").head(1)
    row = explain_assignments(features=customers, model=model, top=1).row(0, named=True)
    assert row["feature"] in {"coupon_share", "discount_share"}
    assert row["contribution"] > 0
    assert row["feature_value"] == pytest.approx(customers[row["feature"]].item())
    assert "; usual in this segment: " in row["sentence"]
    assert "_" not in row["sentence"]


def test_a_reason_that_speaks_against_the_segment_says_so(planted, model):
    reasons = explain_assignments(features=planted, model=model, top=20)
    for contribution, sentence in reasons.select("contribution", "sentence").iter_rows():
        assert (", which speaks against this segment; usual in this segment: " in sentence) == (contribution < 0)
    assert reasons["contribution"].min() < 0


def test_an_unknown_value_is_told_as_not_known(planted, model):
    unknown = planted.head(1).with_columns(pl.lit(None, dtype=pl.Float64).alias("average_order_value"))
    reasons = explain_assignments(features=unknown, model=model, top=20)
    row = reasons.filter(pl.col("feature") == "average_order_value").row(0, named=True)
    assert row["feature_value"] is None
    assert row["sentence"].startswith("Average order value: not known; usual in this segment: ")
