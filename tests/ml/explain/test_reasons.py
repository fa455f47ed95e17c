"""How often each feature is the first reason."""

import polars as pl

from ml.explain.reasons import count_first_reasons
from tests.factories import make_segmentation_config

# Customer, rank, feature and contribution; the second reasons would turn the counts round.
REASONS = pl.DataFrame(
    [
        ("anna", 1, "order_count_90d", 0.4),
        ("anna", 2, "tenure_days", 0.3),
        ("bert", 1, "order_count_90d", -0.5),
        ("bert", 2, "tenure_days", 0.1),
        ("cleo", 1, "tenure_days", 0.2),
        ("cleo", 2, "order_count_90d", 0.1),
        ("dora", 1, "order_count_90d", 0.0),
        ("dora", 2, "tenure_days", 0.0),
    ],
    schema=["customer_id", "rank", "feature", "contribution"],
    orient="row",
).with_columns(pl.lit("behaviour").alias("subject"))


def test_first_reasons_are_counted_by_feature_with_their_direction():
    counts = count_first_reasons(REASONS, make_segmentation_config().features)
    assert counts.select("feature", "customers", "speaks_for", "speaks_against").rows() == [
        ("order_count_90d", 3, 2, 1),
        ("tenure_days", 1, 1, 0),
    ]


def test_sentence_of_a_reason_is_shown_without_anybodys_value():
    config = make_segmentation_config()
    spec = next(spec for spec in config.features if spec.name == "order_count_90d")
    says = count_first_reasons(REASONS, config.features)["says"][0]
    assert says.lower() == spec.phrase.replace("{value}", "…").lower()


def test_first_reasons_name_nobody():
    text = str(count_first_reasons(REASONS, make_segmentation_config().features).to_dicts())
    assert not [name for name in ("anna", "bert", "cleo", "dora") if name in text]
