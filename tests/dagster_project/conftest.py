"""Small fitted models and the store that they are promoted in."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dagster_project.model_store import ModelStore
from ml.clustering.segmentation import fit_segmentation
from ml.supervised.prediction import fit_prediction
from tests.factories import AS_OF, make_features, make_history, make_prediction_config, make_segmentation_config

SEED = 1


@pytest.fixture(scope="session")
def planted() -> Any:
    """Features of a shop with four groups of customers."""
    return make_features()


@pytest.fixture(scope="session")
def segment_fit(planted: Any) -> Any:
    config = make_segmentation_config(segments={"minimum": 4, "maximum": 4})
    return fit_segmentation(features=planted, outcomes=None, config=config, cut_off=AS_OF, previous=None, seed=SEED)


@pytest.fixture(scope="session")
def churn_fit() -> Any:
    shop = make_history()
    return fit_prediction(
        features=shop.features,
        labels=shop.labels,
        order_gaps=shop.order_gaps,
        config=make_prediction_config(),
        cut_off=shop.as_of_dates[-1],
        standing=None,
        seed=SEED,
    )


@pytest.fixture
def models(tmp_path: Path) -> ModelStore:
    return ModelStore(path=str(tmp_path / "models"))


def save_segments(models: ModelStore, fit: Any, *, cut_off: date = AS_OF, run_id: str = "run-1") -> str:
    """A candidate as the training asset saves it, as if fitted up to ``cut_off``; returns its version."""
    card = {**fit.card, "candidates": fit.candidates.to_dicts(), "cut_off": cut_off.isoformat()}
    return models.save_candidate(replace(fit.model, cut_off=cut_off), card, run_id)


def save_churn(models: ModelStore, fit: Any, *, run_id: str = "run-1") -> str:
    """A candidate as the training asset saves it; returns its version."""
    return models.save_candidate(fit.model, {**fit.card, "candidates": fit.candidates.to_dicts()}, run_id)
