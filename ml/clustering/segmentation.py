"""Fitting a segmentation: from feature rows to a model with named segments, its candidates and its card."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.clustering.assignment import assign_segments
from ml.clustering.candidates import Candidate, Outcomes, compare_candidates, tabulate_candidates
from ml.clustering.identity import SegmentIdentities, match_segments, number_segments
from ml.clustering.kmeans import nearest_centroids
from ml.clustering.model import SegmentModel
from ml.clustering.naming import SegmentName, measure_traits, name_everyone, name_segments
from ml.config import SegmentationConfig
from ml.contracts import SegmentOutcomes
from ml.errors import NotEnoughDataError
from ml.features.matrix import require_date, sort_customers, take_medians, to_matrix
from ml.features.preprocessing import Preprocessing, fit_preprocessing
from ml.threads import one_thread

OUTCOME_DAYS = 90
# What the sentence about a segment's typical customer tells.
PROFILE_FEATURES = ("order_count_365d", "average_order_value", "days_since_last_order")


@dataclass(frozen=True, eq=False)
class SegmentFit:
    """A fitted model, its candidates (contract: SegmentationCandidates) and the fields of its card."""

    model: SegmentModel
    candidates: pl.DataFrame
    card: dict[str, Any]


def fit_segmentation(
    *,
    features: pl.DataFrame,
    outcomes: pl.DataFrame | None,
    config: SegmentationConfig,
    cut_off: date,
    previous: SegmentModel | None,
    seed: int,
) -> SegmentFit:
    """Fit the segmentation on the customers of ``features``, all of them as of ``cut_off``.

    Parameters
    ----------
    features
        One row a customer as of ``cut_off``: customer_id, as_of_date and the features.
    outcomes
        Feature rows of earlier as-of dates with net_revenue_next_90d beside them (contract:
        SegmentOutcomes), or None. Only the latest complete date is used, and only to compare numbers of
        segments: each is fitted again on that date's features.
    previous
        The standing model, whose segment identities are kept where the groups are the same.

    Customers who are too few, or who do not differ, become one segment of all customers; the card says why.

    Raises
    ------
    NotEnoughDataError
        When there is no customer at all.
    """
    require_date(features, cut_off)
    customers = sort_customers(features)
    if customers.is_empty():
        raise NotEnoughDataError(f"{config.name}: there is no customer to segment; load orders first")
    preprocessing = fit_preprocessing(customers, config.features)
    points = preprocessing.transform(customers)
    later = _prepare_outcomes(outcomes, config, cut_off)
    standing = _assign_standing(customers, previous)
    with one_thread():
        candidates = compare_candidates(points, later, config, standing=standing, seed=seed)
    chosen = next(candidate for candidate in candidates if candidate.is_chosen)
    clusters = nearest_centroids(points, chosen.centroids)
    identities = _identify(clusters, chosen.segment_count, standing, previous)
    model = _build_model(customers, preprocessing, chosen, clusters, identities, config, cut_off, seed)
    card = _write_card(model, customers.height, candidates, identities, config, previous)
    return SegmentFit(model=model, candidates=tabulate_candidates(candidates), card=card)


def _prepare_outcomes(outcomes: pl.DataFrame | None, config: SegmentationConfig, cut_off: date) -> Outcomes | None:
    """The latest as-of date whose next 90 days were over at the cut-off, prepared by its own customers."""
    if outcomes is None:
        return None
    SegmentOutcomes.validate(outcomes, cast=True)
    complete = outcomes.filter(
        pl.col("net_revenue_next_90d").is_not_null(),
        pl.col("as_of_date") <= cut_off - timedelta(days=OUTCOME_DAYS),
    )
    if complete.is_empty():
        return None
    latest = sort_customers(complete.filter(pl.col("as_of_date") == complete["as_of_date"].max()))
    preprocessing = fit_preprocessing(latest, config.features)
    if len(preprocessing.features) < 2:
        return None
    revenue = to_matrix(latest, ["net_revenue_next_90d"])[:, 0]
    return Outcomes(points=preprocessing.transform(latest), revenue=revenue)


def _assign_standing(customers: pl.DataFrame, previous: SegmentModel | None) -> NDArray[np.int64] | None:
    """Each customer's segment under the standing model, counted from 0; None when it cannot score them."""
    if previous is None or set(previous.preprocessing.columns) - set(customers.columns):
        return None
    ids = assign_segments(features=customers, model=previous)["segment_id"].to_numpy()
    return np.searchsorted(np.array(previous.segment_ids), ids)


def _identify(
    clusters: NDArray[np.int64],
    count: int,
    standing: NDArray[np.int64] | None,
    previous: SegmentModel | None,
) -> SegmentIdentities:
    if previous is None:
        return number_segments(clusters, count)
    if standing is None:
        return number_segments(clusters, count, next_id=previous.next_id)
    return match_segments(clusters, count, standing, previous.segment_ids, previous.next_id)


def _build_model(
    customers: pl.DataFrame,
    preprocessing: Preprocessing,
    chosen: Candidate,
    clusters: NDArray[np.int64],
    identities: SegmentIdentities,
    config: SegmentationConfig,
    cut_off: date,
    seed: int,
) -> SegmentModel:
    order = np.argsort(identities.segment_ids)
    positions = np.empty_like(order)
    positions[order] = np.arange(len(order))
    segments = positions[clusters]
    names = _name(customers, segments, chosen, config)
    raw = to_matrix(customers, preprocessing.columns)
    return SegmentModel(
        name=config.name,
        cut_off=cut_off,
        seed=seed,
        preprocessing=preprocessing,
        segment_ids=tuple(sorted(identities.segment_ids)),
        segment_names=tuple(name.name for name in names),
        evidence=tuple(name.evidence for name in names),
        plays=tuple(name.play for name in names),
        centroids=chosen.centroids[order],
        typical=np.stack([take_medians(raw[segments == segment]) for segment in range(len(order))]),
        next_id=identities.next_id,
        profile_features=tuple(spec for spec in config.vocabulary if spec.name in PROFILE_FEATURES),
    )


def _name(
    customers: pl.DataFrame, segments: NDArray[np.int64], chosen: Candidate, config: SegmentationConfig
) -> list[SegmentName]:
    if chosen.segment_count == 1:
        return [name_everyone(chosen.reason, config)]
    specs = [spec for spec in config.vocabulary if spec.name in customers.columns]
    return name_segments(measure_traits(customers, segments, chosen.segment_count, specs), config)


def _write_card(
    model: SegmentModel,
    customers: int,
    candidates: Sequence[Candidate],
    identities: SegmentIdentities,
    config: SegmentationConfig,
    previous: SegmentModel | None,
) -> dict[str, Any]:
    chosen = next(candidate for candidate in candidates if candidate.is_chosen)
    before = set(previous.segment_ids) if previous else set()
    return {
        "model": model.name,
        "kind": "segmentation",
        "title": config.title,
        "method": "k-means",
        "cut_off": model.cut_off.isoformat(),
        "seed": model.seed,
        "training_rows": customers,
        "training_window": [model.cut_off.isoformat(), model.cut_off.isoformat()],
        "features": list(model.preprocessing.columns),
        "features_left_out": dict(model.preprocessing.left_out),
        "segment_count": chosen.segment_count,
        "is_fallback": not chosen.is_offered,
        "choice": chosen.reason,
        "metrics": {
            "silhouette": chosen.silhouette,
            "stability_mean": chosen.stability_mean,
            "stability_min": chosen.stability_min,
            "smallest_share": chosen.smallest_share,
            "revenue_variance_explained": chosen.revenue.share if chosen.revenue else None,
        },
        "segments_kept": {str(segment_id): overlap for segment_id, overlap in identities.overlaps.items()},
        "segments_new": sorted(set(model.segment_ids) - set(identities.overlaps)),
        "segments_gone": sorted(before - set(model.segment_ids)),
        "segment_names": dict(zip(map(str, model.segment_ids), model.segment_names, strict=True)),
        "consent_basis": config.consent_basis,
    }
