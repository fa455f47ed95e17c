from datetime import date, timedelta

import pytest

from dagster_project.model_store import ModelStore
from tests.dagster_project.conftest import save_segments
from tests.factories import AS_OF


def promote(models: ModelStore, fit, *, days_later: int = 0, run_id: str = "run-1") -> tuple[str, str]:
    """Version and what the promotion said."""
    version = save_segments(models, fit, cut_off=AS_OF + timedelta(days=days_later), run_id=run_id)
    return version, models.promote("behaviour", version, run_id)


def test_no_champion_before_the_first_promotion(models):
    assert models.find_champion("behaviour") is None


def test_scoring_without_a_champion_says_what_to_run(models):
    with pytest.raises(LookupError, match="run the job monthly_retrain"):
        models.champion("behaviour")


def test_candidate_is_no_champion(models, segment_fit):
    save_segments(models, segment_fit)
    assert models.find_champion("behaviour") is None


def test_promoted_candidate_scores_from_then_on(models, segment_fit):
    version, said = promote(models, segment_fit)
    assert said == f"{version} is the champion."
    assert models.champion("behaviour").version == version


def test_candidate_of_an_earlier_month_leaves_the_champion(models, segment_fit):
    newer, _ = promote(models, segment_fit)
    older, said = promote(models, segment_fit, days_later=-30, run_id="run-2")
    assert said.startswith("The champion stays: ")
    assert newer in said
    assert models.champion("behaviour").version == newer
    assert models.load_candidate("behaviour", older, "run-2").version == older


def test_earlier_champion_can_still_be_loaded(models, segment_fit):
    first, _ = promote(models, segment_fit)
    promote(models, segment_fit, days_later=30, run_id="run-2")
    assert models.version("behaviour", first).version == first


def test_versions_are_listed_for_models_that_have_a_champion(models, segment_fit):
    version, _ = promote(models, segment_fit)
    assert models.champion_versions(["behaviour", "churn"]) == {"behaviour": version}


def test_reason_for_no_model_is_kept(models):
    models.note_not_trained("churn", cut_off=date(2024, 6, 30), reason="12 customers stayed away; 100 are needed")
    assert models.reason_not_trained("churn") == {
        "cut_off": "2024-06-30",
        "reason": "12 customers stayed away; 100 are needed",
    }


def test_promotion_ends_the_reason_for_no_model(models, segment_fit):
    models.note_not_trained("behaviour", cut_off=AS_OF, reason="too few customers")
    promote(models, segment_fit)
    assert models.reason_not_trained("behaviour") is None


def test_one_of_two_promotions_is_not_trained(models, segment_fit):
    promote(models, segment_fit)
    assert models.is_trained(["behaviour"])
    assert not models.is_trained(["behaviour", "churn"])


def test_model_with_too_little_data_counts_as_trained(models, segment_fit):
    promote(models, segment_fit)
    models.note_not_trained("churn", cut_off=AS_OF, reason="too few customers")
    assert models.is_trained(["behaviour", "churn"])
