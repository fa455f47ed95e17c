"""Fitting a whole prediction, its card, degenerate inputs, and the scores of its model."""

from datetime import timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ml.supervised.prediction import fit_prediction
from ml.supervised.scoring import score_customers
from tests.factories import make_history, make_prediction_config


def fit_on(shop, *, standing=None, cut_off=None, features=None, **changes):
    return fit_prediction(
        features=shop.features if features is None else features,
        labels=shop.labels,
        order_gaps=shop.order_gaps,
        config=make_prediction_config(**changes),
        cut_off=cut_off or shop.as_of_dates[-1],
        standing=standing,
        seed=1,
    )


@pytest.fixture(scope="module")
def fit(shop):
    return fit_on(shop)


@pytest.fixture(scope="module")
def scores(fit, shop):
    latest = shop.features.filter(pl.col("as_of_date") == shop.as_of_dates[-1])
    return score_customers(features=latest, model=fit.model, as_of_date=shop.as_of_dates[-1])


def test_a_model_that_beats_the_naive_rule_is_fitted_and_may_score(fit):
    assert fit.card["method"] in {"logistic", "boosting"}
    assert fit.is_promotable
    assert fit.card["metrics"]["log_loss"] < fit.card["naive_metrics"]["log_loss"]


def test_the_card_says_horizon_window_and_test_dates(fit, shop):
    assert fit.card["horizon_days"] == fit.model.horizon_days == 28
    assert fit.card["training_window"] == [str(shop.as_of_dates[0]), str(shop.as_of_dates[-2])]
    assert fit.card["test_dates"] == [str(day) for day in shop.as_of_dates[-3:-1]]
    assert fit.card["test_note"] == "History allows 2 test dates; 4 or more would be surer."


def test_the_curve_counts_every_tested_row_once(fit):
    counts = fit.reliability.group_by("candidate").agg(pl.col("customers").sum()).rows()
    assert dict(counts) == dict(fit.candidates.select("candidate", "rows").rows())


def test_the_same_inputs_and_seed_give_the_same_tables_and_model(fit, shop):
    again = fit_on(shop)
    assert_frame_equal(again.candidates, fit.candidates)
    assert again.card == fit.card
    assert str(again.model.state()) == str(fit.model.state())


def test_permuted_rows_give_the_same_tables(fit, shop):
    shuffled = fit_on(shop, features=shop.features.sample(fraction=1.0, shuffle=True, seed=4))
    assert_frame_equal(shuffled.candidates, fit.candidates)


def test_rows_after_the_cut_off_change_nothing(shop):
    cut_off = shop.as_of_dates[-2]
    known = fit_on(shop, cut_off=cut_off)
    without = fit_on(shop, cut_off=cut_off, features=shop.features.filter(pl.col("as_of_date") <= cut_off))
    assert known.card == without.card


def test_too_few_of_an_outcome_give_no_model_and_a_reason(shop):
    fit = fit_on(shop, minimum_of_each_outcome=10_000)
    assert fit.model is None
    assert not fit.is_promotable
    assert fit.card["reason"].startswith("of the customers at as-of dates whose next 28 days were over by ")
    assert fit.card["reason"].endswith("10,000 of each are needed, so there is no model")
    assert fit.candidates.is_empty()
    assert fit.by_date.is_empty()
    assert fit.reliability.is_empty()


def test_too_few_repeat_orders_give_no_model_and_a_reason():
    fit = fit_on(make_history(customers=3, months=2))
    assert fit.model is None
    assert "gaps between orders are known" in fit.card["reason"]


def test_a_history_too_short_to_test_leaves_the_naive_rule_and_says_so(shop):
    short = fit_on(shop, cut_off=shop.as_of_dates[1], minimum_of_each_outcome=10)
    assert short.card["method"] == "naive"
    assert short.card["test_note"].startswith("No date could be tested")
    assert short.card["metrics"] is None
    assert short.is_promotable


def test_a_retrain_on_the_same_cut_off_may_replace_its_equal(fit, shop):
    again = fit_on(shop, standing=fit.model)
    assert again.is_promotable
    assert again.card["promotion"] == "No test date lies after the standing champion's training."


def test_a_later_fit_that_is_no_better_leaves_the_standing_champion(shop):
    standing = fit_on(shop, cut_off=shop.as_of_dates[-2]).model
    later = fit_on(shop, standing=standing)
    assert not later.is_promotable
    assert later.model is not None


def test_scores_cover_the_population_only(scores, shop):
    latest = shop.features.filter(pl.col("as_of_date") == shop.as_of_dates[-1])
    active = latest.filter(pl.col("days_since_last_order") < 28)
    assert scores["customer_id"].to_list() == active["customer_id"].sort().to_list()
    assert scores["is_in_population"].all()
    assert scores["horizon_days"].unique().to_list() == [28]


def test_deciles_run_from_the_highest_values_in_equal_parts(scores):
    sizes = scores.group_by("decile").len().sort("decile")["len"]
    assert sizes.max() - sizes.min() <= 1
    lowest = scores.group_by("decile").agg(pl.col("value").min(), pl.col("value").max().alias("top")).sort("decile")
    assert (lowest["value"].head(9) >= lowest["top"].tail(9)).all()


def test_rows_of_another_date_are_not_scored(fit, shop):
    with pytest.raises(ValueError, match="are of other dates than"):
        score_customers(features=shop.features, model=fit.model, as_of_date=shop.as_of_dates[-1] + timedelta(days=1))


def test_nobody_in_the_population_gives_no_scores(fit, shop):
    away = shop.features.filter(pl.col("as_of_date") == shop.as_of_dates[-1]).with_columns(
        days_since_last_order=pl.lit(500.0)
    )
    scores = score_customers(features=away, model=fit.model, as_of_date=shop.as_of_dates[-1])
    assert scores.is_empty()
