"""Who may score: intervals decide, and the standing champion is compared on dates it had not seen."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl
import pytest

from ml.supervised.calibration import NO_CALIBRATION
from ml.supervised.candidates import CalibratedScorer
from ml.supervised.champion import compare_candidates, judge_promotion
from ml.supervised.model import PredictionModel
from ml.supervised.scorers import to_log_odds
from tests.factories import make_prediction_config

CONFIG = make_prediction_config()
TESTED = date(2024, 5, 31)
TRUTH = np.where(np.arange(400) % 2 == 0, 0.2, 0.7)


@dataclass(frozen=True)
class FixedScorer:
    """Scores every customer as the column ``guess`` says."""

    kind: str

    def score(self, features):
        return to_log_odds(features["guess"].to_numpy())


def make_model(kind="boosting", *, horizon_days=28, cut_off=date(2024, 4, 30)):
    scorer = CalibratedScorer(FixedScorer(kind), NO_CALIBRATION)
    return PredictionModel("churn", "Churn", horizon_days, cut_off, 1, scorer)


def make_predictions(**predicted):
    outcome = np.random.default_rng(1).random(400) < TRUTH
    return pl.concat(
        pl.DataFrame(
            {
                "candidate": [kind] * 400,
                "test_date": [TESTED] * 400,
                "customer_id": [f"c{n:03d}" for n in range(400)],
                "churned": outcome,
                "predicted": values,
            }
        )
        for kind, values in predicted.items()
    )


def blurred(by, seed):
    return np.clip(TRUTH + np.random.default_rng(seed).normal(0, by, 400), 0.02, 0.98)


FLAT = np.full(400, 0.45)


def chosen_of(predictions):
    return compare_candidates(predictions, CONFIG, seed=1).filter("is_chosen")["candidate"].item()


def judge(model, standing, predictions, guess=FLAT):
    features = pl.DataFrame(
        {"customer_id": [f"c{n:03d}" for n in range(400)], "as_of_date": [TESTED] * 400, "guess": guess}
    )
    return judge_promotion(model, standing, predictions, features, CONFIG, seed=1)


def test_the_best_of_those_surely_better_than_the_naive_rule_is_chosen():
    assert chosen_of(make_predictions(naive=FLAT, logistic=blurred(0.1, 2), boosting=TRUTH)) == "boosting"
    assert chosen_of(make_predictions(naive=FLAT, logistic=TRUTH, boosting=blurred(0.1, 2))) == "logistic"


def test_a_model_better_only_by_chance_leaves_the_naive_rule():
    near = np.clip(TRUTH + 0.001, 0, 1)
    table = compare_candidates(make_predictions(naive=blurred(0.02, 3), logistic=near, boosting=TRUTH), CONFIG, seed=1)
    assert table.filter("is_chosen")["candidate"].item() == "naive"
    assert (
        table.filter(pl.col("candidate") == "naive")["reason"].item()
        == "Chosen: no model is surely better than this simple rule."
    )


def test_the_naive_rule_has_figures_and_no_difference_to_itself():
    table = compare_candidates(make_predictions(naive=FLAT, logistic=TRUTH, boosting=TRUTH), CONFIG, seed=1)
    naive, logistic, _ = table.iter_rows(named=True)
    assert naive["log_loss"] > logistic["log_loss"]
    assert naive["log_loss_difference"] is None
    assert logistic["log_loss_difference"] == pytest.approx(logistic["log_loss"] - naive["log_loss"])
    assert logistic["log_loss_difference_low"] < logistic["log_loss_difference"] < 0


def test_the_first_model_meets_no_standing_champion():
    verdict = judge(make_model(), None, make_predictions(boosting=TRUTH))
    assert (verdict.is_promotable, verdict.reason) == (True, "There is no standing champion.")


def test_a_model_surely_better_than_the_standing_one_replaces_it():
    verdict = judge(make_model(), make_model(), make_predictions(boosting=TRUTH), guess=FLAT)
    assert verdict.is_promotable
    assert verdict.reason.startswith("Better than the standing champion: log loss -0.")


def test_a_model_as_good_as_the_standing_one_does_not_replace_it():
    verdict = judge(make_model(), make_model(), make_predictions(boosting=TRUTH), guess=TRUTH)
    assert not verdict.is_promotable
    assert verdict.reason.startswith("Not surely better than the standing champion: log loss +0.0000")


def test_a_date_that_the_standing_model_learned_from_is_no_test_of_it():
    standing = make_model(cut_off=date(2024, 6, 30))
    verdict = judge(make_model(), standing, make_predictions(boosting=TRUTH), guess=TRUTH)
    assert (verdict.is_promotable, verdict.reason) == (
        True,
        "No test date lies after the standing champion's training.",
    )


def test_the_standing_model_s_own_cut_off_is_a_date_it_has_not_seen():
    standing = make_model(cut_off=TESTED)
    assert not judge(make_model(), standing, make_predictions(boosting=TRUTH), guess=TRUTH).is_promotable


def test_another_horizon_cannot_be_compared_and_replaces():
    verdict = judge(make_model(horizon_days=35), make_model(), make_predictions(boosting=TRUTH))
    assert (verdict.is_promotable, verdict.reason) == (True, "The horizon changed from 28 to 35 days.")


def test_the_naive_rule_replaces_a_standing_model_that_is_no_better():
    predictions = make_predictions(naive=TRUTH)
    assert judge(make_model("naive"), make_model(), predictions, guess=FLAT).is_promotable
    kept = judge(make_model("naive"), make_model(), make_predictions(naive=FLAT), guess=TRUTH)
    assert not kept.is_promotable
    assert kept.reason.startswith("The naive rule does not replace the standing champion")


def test_one_naive_rule_follows_another():
    naive = make_model("naive")
    assert judge(replace(naive, seed=2), naive, make_predictions(naive=FLAT), guess=TRUTH).is_promotable


def test_without_any_test_date_the_new_model_replaces():
    assert judge(make_model("naive"), make_model(), pl.DataFrame()).is_promotable
