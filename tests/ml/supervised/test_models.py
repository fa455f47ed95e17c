"""Logistic regression and boosting: repeatable, decomposable, restored from their state."""

import numpy as np
import polars as pl
import pytest

from ml.supervised.boosting import BoostedTrees, fit_boosting
from ml.supervised.logistic import LogisticModel, fit_logistic
from ml.supervised.scorers import to_log_odds, to_probability
from tests.factories import make_prediction_config

SPECS = make_prediction_config().features


def fit_trees(rows):
    return fit_boosting(rows, SPECS, trees=20, seed=1)


def fit_line(rows):
    return fit_logistic(rows, SPECS)


BOTH = pytest.mark.parametrize("fit", [fit_line, fit_trees])


@BOTH
def test_two_fits_of_the_same_rows_score_the_same_bits(fit, labelled):
    assert fit(labelled).score(labelled).tobytes() == fit(labelled).score(labelled).tobytes()


@BOTH
def test_contributions_and_a_constant_make_up_the_log_odds(fit, labelled):
    model = fit(labelled)
    constants = model.score(labelled) - model.contribute(labelled).sum(axis=1)
    np.testing.assert_allclose(constants, constants[0], atol=1e-9)


@BOTH
def test_features_that_the_shop_lacks_are_left_out_by_name(fit, labelled):
    model = fit(labelled)
    assert model.left_out["coupon_share"] == "not in the data"
    assert "coupon_share" not in [spec.name for spec in model.features]


@BOTH
def test_fickle_customers_score_higher(fit, labelled):
    scored = labelled.with_columns(pl.Series("score", fit(labelled).score(labelled)))
    means = scored.group_by(pl.col("average_order_value") < 40).agg(pl.col("score").mean())
    by_fickle = dict(means.rows())
    assert by_fickle[True] > by_fickle[False]


@BOTH
def test_a_model_survives_its_state(fit, labelled):
    model = fit(labelled)
    kind = LogisticModel if fit is fit_line else BoostedTrees
    assert kind.from_state(model.state()).score(labelled).tobytes() == model.score(labelled).tobytes()


@BOTH
def test_no_customer_gives_no_score_and_no_contribution(fit, labelled):
    model = fit(labelled)
    nobody = labelled.head(0)
    assert model.score(nobody).shape == (0,)
    assert model.contribute(nobody).shape == (0, len(model.features))


def test_an_average_customer_has_no_logistic_contributions(labelled):
    assert np.abs(fit_line(labelled).contribute(labelled).mean(axis=0)).max() < 1e-9


def test_log_odds_and_probabilities_invert_each_other():
    probabilities = np.array([0.01, 0.5, 0.99])
    np.testing.assert_allclose(to_probability(to_log_odds(probabilities)), probabilities)
    assert to_probability(np.array([-1e4, 1e4])).tolist() == [0.0, 1.0]
