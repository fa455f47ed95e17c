"""Scoring: the champions applied to the current as-of date. Nothing is learned here.

Each asset replaces its table of schema segmentation as a whole; the published tables are built from these
by dbt, behind the consent gate.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dagster as dg

from dagster_project import names
from dagster_project.assets.transformation import PUBLISHED_COLUMNS
from dagster_project.marts import current_as_of_date, read_features
from dagster_project.metadata import describe_frame, picture, tabulate
from dagster_project.model_store import ModelStore
from dagster_project.run_lock import RunLock
from dagster_project.scoring_log import SCHEMA, find_earlier_version, log_scoring
from dagster_project.warehouse import Warehouse

if TYPE_CHECKING:
    import polars as pl

    from ml.registry import LoadedModel

ASSIGNMENTS = f"{SCHEMA}.segment_assignments"

# Reasons kept for each segment and score.
REASONS = 5

_CHAMPIONS = [dg.AssetKey(f"{name}_champion") for name in names.MODELS]


def _scored_table(
    *deps: dg.AssetKey | dg.AssetsDefinition, check: str | None = None, promise: str = ""
) -> Callable[[Callable[..., Any]], dg.AssetsDefinition]:
    """An asset that is the table of its function's name in schema segmentation, with at most one check.

    ``promise`` says what the check stands for.
    """

    def decorate(function: Callable[..., Any]) -> dg.AssetsDefinition:
        key = dg.AssetKey([SCHEMA, function.__name__])
        specs = [dg.AssetCheckSpec(check, asset=key, description=promise)] if check else []
        return dg.asset(
            key=key,
            check_specs=specs,
            deps=list(deps),
            group_name=names.SCORING,
            kinds={"polars", "duckdb"},
            owners=names.OWNERS,
            pool=names.WAREHOUSE_POOL,
            metadata={"dagster/table_name": f"{SCHEMA}.{function.__name__}"},
        )(function)

    return decorate


@_scored_table(
    names.CUSTOMER_FEATURES,
    _CHAMPIONS[0],
)
def segment_assignments(warehouse: Warehouse, models: ModelStore, run_lock: RunLock) -> dg.MaterializeResult:
    """One row per segmentation and customer at the current as-of date: the champion's segment.

    Beside it stands the segment that the model of the earlier as-of date would give today, so that a
    change can be told apart: the customer moved, or the model did.
    """
    import polars as pl

    from ml.clustering.assignment import assign_segments

    as_of_date = current_as_of_date(warehouse)
    champion = models.champion(names.BEHAVIOUR)
    features = read_features(warehouse, as_of_date=as_of_date)
    assignments = assign_segments(features=features, model=champion.model)
    earlier_version = find_earlier_version(warehouse, names.BEHAVIOUR, as_of_date)
    earlier = assignments
    if earlier_version not in (None, champion.version):
        earlier_model = models.version(names.BEHAVIOUR, str(earlier_version)).model
        earlier = assign_segments(features=features, model=earlier_model)
    table = _stamp(assignments, champion).join(
        earlier.select("customer_id", segment_id_by_previous_model="segment_id"), on="customer_id"
    )
    table = table.select(pl.lit(names.BEHAVIOUR).alias("segmentation"), pl.all()).sort("customer_id")
    warehouse.replace_tables({ASSIGNMENTS: table})
    log_scoring(warehouse, names.BEHAVIOUR, as_of_date, champion.version)
    sizes = table.group_by("segment_id", "segment_name").agg(customers=pl.len()).sort("segment_id")
    return dg.MaterializeResult(
        metadata={
            **describe_frame(table, PUBLISHED_COLUMNS["customer_segments"]),
            "as_of_date": str(as_of_date),
            "model_version": champion.version,
            "segments": tabulate(sizes),
            "mean_strength": float(table["strength"].to_numpy().mean()),
        }
    )


@_scored_table(names.CUSTOMER_FEATURES, segment_assignments)
def segment_profiles(warehouse: Warehouse, models: ModelStore, run_lock: RunLock) -> dg.MaterializeResult:
    """One row per segment at the current as-of date: size, worth, traits, a typical customer, what to do."""
    import polars as pl

    from dagster_project.pictures import draw_profiles
    from ml.clustering.profiles import profile_segments

    champion = models.champion(names.BEHAVIOUR)
    features = read_features(warehouse, as_of_date=current_as_of_date(warehouse))
    assignments = warehouse.read(f"select * from {ASSIGNMENTS} order by customer_id")
    profiles = profile_segments(features=features, assignments=assignments, model=champion.model)
    table = _stamp(profiles, champion).select(pl.lit(names.BEHAVIOUR).alias("segmentation"), pl.all())
    warehouse.replace_tables({f"{SCHEMA}.segment_profiles": table.sort("segment_id")})
    shown = profiles.select("segment_id", "segment_name", "customers", "customer_share", "revenue_share", "play")
    return dg.MaterializeResult(
        metadata={
            **describe_frame(table, PUBLISHED_COLUMNS["segment_profiles"]),
            "segments": tabulate(shown),
            "sizes_and_profile": picture(draw_profiles(profiles, features, assignments, champion.model), "segments"),
        }
    )


@_scored_table(
    names.CUSTOMER_FEATURES,
    _CHAMPIONS[1],
    check="scores_are_plausible",
    promise="The mean predicted probability is between half and twice the rate seen when the model was tested.",
)
def customer_scores(warehouse: Warehouse, models: ModelStore, run_lock: RunLock) -> dg.MaterializeResult:
    """One row per prediction and customer of its population at the current as-of date."""
    from ml.contracts import CustomerScores
    from ml.supervised.scoring import score_customers

    as_of_date = current_as_of_date(warehouse)
    champion = models.find_champion(names.CHURN)
    scores: pl.DataFrame = CustomerScores.create_empty()
    if champion is not None:
        features = read_features(warehouse, as_of_date=as_of_date)
        scores = score_customers(features=features, model=champion.model, as_of_date=as_of_date)
    table = _stamp(scores, champion).sort("prediction", "customer_id")
    warehouse.replace_tables({f"{SCHEMA}.customer_scores": table})
    return dg.MaterializeResult(
        metadata={
            **describe_frame(table, PUBLISHED_COLUMNS["customer_scores"]),
            "as_of_date": str(as_of_date),
            "model_version": champion.version if champion else "none",
            "mean_churn_probability": float(scores["value"].to_numpy().mean()) if scores.height else None,
        },
        check_results=[_compare_with_tests(scores, champion)],
    )


@_scored_table(names.CUSTOMER_FEATURES, segment_assignments, customer_scores)
def customer_explanations(warehouse: Warehouse, models: ModelStore, run_lock: RunLock) -> dg.MaterializeResult:
    """One row per customer, subject and rank: the signed reasons of the segment and of the score."""
    import polars as pl

    from ml.explain.assignments import explain_assignments
    from ml.explain.reasons import count_first_reasons
    from ml.explain.scores import explain_scores

    features = read_features(warehouse, as_of_date=current_as_of_date(warehouse))
    segmentation = models.champion(names.BEHAVIOUR)
    frames = [_stamp(explain_assignments(features=features, model=segmentation.model, top=REASONS), segmentation)]
    specs = list(segmentation.model.preprocessing.features)
    prediction = models.find_champion(names.CHURN)
    if prediction is not None:
        frames.append(_stamp(explain_scores(features=features, model=prediction.model, top=REASONS), prediction))
        specs += prediction.model.scorer.features
    table = pl.concat(frames).sort("subject", "customer_id", "rank")
    warehouse.replace_tables({f"{SCHEMA}.customer_explanations": table})
    return dg.MaterializeResult(
        metadata={
            **describe_frame(table, PUBLISHED_COLUMNS["customer_explanations"]),
            # How often, and no example: what is in the event log outlives a customer who asks to be erased.
            "first_reasons": tabulate(count_first_reasons(table, specs)),
        }
    )


@_scored_table(names.CUSTOMER_FEATURES, *_CHAMPIONS)
def model_cards(warehouse: Warehouse, models: ModelStore, run_lock: RunLock) -> dg.MaterializeResult:
    """One row per champion: what it is for, what it was trained on, how good it is beside the naive rule."""
    from dagster_project.cards import tabulate_cards

    as_of_date = current_as_of_date(warehouse)
    table = tabulate_cards(models, as_of_date=as_of_date, computed_at=_now())
    warehouse.replace_tables({f"{SCHEMA}.model_cards": table})
    return dg.MaterializeResult(
        metadata={
            **describe_frame(table, PUBLISHED_COLUMNS["model_cards"]),
            "cards": tabulate(table.select("model", "model_version", "summary")),
        }
    )


@_scored_table(_CHAMPIONS[0])
def segmentation_candidates(warehouse: Warehouse, models: ModelStore, run_lock: RunLock) -> dg.MaterializeResult:
    """One row per number of segments that was compared when the champion was fitted."""
    import polars as pl

    champion = models.champion(names.BEHAVIOUR)
    candidates = pl.DataFrame(champion.card["candidates"], infer_schema_length=None)
    table = candidates.select(
        pl.lit(names.BEHAVIOUR).alias("segmentation"),
        pl.lit(champion.card["method"]).alias("method"),
        pl.all(),
        as_of_date=pl.lit(current_as_of_date(warehouse)),
        computed_at=pl.lit(_now()),
        model_version=pl.lit(champion.version),
    ).with_columns(pl.col("revenue_variance_explained").cast(pl.Float64))
    warehouse.replace_tables({f"{SCHEMA}.segmentation_candidates": table.sort("segment_count")})
    return dg.MaterializeResult(
        metadata={
            **describe_frame(table, PUBLISHED_COLUMNS["segmentation_candidates"]),
            "candidates": tabulate(candidates),
        }
    )


@_scored_table(_CHAMPIONS[1])
def prediction_candidates(warehouse: Warehouse, models: ModelStore, run_lock: RunLock) -> dg.MaterializeResult:
    """One row per candidate model that was compared when the champion was fitted, beside the naive rule."""
    from dagster_project.cards import tabulate_prediction_candidates

    champion = models.find_champion(names.CHURN)
    table = tabulate_prediction_candidates(champion, as_of_date=current_as_of_date(warehouse), computed_at=_now())
    warehouse.replace_tables({f"{SCHEMA}.prediction_candidates": table})
    return dg.MaterializeResult(
        metadata={**describe_frame(table, PUBLISHED_COLUMNS["prediction_candidates"]), "candidates": tabulate(table)}
    )


ASSETS = [
    segment_assignments,
    segment_profiles,
    segmentation_candidates,
    customer_scores,
    prediction_candidates,
    customer_explanations,
    model_cards,
]


def _compare_with_tests(scores: pl.DataFrame, champion: LoadedModel | None) -> dg.AssetCheckResult:
    """A warning, not a stop: behaviour may truly change, and then the model needs a look."""
    metrics = champion.card["naive_metrics"] if champion else None
    if not metrics or scores.is_empty():
        return dg.AssetCheckResult(check_name="scores_are_plausible", passed=True, metadata={"compared": "nothing"})
    expected, mean = metrics["observed_rate"], float(scores["value"].to_numpy().mean())
    return dg.AssetCheckResult(
        check_name="scores_are_plausible",
        passed=expected / 2 <= mean <= 2 * expected,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"mean_probability": mean, "rate_in_tests": expected},
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _stamp(frame: pl.DataFrame, model: LoadedModel | None) -> pl.DataFrame:
    import polars as pl

    return frame.with_columns(computed_at=pl.lit(_now()), model_version=pl.lit(model.version if model else "none"))
