"""Model cards as tables, from the cards that lie beside the champions."""

import json
from datetime import date, datetime
from typing import Any

import polars as pl

from dagster_project import names
from dagster_project.model_store import ModelStore
from ml.registry import LoadedModel

_PURPOSES = {
    names.BEHAVIOUR: "Groups customers by how they shop, so that each group gets what fits it.",
    names.CHURN: "Says how likely an active customer is to place no order in the horizon, for win-back.",
}

_CANDIDATE_TYPES: dict[str, Any] = {
    "prediction": pl.String,
    "candidate": pl.String,
    "horizon_days": pl.Int64,
    "test_from": pl.Date,
    "test_to": pl.Date,
    "test_dates": pl.Int64,
    "rows": pl.Int64,
    "observed_rate": pl.Float64,
    **{
        f"{metric}{suffix}": pl.Float64
        for metric in ("log_loss", "roc_auc", "average_precision")
        for suffix in ("", "_difference", "_difference_low", "_difference_high")
    },
    "brier": pl.Float64,
    "calibration_error": pl.Float64,
    "top_decile_lift": pl.Float64,
    "observed_to_expected": pl.Float64,
    "is_chosen": pl.Boolean,
    "reason": pl.String,
    "as_of_date": pl.Date,
    "computed_at": pl.Datetime("us"),
    "model_version": pl.String,
}


def tabulate_cards(models: ModelStore, *, as_of_date: date, computed_at: datetime) -> pl.DataFrame:
    """One row per model, also for one that could not be trained, with the reason."""
    rows = [_row_of(models, name) for name in names.MODELS]
    return pl.DataFrame(
        [row for row in rows if row], schema_overrides={"training_rows": pl.Int64, "trained_through": pl.Date}
    ).with_columns(as_of_date=pl.lit(as_of_date), computed_at=pl.lit(computed_at))


def tabulate_prediction_candidates(
    champion: LoadedModel | None, *, as_of_date: date, computed_at: datetime
) -> pl.DataFrame:
    """One row per candidate that stood against the champion; no rows without a champion."""
    rows = []
    card = champion.card if champion else {"candidates": []}
    for candidate in card["candidates"]:
        days = [date.fromisoformat(day) for day in card["test_dates"]]
        extra = {
            "prediction": card["model"],
            "horizon_days": card["horizon_days"],
            "test_from": min(days, default=None),
            "test_to": max(days, default=None),
            "test_dates": len(days),
            "as_of_date": as_of_date,
            "computed_at": computed_at,
            "model_version": card["version"],
        }
        rows.append({name: {**candidate, **extra}.get(name) for name in _CANDIDATE_TYPES})
    return pl.DataFrame(rows, schema=_CANDIDATE_TYPES)


def _row_of(models: ModelStore, name: str) -> dict[str, Any] | None:
    loaded = models.find_champion(name)
    if loaded is not None:
        card = loaded.card
        return {
            "model": name,
            "model_version": loaded.version,
            "method": card["method"],
            "purpose": _PURPOSES[name],
            "trained_through": date.fromisoformat(card["cut_off"]),
            "training_rows": card["training_rows"],
            "summary": card["choice"],
            "card": json.dumps(card, sort_keys=True),
        }
    missing = models.reason_not_trained(name)
    if missing is None:
        return None
    return {
        "model": name,
        "model_version": "none",
        "method": "none",
        "purpose": _PURPOSES[name],
        "trained_through": date.fromisoformat(missing["cut_off"]),
        "training_rows": None,
        "summary": missing["reason"],
        "card": json.dumps(missing, sort_keys=True),
    }
