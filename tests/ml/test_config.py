"""Configuration blocks: the shipped ones load, wrong ones are refused by file, key and remedy."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from ml.config import ConfigError, load_prediction, load_segmentation, load_vocabulary
from tests.factories import PREDICTION_FILE, PROJECT, SEGMENTATION_FILE

VOCABULARY = PROJECT / "feature_vocabulary.yml"


def write_changed(original: Path, folder: Path, **changes: Any) -> Path:
    """A copy of ``original`` in ``folder`` whose keys are changed (None removes one), references kept."""
    block = yaml.safe_load(original.read_text())
    for key in ("vocabulary", "naming_rules"):
        if key in block:
            block[key] = str((original.parent / block[key]).resolve())
    block.update(changes)
    path = folder / original.name
    path.write_text(yaml.safe_dump({key: value for key, value in block.items() if value is not None}))
    return path


def test_the_shipped_segmentation_loads():
    config = load_segmentation(SEGMENTATION_FILE)
    assert config.name == "behaviour"
    assert [spec.name for spec in config.features][:2] == ["order_count_90d", "order_count_365d"]
    assert config.naming.rules[0].play


def test_the_shipped_prediction_loads():
    config = load_prediction(PREDICTION_FILE)
    assert (config.name, config.horizon.minimum_days, config.horizon.maximum_days) == ("churn", 28, 180)


def test_an_unknown_key_is_named_with_its_file(tmp_path):
    path = write_changed(SEGMENTATION_FILE, tmp_path, smalest_share=0.1)
    with pytest.raises(ConfigError, match=r"behaviour\.yml: smalest_share is no key of this block"):
        load_segmentation(path)


def test_a_missing_key_is_named(tmp_path):
    path = write_changed(PREDICTION_FILE, tmp_path, test_dates=None)
    with pytest.raises(ConfigError, match=r"churn\.yml: test_dates is missing; add it"):
        load_prediction(path)


def test_the_consent_basis_says_which_day_and_which_refusals_count():
    said = "Only customers who, when the model was fitted, had refused neither segmentation nor prediction."
    assert load_segmentation(SEGMENTATION_FILE).consent_basis == said
    assert load_prediction(PREDICTION_FILE).consent_basis == said


def test_a_smallest_segment_of_nobody_is_refused(tmp_path):
    assert load_segmentation(SEGMENTATION_FILE).smallest_customers == 30
    with pytest.raises(ConfigError, match=r"behaviour\.yml: smallest_customers cannot be 0"):
        load_segmentation(write_changed(SEGMENTATION_FILE, tmp_path, smallest_customers=0))


def test_a_nested_key_out_of_bounds_is_named_with_its_value(tmp_path):
    path = write_changed(SEGMENTATION_FILE, tmp_path, stability={"minimum": 1.6, "resamples": 20})
    with pytest.raises(ConfigError, match=r"behaviour\.yml: stability\.minimum cannot be 1\.6"):
        load_segmentation(path)


def test_more_segments_at_least_than_at_most_are_refused(tmp_path):
    path = write_changed(SEGMENTATION_FILE, tmp_path, segments={"minimum": 9, "maximum": 8})
    with pytest.raises(ConfigError, match=r"segments\.minimum is above segments\.maximum"):
        load_segmentation(path)


def test_a_shortest_horizon_above_the_longest_is_refused(tmp_path):
    horizon = {"quantile": 0.9, "minimum_days": 60, "maximum_days": 30}
    with pytest.raises(ConfigError, match=r"horizon\.minimum_days is above horizon\.maximum_days"):
        load_prediction(write_changed(PREDICTION_FILE, tmp_path, horizon=horizon))


@pytest.mark.parametrize("name", ["age_band", "country_code", "region", "gender", "customer_age"])
def test_a_sensitive_attribute_can_never_be_a_feature(tmp_path, name):
    path = write_changed(SEGMENTATION_FILE, tmp_path, features=["order_count", name])
    with pytest.raises(ConfigError, match=f"{name!r} is a sensitive attribute"):
        load_segmentation(path)


def test_a_sensitive_attribute_cannot_hide_in_the_vocabulary(tmp_path):
    entry = yaml.safe_load(VOCABULARY.read_text())["order_count"]
    path = tmp_path / "words.yml"
    path.write_text(yaml.safe_dump({"income_class": entry}))
    with pytest.raises(ConfigError, match="'income_class' is a sensitive attribute"):
        load_vocabulary(path)


def test_average_order_value_is_not_taken_for_an_age():
    assert "average_order_value" in load_vocabulary(VOCABULARY)


def test_a_label_can_never_be_a_feature(tmp_path):
    path = write_changed(PREDICTION_FILE, tmp_path, features=["order_count", "net_revenue_next_90d"])
    with pytest.raises(ConfigError, match="would leak the answer"):
        load_prediction(path)


def test_a_feature_without_words_is_refused(tmp_path):
    path = write_changed(PREDICTION_FILE, tmp_path, features=["order_count", "shoe_size"])
    with pytest.raises(ConfigError, match=r"\['shoe_size'\] are not in the vocabulary"):
        load_prediction(path)


def test_a_feature_named_twice_is_refused(tmp_path):
    path = write_changed(PREDICTION_FILE, tmp_path, features=["order_count", "order_count"])
    with pytest.raises(ConfigError, match=r"\['order_count'\] are named twice"):
        load_prediction(path)


def test_a_naming_rule_over_an_unknown_feature_is_refused(tmp_path):
    rules = {
        "rules": [{"name": "Tall", "play": "-", "when": [{"any_of": [{"feature": "shoe_size"}]}]}],
        "otherwise": {"play": "-"},
    }
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(rules))
    path = write_changed(SEGMENTATION_FILE, tmp_path, naming_rules=str(tmp_path / "rules.yml"))
    with pytest.raises(ConfigError, match=r"rules\.yml: rule 'Tall' uses 'shoe_size'"):
        load_segmentation(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"nothing\.yml is not there"):
        load_segmentation(tmp_path / "nothing.yml")


@pytest.mark.parametrize("text", ["- a list", "a: [1", ""])
def test_a_file_that_is_no_block_is_refused(tmp_path, text):
    (tmp_path / "broken.yml").write_text(text)
    with pytest.raises(ConfigError, match=r"broken\.yml"):
        load_prediction(tmp_path / "broken.yml")


def test_a_yaml_tag_is_not_executed(tmp_path):
    (tmp_path / "evil.yml").write_text("name: !!python/object/apply:os.system ['true']")
    with pytest.raises(ConfigError, match="no readable YAML"):
        load_prediction(tmp_path / "evil.yml")
