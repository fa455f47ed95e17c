"""Fitting a whole segmentation: identity across retrains, repeatability, degenerate inputs."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from ml.clustering.assignment import assign_segments
from ml.clustering.profiles import profile_segments
from ml.clustering.segmentation import fit_segmentation
from ml.errors import NotEnoughDataError
from ml.explain.assignments import explain_assignments
from tests.factories import AS_OF, make_features, make_segmentation_config


def fit_on(customers, *, outcomes=None, previous=None, seed=1, **changes):
    return fit_segmentation(
        features=customers,
        outcomes=outcomes,
        config=make_segmentation_config(**changes),
        cut_off=AS_OF,
        previous=previous,
        seed=seed,
    )


def ids_by_group(features, model):
    assigned = features.join(assign_segments(features=features, model=model), on="customer_id")
    return dict(assigned.group_by("planted").agg(pl.col("segment_id").mode().first()).rows())


def make_outcomes(features, days_before, revenue=None):
    values = pl.col("net_revenue_90d") if revenue is None else pl.lit(revenue, dtype=pl.Float64)
    return features.with_columns(as_of_date=AS_OF - timedelta(days=days_before), net_revenue_next_90d=values)


def test_the_card_tells_what_was_fitted_and_what_was_left_out(fit):
    assert fit.card["segment_count"] == 4
    assert fit.card["training_rows"] == 240
    assert fit.card["features_left_out"] == {"campaign_response_rate": "not in the data"}
    assert not fit.card["is_fallback"]
    assert fit.card["segments_new"] == [1, 2, 3, 4]


def test_a_retrain_on_unchanged_data_changes_no_bit(planted, fit):
    again = fit_on(planted, previous=fit.model)
    assert again.model.segment_ids == fit.model.segment_ids
    assert again.model.centroids.tobytes() == fit.model.centroids.tobytes()
    assert again.model.segment_names == fit.model.segment_names
    assert again.model.next_id == fit.model.next_id


def test_permuted_rows_give_the_same_model(planted, fit):
    shuffled = fit_on(planted.sample(fraction=1.0, shuffle=True, seed=5))
    assert shuffled.model.centroids.tobytes() == fit.model.centroids.tobytes()


def test_another_seed_finds_the_same_planted_groups(planted, fit):
    other = fit_on(planted, seed=99)
    first = assign_segments(features=planted, model=fit.model)["segment_name"]
    assert assign_segments(features=planted, model=other.model)["segment_name"].equals(first)


def test_identities_survive_when_sizes_change(planted, fit):
    changed = make_features({"loyal": 90, "lapsed": 30, "coupon": 70, "new": 40}, seed=2)
    retrained = fit_on(changed, previous=fit.model)
    assert ids_by_group(changed, retrained.model) == ids_by_group(planted, fit.model)


def test_a_group_that_appears_gets_a_new_identity_and_one_that_left_is_never_reused(planted):
    three = planted.filter(pl.col("planted") != "coupon")
    first = fit_on(three, segments={"minimum": 3, "maximum": 3})
    second = fit_on(planted, previous=first.model, segments={"minimum": 4, "maximum": 4})
    before, after = ids_by_group(three, first.model), ids_by_group(planted, second.model)
    assert {group: after[group] for group in before} == before
    assert after["coupon"] == 4
    back = fit_on(three, previous=second.model, segments={"minimum": 3, "maximum": 3})
    assert back.model.next_id == 5
    assert back.card["segments_gone"] == [4]


def test_later_revenue_is_taken_from_an_earlier_date_that_is_over(planted):
    outcomes = make_outcomes(planted, days_before=90)
    explained = fit_on(planted, outcomes=outcomes).card["metrics"]["revenue_variance_explained"]
    assert explained > 0.5


@pytest.mark.parametrize("outcome", [{"days_before": 89}, {"days_before": 120, "revenue": None}])
def test_revenue_that_is_not_known_at_the_cut_off_is_not_used(planted, outcome):
    outcomes = make_outcomes(planted, outcome["days_before"])
    if "revenue" in outcome:
        outcomes = outcomes.with_columns(net_revenue_next_90d=pl.lit(None, dtype=pl.Float64))
    assert fit_on(planted, outcomes=outcomes).card["metrics"]["revenue_variance_explained"] is None


def repeat_first(customers, times):
    ids = pl.int_range(pl.len()).cast(pl.String).str.zfill(3)
    return pl.concat([customers.head(1)] * times).with_columns(customer_id=ids)


@pytest.mark.parametrize(
    ("customers", "reason"),
    [
        (make_features().head(1), "4 segments of at least 30 customers need 120 customers, and 1 can be segmented."),
        (make_features().head(30), "4 segments of at least 30 customers need 120 customers, and 30 can be segmented."),
        (repeat_first(make_features(), 250), "no feature tells the customers apart, and 2 are needed."),
    ],
    ids=["one", "thirty", "identical"],
)
def test_customers_who_are_too_few_or_alike_are_one_segment_that_scores(customers, reason):
    fit = fit_on(customers)
    assert fit.card["is_fallback"]
    assert fit.card["choice"] == f"All customers are one segment: {reason}"
    assert fit.candidates.rows(named=True)[0]["reason"] == fit.card["choice"]
    assignments = assign_segments(features=customers, model=fit.model)
    assert assignments["segment_name"].unique().to_list() == ["All customers"]
    assert assignments["strength"].unique().to_list() == [1.0]
    assert assignments.schema["next_segment_id"] == pl.Int64
    assert assignments["next_segment_id"].null_count() == customers.height
    (profile,) = profile_segments(features=customers, assignments=assignments, model=fit.model).rows(named=True)
    assert (profile["customers"], profile["name_evidence"]) == (customers.height, fit.card["choice"])
    assert profile["play"].startswith("No standing play; try one offer")
    assert explain_assignments(features=customers, model=fit.model).is_empty()


def test_one_segment_is_fitted_again_with_the_same_identity_and_to_the_same_bit(planted):
    first = fit_on(planted.head(30))
    again = fit_on(planted.head(30), previous=first.model)
    assert again.model.segment_ids == first.model.segment_ids == (1,)
    assert again.model.centroids.tobytes() == first.model.centroids.tobytes()


def test_one_segment_gives_way_when_there_are_enough_customers(planted):
    first = fit_on(repeat_first(planted, 250))
    grown = fit_on(planted, previous=first.model)
    assert grown.model.segment_ids == (2, 3, 4, 5)


def test_no_customer_is_reported_as_such(planted):
    with pytest.raises(NotEnoughDataError, match="there is no customer to segment"):
        fit_on(planted.head(0))


def test_an_old_model_over_columns_that_are_gone_gives_new_identities(planted, fit):
    without = planted.drop("coupon_share")
    specs = tuple(spec for spec in make_segmentation_config().features if spec.name != "coupon_share")
    retrained = fit_on(without, previous=fit.model, features=specs)
    assert min(retrained.model.segment_ids) == fit.model.next_id


def test_segments_of_no_structure_are_flagged_as_a_fallback():
    generator = np.random.default_rng(1)
    noise = make_features({"loyal": 80}, seed=8).with_columns(
        pl.Series(name, generator.normal(50, 10, 80)) for name in ("average_order_value", "tenure_days")
    )
    fit = fit_on(noise, segments={"minimum": 7, "maximum": 8}, smallest_customers=1)
    assert fit.card["is_fallback"]
    assert not fit.candidates["is_offered"].any()
    assert fit.candidates["is_chosen"].sum() == 1
