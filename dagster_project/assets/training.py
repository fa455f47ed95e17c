"""Fitting and promoting: once a month, for the newest as-of date of the month that is the partition.

Fitting leaves a candidate; only the champion asset makes one the model that scores. Both are apart from
scoring, which learns nothing.
"""

from datetime import date
from functools import cache
from typing import Any

import dagster as dg

from dagster_project import names
from dagster_project.marts import (
    cut_off_of,
    read_features,
    read_features_through,
    read_labels_through,
    read_order_gaps_through,
    read_outcomes,
)
from dagster_project.metadata import picture, tabulate
from dagster_project.model_store import ModelStore
from dagster_project.partitions import AS_OF_MONTHS
from dagster_project.run_lock import RunLock
from dagster_project.settings import PROJECT_ROOT
from dagster_project.warehouse import Warehouse
from ml.config import PredictionConfig, SegmentationConfig, load_prediction, load_segmentation

# One seed for everything that samples, so that the same data give the same model.
SEED = 20171231

_SHOWN_METRICS = [
    "candidate",
    "log_loss",
    "roc_auc",
    "average_precision",
    "calibration_error",
    "top_decile_lift",
    "log_loss_difference_low",
    "log_loss_difference_high",
    "is_chosen",
]

_FITTING: dict[str, Any] = {
    "partitions_def": AS_OF_MONTHS,
    "group_name": names.TRAINING,
    "owners": names.OWNERS,
    "pool": names.WAREHOUSE_POOL,
}


@cache
def segmentation_config(name: str) -> SegmentationConfig:
    """The block of configuration of a segmentation."""
    return load_segmentation(PROJECT_ROOT / "dagster_project" / "segmentations" / f"{name}.yml")


@cache
def prediction_config(name: str) -> PredictionConfig:
    """The block of configuration of a prediction."""
    return load_prediction(PROJECT_ROOT / "dagster_project" / "predictions" / f"{name}.yml")


@dg.asset(
    name="behaviour_candidate",
    deps=[names.CUSTOMER_FEATURES, names.CUSTOMER_LABELS],
    kinds={"polars", "scikitlearn"},
    check_specs=[
        dg.AssetCheckSpec(
            "segments_are_stable",
            asset="behaviour_candidate",
            blocking=False,
            description="Some number of segments is stable and has no segment that is too small.",
        )
    ],
    **_FITTING,
)
def behaviour_candidate(
    context: dg.AssetExecutionContext, warehouse: Warehouse, models: ModelStore, run_lock: RunLock
) -> dg.MaterializeResult:
    """A segmentation of the customers as of the month's newest as-of date, kept as a candidate."""
    from dagster_project.pictures import draw_candidates
    from ml.clustering.segmentation import fit_segmentation

    cut_off = cut_off_of(warehouse, context.partition_key)
    standing = models.find_champion(names.BEHAVIOUR)
    fit = fit_segmentation(
        features=read_features(warehouse, as_of_date=cut_off),
        outcomes=read_outcomes(warehouse, cut_off=cut_off),
        config=segmentation_config(names.BEHAVIOUR),
        cut_off=cut_off,
        previous=standing.model if standing else None,
        seed=SEED,
    )
    card = {**fit.card, "candidates": fit.candidates.to_dicts()}
    version = models.save_candidate(fit.model, card, context.run_id)
    return dg.MaterializeResult(
        metadata={
            **_describe_fit(version, context.run_id, cut_off, fit.card),
            "choice": fit.card["choice"],
            "candidates": tabulate(fit.candidates),
            "silhouette_and_stability": picture(draw_candidates(fit.candidates), "candidates"),
            "silhouette": fit.card["metrics"]["silhouette"],
            "stability": fit.card["metrics"]["stability_min"],
        },
        check_results=[
            dg.AssetCheckResult(
                check_name="segments_are_stable",
                passed=not fit.card["is_fallback"],
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"choice": fit.card["choice"]},
            )
        ],
    )


@dg.asset(
    name="churn_candidate",
    deps=[names.CUSTOMER_FEATURES, names.CUSTOMER_LABELS, names.CUSTOMER_ORDER_DAYS],
    kinds={"polars", "scikitlearn", "lightgbm"},
    check_specs=[
        dg.AssetCheckSpec(
            "model_beats_the_naive_rule",
            asset="churn_candidate",
            blocking=False,
            description="On later dates, with an interval that excludes zero; where it does not, the rule scores.",
        )
    ],
    **_FITTING,
)
def churn_candidate(
    context: dg.AssetExecutionContext, warehouse: Warehouse, models: ModelStore, run_lock: RunLock
) -> dg.MaterializeResult:
    """Churn models trained on what was known by the month's newest as-of date, tested on later dates only."""
    from dagster_project.pictures import draw_reliability
    from ml.supervised.prediction import fit_prediction

    cut_off = cut_off_of(warehouse, context.partition_key)
    standing = models.find_champion(names.CHURN)
    fit = fit_prediction(
        features=read_features_through(warehouse, cut_off=cut_off),
        labels=read_labels_through(warehouse, cut_off=cut_off),
        order_gaps=read_order_gaps_through(warehouse, cut_off=cut_off),
        config=prediction_config(names.CHURN),
        cut_off=cut_off,
        standing=standing.model if standing else None,
        seed=SEED,
    )
    if fit.model is None:
        models.note_not_trained(names.CHURN, cut_off=cut_off, reason=fit.card["reason"])
        return dg.MaterializeResult(
            metadata={"cut_off": str(cut_off), "no_model_because": fit.card["reason"]},
            check_results=[_compare_with_rule(fit.card["reason"], beats_rule=False)],
        )
    card = {
        **fit.card,
        "candidates": fit.candidates.to_dicts(),
        "by_date": fit.by_date.to_dicts(),
        "is_promotable": fit.is_promotable,
    }
    version = models.save_candidate(fit.model, card, context.run_id)
    return dg.MaterializeResult(
        metadata={
            **_describe_fit(version, context.run_id, cut_off, fit.card),
            "choice": fit.card["choice"],
            "candidates": tabulate(fit.candidates.select(_SHOWN_METRICS)),
            "by_test_date": tabulate(fit.by_date.select("test_date", *_SHOWN_METRICS[:-3])),
            "reliability": picture(draw_reliability(fit.reliability), "reliability"),
            "horizon_days": fit.model.horizon_days,
        },
        check_results=[_compare_with_rule(fit.card["choice"], beats_rule=fit.card["method"] != "naive")],
    )


@dg.asset(deps=[behaviour_candidate], name="behaviour_champion", kinds={"python"}, **_FITTING)
def behaviour_champion(
    context: dg.AssetExecutionContext, models: ModelStore, run_lock: RunLock
) -> dg.MaterializeResult:
    """The segmentation that scores from now on: the month's candidate, unless the standing one is newer."""
    return _promote(context, models, names.BEHAVIOUR, behaviour_candidate.key)


@dg.asset(deps=[churn_candidate], name="churn_champion", kinds={"python"}, **_FITTING)
def churn_champion(context: dg.AssetExecutionContext, models: ModelStore, run_lock: RunLock) -> dg.MaterializeResult:
    """The churn model that scores from now on: the month's candidate where it is surely better."""
    return _promote(context, models, names.CHURN, churn_candidate.key)


ASSETS = [behaviour_candidate, behaviour_champion, churn_candidate, churn_champion]


def _compare_with_rule(reason: str, *, beats_rule: bool) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name="model_beats_the_naive_rule",
        passed=beats_rule,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"reason": reason},
    )


def _promote(
    context: dg.AssetExecutionContext, models: ModelStore, name: str, candidate_key: dg.AssetKey
) -> dg.MaterializeResult:
    fitted = _newest_fit(context, candidate_key)
    if "version" not in fitted:
        reason = str(fitted["no_model_because"].value)
        return dg.MaterializeResult(metadata={"decision": f"No candidate: {reason}"})
    version, run_id = str(fitted["version"].value), str(fitted["run_id"].value)
    card = models.load_candidate(name, version, run_id).card
    standing = models.find_champion(name)
    decision = _judge(card, standing.version if standing else None)
    if decision is None:
        decision = models.promote(name, version, run_id)
    return dg.MaterializeResult(
        metadata={"decision": decision, "candidate": version, "champion": models.champion(name).version}
    )


def _judge(card: dict[str, Any], standing_version: str | None) -> str | None:
    """Why the standing champion stays, or None when the candidate may replace it."""
    if standing_version is None or standing_version == card["version"]:
        return None
    if card.get("is_fallback"):
        return f"The champion {standing_version} stays: {card['choice']}"
    if card.get("is_promotable") is False:
        return f"The champion {standing_version} stays: {card['promotion']}"
    return None


def _newest_fit(context: dg.AssetExecutionContext, candidate_key: dg.AssetKey) -> Any:
    """Metadata of the newest fit of this partition; a candidate that was only written is never taken."""
    records = context.instance.fetch_materializations(
        dg.AssetRecordsFilter(asset_key=candidate_key, asset_partitions=[context.partition_key]), limit=1
    ).records
    if not records or records[0].asset_materialization is None:
        raise LookupError(f"{candidate_key.to_user_string()} has no fit for {context.partition_key}; fit it first")
    return records[0].asset_materialization.metadata


def _describe_fit(version: str, run_id: str, cut_off: date, card: dict[str, Any]) -> dict[str, Any]:
    return {
        "version": version,
        "run_id": run_id,
        "cut_off": str(cut_off),
        "training_rows": card["training_rows"],
        "features": tabulate([{"feature": name} for name in card["features"]]),
        "features_left_out": tabulate(
            [{"feature": name, "reason": reason} for name, reason in sorted(card["features_left_out"].items())]
        ),
    }
