"""Names by rule, their evidence, and that no two are alike."""

import numpy as np
import polars as pl
import pytest

from ml.clustering.naming import SegmentTraits, measure_traits, name_segments
from ml.config import Condition, NamingRule, NamingRules, NoRule
from tests.factories import make_segmentation_config, make_spec

ORDERS = make_spec("orders", high="frequent", low="infrequent", family="often")
VISITS = make_spec("visits", high="visiting", low="not visiting", family="often")
VALUE = make_spec("value", high="big baskets", low="small baskets", format="money")
SPECS = (ORDERS, VISITS, VALUE)


def make_config(*rules):
    naming = NamingRules(rules=rules, otherwise=NoRule(play="Look closer."))
    return make_segmentation_config(features=SPECS, vocabulary=SPECS, naming=naming)


def make_traits(z, typical=None):
    z = np.array(z, dtype=float)
    typical = np.full(z.shape, 10.0) if typical is None else np.array(typical, dtype=float)
    return SegmentTraits(specs=SPECS, z=z, typical=typical, population=np.array([4.0, 5.0, 6.0]))


def rule(name, *conditions):
    return NamingRule(name=name, play=f"Play of {name}.", when=conditions)


def test_the_first_rule_that_is_met_names_the_segment_with_its_figures():
    config = make_config(
        rule("Regulars", Condition(feature="orders", higher_by=0.5)), rule("Any", Condition(feature="orders"))
    )
    named = name_segments(make_traits([[1.0, 0.0, 0.0]]), config)[0]
    assert (named.name, named.play) == ("Regulars", "Play of Regulars.")
    assert named.evidence == "orders in words 10 (everyone 4)"


def test_figures_that_read_as_everyone_s_are_no_evidence():
    config = make_config(rule("Any", Condition(feature="orders"), Condition(feature="value")))
    named = name_segments(make_traits([[1.0, 0.0, 0.0]], typical=[[4.0, 5.0, 9.0]]), config)[0]
    assert named.evidence == "value in words 9.00 (everyone 6.00)"


def test_without_a_different_figure_the_first_is_said_to_be_everyone_s():
    config = make_config(rule("Any", Condition(feature="orders"), Condition(feature="value")))
    named = name_segments(make_traits([[1.0, 0.0, 0.0]], typical=[[4.0, 5.0, 6.0]]), config)[0]
    assert named.evidence == "orders in words 4 (as everyone)"


def test_of_two_segments_that_meet_a_rule_the_stronger_has_the_name():
    config = make_config(
        rule("Regulars", Condition(feature="orders", higher_by=0.5)),
        rule("Half regulars", Condition(feature="orders", higher_by=0.2)),
    )
    names = [named.name for named in name_segments(make_traits([[0.6, 0, 0], [2.0, 0, 0]]), config)]
    assert names == ["Half regulars", "Regulars"]


@pytest.mark.parametrize(
    ("condition", "is_met"),
    [
        (Condition(feature="value", typical_at_least=10), True),
        (Condition(feature="value", typical_at_least=10.1), False),
        (Condition(feature="value", typical_at_most=10), True),
        (Condition(feature="value", typical_at_most=9.9), False),
        (Condition(feature="value", higher_by=-0.5), True),
        (Condition(feature="value", higher_by=-0.4), False),
        (Condition(feature="value", lower_by=0.5), True),
        (Condition(feature="value", lower_by=0.6), False),
        (Condition(any_of=(Condition(feature="value", higher_by=1), Condition(feature="orders"))), True),
        (Condition(any_of=(Condition(feature="value", higher_by=1),)), False),
    ],
)
def test_a_condition_is_met_at_its_bound_and_not_beyond(condition, is_met):
    named = name_segments(make_traits([[0.0, 0.0, -0.5]]), make_config(rule("Named", condition)))[0]
    assert (named.name == "Named") == is_met


def test_a_rule_over_a_feature_the_data_lack_is_never_met():
    config = make_config(rule("Clickers", Condition(feature="clicks", higher_by=-9)))
    assert name_segments(make_traits([[1.0, 0.0, 0.0]]), config)[0].name != "Clickers"


def test_without_a_rule_the_two_most_distinctive_traits_of_different_families_name_it():
    named = name_segments(make_traits([[1.2, 1.1, -0.8]]), make_config())[0]
    assert named.name == "Frequent, small baskets"
    assert named.play == "Look closer."


def test_a_weak_difference_is_no_trait():
    named = name_segments(make_traits([[0.9, 0.0, 0.24]]), make_config())[0]
    assert named.name == "Frequent"


def test_segments_without_traits_still_get_different_names():
    named = name_segments(make_traits([[0, 0, 0], [0, 0, 0], [0, 0, 0]]), make_config())
    assert [one.name for one in named] == [
        "Close to the average",
        "Close to the average (2)",
        "Close to the average (3)",
    ]


def test_traits_are_means_in_standard_deviations_and_medians_in_units():
    features = pl.DataFrame(
        {"orders": [1.0, 3.0] * 50, "visits": [None] * 100, "value": [1.0, 1.0, 5.0, 5.0] * 25, "level": [7.0] * 100},
        schema_overrides={"visits": pl.Float64},
    )
    traits = measure_traits(features, np.array([0, 1] * 50), 2, (*SPECS, make_spec("level")))
    # Nobody has a visit on record, which is no figure; everybody has the same value of one, which is.
    assert [spec.name for spec in traits.specs] == ["orders", "value", "level"]
    np.testing.assert_allclose(traits.z, [[-1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    np.testing.assert_allclose(traits.typical, [[1.0, 3.0, 7.0], [3.0, 3.0, 7.0]])
    np.testing.assert_allclose(traits.population, [2.0, 3.0, 7.0])
