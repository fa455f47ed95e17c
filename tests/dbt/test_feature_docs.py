"""docs/features.md says what dbt says."""

import json

import pytest

from dagster_project.feature_docs import (
    DOCUMENT,
    FeatureDocsError,
    describe_feature,
    read_families,
    read_labels,
    render_features,
)
from tests.dbt.warehouses import FEATURES, read

NO_FEATURES = {"customer_id", "as_of_date", "is_current"}


@pytest.fixture(scope="module")
def manifest(workshop):
    return json.loads((workshop.settings.dbt_target_folder / "manifest.json").read_bytes())


def test_the_document_is_up_to_date(manifest):
    assert DOCUMENT.read_text(encoding="utf-8") == render_features(manifest, read_labels()), "run `make docs`"


def test_every_feature_of_the_mart_is_in_one_family(manifest, after_first_load):
    columns = read(after_first_load, f"select * from {FEATURES} limit 0").columns
    listed = [name for names in read_families(manifest).values() for name in names]
    assert sorted(listed) == sorted(set(columns) - NO_FEATURES)


def test_every_feature_that_models_can_use_is_in_the_document(manifest):
    listed = {name for names in read_families(manifest).values() for name in names}
    assert set(read_labels()) <= listed


@pytest.mark.parametrize(
    ("name", "description", "window"),
    [
        ("view_count_30d", "Views (views). NULL before.", "30 days"),
        ("view_count", "Views (views). NULL before.", "all time"),
        ("trend_90d", "Views of the last 90 days against the 90 before (-1 to 1). NULL.", "90 days, and the 90 before"),
        ("season_share", "Share in the same 90 days one year earlier (0 to 1). NULL.", "90 days, a year ago"),
        ("days_since", "Days since a view (days). NULL without one in the last 365 days.", "365 days"),
    ],
)
def test_the_window_is_read_from_name_or_words(name, description, window):
    assert describe_feature(name, description, {}).window == window


def test_a_description_is_taken_apart():
    said = "Share of orders (of the shop's own) with a coupon (0 to 1). NULL before the first order."
    feature = describe_feature("coupon_share", said, {"coupon_share": "share of orders with a coupon"})
    assert feature.definition == "Share of orders (of the shop's own) with a coupon"
    assert (feature.unit, feature.missing) == ("0 to 1", "NULL before the first order.")
    assert feature.label == "share of orders with a coupon"


@pytest.mark.parametrize("description", ["", "Orders.", "Orders (orders).", "Orders. NULL before the first."])
def test_a_description_without_unit_or_null_rule_is_an_error(description):
    with pytest.raises(FeatureDocsError, match="order_count is described as"):
        describe_feature("order_count", description, {})
