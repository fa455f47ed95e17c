import json
from datetime import date, datetime

import pytest

from dagster_project.cards import tabulate_cards, tabulate_prediction_candidates
from dagster_project.model_store import ModelStore
from tests.dagster_project.conftest import save_churn, save_segments
from tests.factories import AS_OF

STAMPS = {"as_of_date": date(2024, 7, 15), "computed_at": datetime(2024, 7, 16, 4)}


@pytest.fixture
def promoted(models: ModelStore, segment_fit, churn_fit) -> ModelStore:
    """A store in which both models have a champion."""
    models.promote("behaviour", save_segments(models, segment_fit), "run-1")
    models.promote("churn", save_churn(models, churn_fit), "run-1")
    return models


def test_every_champion_has_a_card(promoted):
    cards = tabulate_cards(promoted, **STAMPS)
    assert cards["model"].to_list() == ["behaviour", "churn"]
    assert cards["model_version"].to_list() == list(promoted.champion_versions(["behaviour", "churn"]).values())


def test_card_says_what_the_model_was_trained_on(promoted):
    card = tabulate_cards(promoted, **STAMPS).row(0, named=True)
    assert (card["trained_through"], card["training_rows"]) == (AS_OF, 240)
    assert (card["as_of_date"], card["computed_at"]) == tuple(STAMPS.values())


def test_whole_card_is_in_the_table_as_json(promoted):
    card = json.loads(tabulate_cards(promoted, **STAMPS)["card"][1])
    assert card["version"] == promoted.champion("churn").version
    assert {"naive", "logistic", "boosting"} == {candidate["candidate"] for candidate in card["candidates"]}


def test_model_that_could_not_be_trained_has_a_card_with_the_reason(models, segment_fit):
    models.promote("behaviour", save_segments(models, segment_fit), "run-1")
    models.note_not_trained("churn", cut_off=AS_OF, reason="too few customers stayed away")
    card = tabulate_cards(models, **STAMPS).row(1, named=True)
    assert (card["model"], card["model_version"]) == ("churn", "none")
    assert card["summary"] == "too few customers stayed away"
    assert card["training_rows"] is None


def test_candidates_stand_beside_the_naive_rule(promoted):
    champion = promoted.champion("churn")
    candidates = tabulate_prediction_candidates(champion, **STAMPS)
    assert set(candidates["candidate"]) == {"naive", "logistic", "boosting"}
    assert candidates["is_chosen"].sum() == 1
    naive = candidates.row(candidates["candidate"].to_list().index("naive"), named=True)
    assert naive["log_loss"] > 0
    assert naive["log_loss_difference"] is None


def test_candidates_say_the_dates_they_were_tested_on(promoted):
    champion = promoted.champion("churn")
    candidates = tabulate_prediction_candidates(champion, **STAMPS)
    assert candidates["test_dates"].unique().to_list() == [len(champion.card["test_dates"])]
    assert str(candidates["test_to"][0]) == max(champion.card["test_dates"])


def test_no_champion_has_no_candidates_but_the_same_columns(promoted):
    some = tabulate_prediction_candidates(promoted.champion("churn"), **STAMPS)
    none = tabulate_prediction_candidates(None, **STAMPS)
    assert none.is_empty()
    assert none.schema == some.schema
