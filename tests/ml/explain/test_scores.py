"""Reasons for a score: exact on the log-odds scale for every kind of model, and readable."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from ml.explain.scores import explain_scores
from ml.supervised.calibration import Calibration
from ml.supervised.candidates import CANDIDATES, CalibratedScorer, fit_candidate
from ml.supervised.labels import label_rows
from ml.supervised.model import PredictionModel
from ml.supervised.scorers import to_log_odds
from ml.supervised.scoring import score_customers
from tests.factories import make_history, make_prediction_config

HORIZON = 28


@pytest.fixture(scope="module")
def shop():
    return make_history(customers=150)


@pytest.fixture(scope="module", params=CANDIDATES)
def model(request, shop):
    rows = label_rows(shop.features, shop.labels, horizon_days=HORIZON, known_on=shop.as_of_dates[-1])
    fitted = fit_candidate(request.param, rows, make_prediction_config(), seed=1)
    # A slope of its own shows whether contributions go through the calibration as the score does.
    calibrated = CalibratedScorer(fitted.scorer, Calibration("sigmoid", slope=0.5, shift=-0.2))
    return PredictionModel("churn", "Churn", HORIZON, date(2023, 8, 28), 1, calibrated)


@pytest.fixture
def customers(shop):
    return shop.features.filter(pl.col("as_of_date") == shop.as_of_dates[-2])


def test_all_contributions_differ_between_customers_as_their_log_odds_do(customers, model, shop):
    reasons = explain_scores(features=customers, model=model, top=len(model.scorer.features))
    sums = reasons.group_by("customer_id").agg(pl.col("contribution").sum()).sort("customer_id")["contribution"]
    scores = score_customers(features=customers, model=model, as_of_date=shop.as_of_dates[-2])
    log_odds = to_log_odds(scores["value"].to_numpy())
    np.testing.assert_allclose(sums.to_numpy() - sums[0], log_odds - log_odds[0], atol=1e-6)


def test_every_scored_customer_has_a_reason_and_nobody_else(customers, model, shop):
    scores = score_customers(features=customers, model=model, as_of_date=shop.as_of_dates[-2])
    reasons = explain_scores(features=customers, model=model, top=1)
    assert reasons["customer_id"].to_list() == scores["customer_id"].to_list()
    assert set(reasons["subject"]) == {"churn"}


def test_a_sentence_tells_value_usual_value_and_direction(customers, model):
    reasons = explain_scores(features=customers, model=model, top=2)
    different = reasons.filter(pl.col("sentence").str.contains("(usual: ", literal=True))
    for row in different.head(20).iter_rows(named=True):
        direction = "raises" if row["contribution"] > 0 else "lowers"
        assert row["sentence"].endswith(f"which {direction} the probability of churn.")
        assert "_" not in row["sentence"]
    assert different.height


def test_a_usual_value_is_not_said_to_be_unusual(customers, model):
    reasons = explain_scores(features=customers, model=model, top=len(model.scorer.features))
    usual = reasons.filter((pl.col("feature_value") - pl.col("usual_value")).abs() <= 0.1 * pl.col("usual_value"))
    for row in usual.iter_rows(named=True):
        goes_with = (
            f"that level goes with a {'higher' if row['contribution'] > 0 else 'lower'} probability of churn."
            if row["contribution"]
            else "that leaves the probability of churn as it is."
        )
        assert ", close to the usual (" in row["sentence"]
        assert row["sentence"].endswith(f"); {goes_with}")
    assert usual.height
