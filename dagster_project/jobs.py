"""The jobs: what a night does, what a month does, and the first half alone for a warehouse without a champion."""

import dagster as dg

from dagster_project import names
from dagster_project.assets import transformation

# The dbt steps as a whole: with a part of one, a data test could meet a table that was not built.
_LOADED_AND_BUILT = dg.AssetSelection.groups(names.RAW) | dg.AssetSelection.assets(transformation.customer_marts)
# Wherever something is published, so that an audit of these very marts goes with it.
_AUDITED = dg.AssetSelection.groups(names.AUDIT)
_TRAINED = dg.AssetSelection.groups(names.TRAINING)
_SCORED_AND_PUBLISHED = dg.AssetSelection.groups(names.SCORING, names.PUBLISHED) | dg.AssetSelection.assets(
    transformation.segment_tables
)

load_and_build = dg.define_asset_job(
    "load_and_build",
    selection=_LOADED_AND_BUILT | _AUDITED,
    description="Loads new files, builds the marts and audits the data; publishes nothing.",
)

nightly = dg.define_asset_job(
    "nightly",
    selection=_LOADED_AND_BUILT | _AUDITED | _SCORED_AND_PUBLISHED,
    description="Loads new files, builds the marts, audits the data, scores with the champions and publishes.",
)

monthly_retrain = dg.define_asset_job(
    "monthly_retrain",
    selection=_AUDITED | _TRAINED | _SCORED_AND_PUBLISHED,
    description=(
        "Fits both models as of the end of a month, compares them, promotes the better ones, scores and "
        "publishes. A backfill retrains past months with what was known then."
    ),
)

ALL = [load_and_build, nightly, monthly_retrain]
