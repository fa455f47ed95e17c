"""What each segment is like on one day: size, money, traits and a typical customer."""

import json
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ml.clustering.model import SegmentModel
from ml.clustering.naming import rank_traits
from ml.config import FeatureSpec
from ml.contracts import SegmentProfiles
from ml.features.matrix import sort_customers, take_medians, to_matrix
from ml.features.wording import capitalise, format_value

TRAITS_IN_A_PROFILE = 5
_MEDIANS = {
    "median_order_count": "order_count",
    "median_average_order_value": "average_order_value",
    "median_days_since_last_order": "days_since_last_order",
    "median_net_revenue_90d": "net_revenue_90d",
}


def profile_segments(*, features: pl.DataFrame, assignments: pl.DataFrame, model: SegmentModel) -> pl.DataFrame:
    """One row per segment of ``model`` for the customers of ``assignments`` (contract: SegmentProfiles).

    ``features`` and ``assignments`` are of one as-of date. ``distinctive_traits`` is a JSON list of up to
    five objects: feature, label, segment_median, population_median, z (the segment's mean against
    everyone's, in standard deviations of the prepared values).

    Raises ValueError when an assigned customer has no feature row.
    """
    members = _join_members(features, assignments)
    clusters = members["segment_id"].to_numpy()
    raw = to_matrix(members, model.preprocessing.columns)
    standard = model.preprocessing.standardise(members)
    revenue = _choose_revenue(members)
    rows = []
    for position, segment_id in enumerate(model.segment_ids):
        inside = clusters == segment_id
        own = members.filter(pl.Series(inside))
        rows.append(
            {
                "segment_id": segment_id,
                "as_of_date": members["as_of_date"].max(),
                "segment_name": model.segment_names[position],
                "customers": own.height,
                "customer_share": own.height / members.height,
                "revenue_share": float(revenue[inside].sum() / revenue.sum()) if revenue.sum() > 0 else None,
                **{column: _median(own, source) for column, source in _MEDIANS.items()},
                "distinctive_traits": _describe_traits(raw, standard, inside, model.preprocessing.features),
                "name_evidence": model.evidence[position],
                "play": model.plays[position],
                "typical_customer": _describe_typical(own, model.profile_features),
            }
        )
    overrides = dict.fromkeys(("revenue_share", *_MEDIANS), pl.Float64)
    return SegmentProfiles.validate(pl.DataFrame(rows, schema_overrides=overrides, infer_schema_length=None))


def _join_members(features: pl.DataFrame, assignments: pl.DataFrame) -> pl.DataFrame:
    keys = ["customer_id", "as_of_date"]
    without = assignments.join(features.select(keys), on=keys, how="anti")
    if not without.is_empty():
        # Segments instead of customers: an error stays in the orchestrator's record, where nobody is erased.
        raise ValueError(
            f"{without.height:,} of {assignments.height:,} assigned customers have no feature row, "
            f"in segments {without['segment_id'].unique().sort().head(3).to_list()}; rebuild fct_customer_features "
            f"for {without['as_of_date'].to_list()[-1]}"
        )
    return sort_customers(features.join(assignments.select(*keys, "segment_id"), on=keys, how="inner"))


def _choose_revenue(members: pl.DataFrame) -> NDArray[np.float64]:
    """Net revenue of the last year, refunds beyond purchases counted as none."""
    revenue = members["net_revenue_365d"].cast(pl.Float64).fill_null(0.0).to_numpy()
    return np.maximum(revenue, 0.0)


def _median(own: pl.DataFrame, column: str) -> float | None:
    values = own[column].cast(pl.Float64).drop_nulls().to_numpy()
    return float(np.median(values)) if len(values) else None


def _describe_traits(
    raw: NDArray[np.float64],
    standard: NDArray[np.float64],
    inside: NDArray[np.bool_],
    specs: Sequence[FeatureSpec],
) -> str:
    if not inside.any():
        return "[]"
    spread = standard.std(axis=0)
    difference = standard[inside].mean(axis=0) - standard.mean(axis=0)
    z = np.divide(difference, spread, out=np.zeros_like(difference), where=spread > 0)
    own, everyone = take_medians(raw[inside]), take_medians(raw)
    ranked = rank_traits(z, specs, range(len(specs)), one_a_family=False)[:TRAITS_IN_A_PROFILE]
    return json.dumps(
        [
            {
                "feature": specs[column].name,
                "label": specs[column].label,
                "segment_median": _round(own[column]),
                "population_median": _round(everyone[column]),
                "z": round(float(z[column]), 2),
            }
            for column in ranked
        ]
    )


def _round(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)


def _describe_typical(own: pl.DataFrame, specs: Sequence[FeatureSpec]) -> str:
    medians = [(spec, _median(own, spec.name)) for spec in specs]
    parts = [spec.phrase.format(value=format_value(value, spec)) for spec, value in medians if value is not None]
    return capitalise(", ".join(parts)) + "." if parts else "No customer at present."
