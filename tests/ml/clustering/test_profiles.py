"""Profiles: sizes, money, traits and sentences per segment."""

import json

import polars as pl
import pytest

from ml.clustering.assignment import assign_segments
from ml.clustering.profiles import profile_segments
from tests.factories import make_features


@pytest.fixture
def profiles(planted, fit):
    assignments = assign_segments(features=planted, model=fit.model)
    return profile_segments(features=planted, assignments=assignments, model=fit.model)


def profile_of(profiles, name):
    return profiles.filter(pl.col("segment_name") == name).row(0, named=True)


def test_shares_of_customers_and_revenue_add_up_to_one(profiles):
    assert profiles["customers"].to_list() == [60, 60, 60, 60]
    assert profiles["customer_share"].sum() == pytest.approx(1.0)
    assert profiles["revenue_share"].sum() == pytest.approx(1.0)


def test_medians_are_those_of_the_segment_s_customers(profiles, planted):
    loyal = planted.filter(pl.col("planted") == "loyal")
    profile = profile_of(profiles, "Loyal regulars")
    assert profile["median_order_count"] == pytest.approx(loyal["order_count"].median())
    assert profile["median_net_revenue_90d"] == pytest.approx(loyal["net_revenue_90d"].median())


def test_traits_tell_what_sets_a_segment_apart(profiles):
    traits = json.loads(profile_of(profiles, "Discount seekers")["distinctive_traits"])
    first = {trait["feature"]: trait for trait in traits[:2]}
    assert set(first) == {"coupon_share", "discount_share"}
    assert first["coupon_share"]["segment_median"] > 10 * first["coupon_share"]["population_median"]
    assert all(trait["z"] > 1 for trait in first.values())


def test_a_typical_customer_is_told_in_a_sentence(profiles):
    sentence = profile_of(profiles, "Loyal regulars")["typical_customer"]
    assert sentence.startswith("Ordered ")
    assert " times in the last year, spends " in sentence
    assert sentence.endswith("days ago.")


def test_evidence_and_play_belong_to_the_name(profiles):
    lapsed = profile_of(profiles, "Lapsed")
    assert lapsed["name_evidence"].startswith("orders in the last 90 days 0 (everyone ")
    assert "win-back" in lapsed["play"]


def test_a_segment_without_customers_has_a_row_without_figures(fit):
    loyal_only = make_features({"loyal": 20})
    assignments = assign_segments(features=loyal_only, model=fit.model)
    profiles = profile_segments(features=loyal_only, assignments=assignments, model=fit.model)
    empty = profile_of(profiles, "Lapsed")
    assert (empty["customers"], empty["median_order_count"], empty["distinctive_traits"]) == (0, None, "[]")
    assert empty["typical_customer"] == "No customer at present."


def test_assigned_customers_without_features_are_counted_by_segment_and_not_named(planted, fit):
    assignments = assign_segments(features=planted, model=fit.model)
    segments = assignments.filter(pl.col("customer_id").is_in(["c0001", "c0002"]))["segment_id"].unique().sort()
    without = planted.filter(~pl.col("customer_id").is_in(["c0001", "c0002"]))
    with pytest.raises(ValueError, match="2 of 240 assigned customers have no feature row") as error:
        profile_segments(features=without, assignments=assignments, model=fit.model)
    assert f"in segments {segments.to_list()}" in str(error.value)
    assert "c000" not in str(error.value)
