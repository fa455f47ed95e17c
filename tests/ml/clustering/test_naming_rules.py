"""The shipped naming rules: no name says of a segment what is not so, however unlike the others it is."""

import numpy as np
import pytest

from ml.clustering.naming import SegmentTraits, name_segments
from tests.factories import make_segmentation_config

CONFIG = make_segmentation_config()
SPECS = {spec.name: spec for spec in CONFIG.vocabulary}
# A customer whose figures meet no rule, and how far a segment of such customers lies from everyone.
PLAIN = {
    "order_count": 5.0,
    "order_count_90d": 1.0,
    "order_count_365d": 4.0,
    "average_order_value": 30.0,
    "days_since_last_order": 40.0,
    "tenure_days": 500.0,
    "net_revenue_trend_90d": 0.0,
    "coupon_share": 0.0,
    "discount_share": 0.0,
    "discount_campaign_response_rate": 0.0,
}
FAR = 2.0


def name_one(typical, z):
    """The name of a segment whose median customer is PLAIN but for ``typical``, ``z`` away from everyone."""
    median = np.array([[{**PLAIN, **typical}[name] for name in PLAIN]])
    # Fewer orders in the last year than others, so that nobody is an occasional shopper by default.
    away = np.array([[{"order_count_365d": 1.0, **z}.get(name, 0.0) for name in PLAIN]])
    specs = tuple(SPECS[name] for name in PLAIN)
    return name_segments(SegmentTraits(specs, away, median, np.array(list(PLAIN.values()))), CONFIG)[0].name


BUSY = {"order_count_365d": FAR, "days_since_last_order": -FAR}
QUIET = {"order_count_365d": -FAR, "days_since_last_order": FAR}


@pytest.mark.parametrize(
    ("typical", "is_met"),
    [
        ({"order_count_365d": 3.0, "days_since_last_order": 90.0}, True),
        ({"order_count_365d": 2.0, "days_since_last_order": 90.0}, False),
        ({"order_count_365d": 3.0, "days_since_last_order": 91.0}, False),
    ],
)
def test_loyal_regulars_ordered_three_times_in_a_year_and_in_the_last_90_days(typical, is_met):
    assert (name_one(typical, BUSY) == "Loyal regulars") == is_met


@pytest.mark.parametrize("z", [BUSY, QUIET, {}])
def test_customers_without_an_order_in_a_year_have_lapsed_whatever_the_others_do(z):
    asleep = {"order_count_90d": 0.0, "order_count_365d": 0.0, "days_since_last_order": 500.0}
    assert name_one(asleep, z) == "Lapsed"


@pytest.mark.parametrize(("orders", "is_met"), [(1.0, True), (0.5, False)])
def test_occasional_shoppers_ordered_in_the_last_year(orders, is_met):
    typical = {"order_count_365d": orders, "days_since_last_order": 80.0}
    assert (name_one(typical, {"order_count_365d": -FAR}) == "Occasional shoppers") == is_met


@pytest.mark.parametrize(
    ("typical", "is_met"),
    [
        ({"coupon_share": 0.1}, True),
        ({"discount_campaign_response_rate": 0.1}, True),
        ({"coupon_share": 0.09}, False),
        ({"coupon_share": 0.1, "days_since_last_order": 89.0}, False),
    ],
)
def test_dormant_discount_responders_are_away_and_did_use_discounts(typical, is_met):
    z = {"days_since_last_order": FAR, "coupon_share": 0.7, "discount_campaign_response_rate": 0.7}
    name = name_one({"days_since_last_order": 90.0, **typical}, z)
    assert (name == "Dormant discount responders") == is_met


@pytest.mark.parametrize(("share", "is_met"), [(0.1, True), (0.09, False)])
@pytest.mark.parametrize("feature", ["coupon_share", "discount_share"])
def test_discount_seekers_get_a_tenth_on_discount(feature, share, is_met):
    assert (name_one({feature: share}, {feature: FAR}) == "Discount seekers") == is_met


@pytest.mark.parametrize(("trend", "is_met"), [(0.0, True), (0.01, False)])
def test_regulars_at_risk_do_not_spend_more_than_before(trend, is_met):
    z = {"net_revenue_trend_90d": -FAR, "days_since_last_order": 0.2}
    assert (name_one({"net_revenue_trend_90d": trend}, z) == "At-risk regulars") == is_met


@pytest.mark.parametrize(("trend", "is_met"), [(0.05, True), (0.04, False)])
def test_growing_shoppers_do_grow(trend, is_met):
    z = {"net_revenue_trend_90d": FAR}
    assert (name_one({"net_revenue_trend_90d": trend}, z) == "Growing shoppers") == is_met


def test_where_everyone_is_asleep_the_liveliest_are_named_by_comparison():
    config = make_segmentation_config()
    asleep = {"order_count_90d": 0.0, "order_count_365d": 0.0, "days_since_last_order": 500.0}
    median = np.array([[{**PLAIN, **asleep}[name] for name in PLAIN]] * 3)
    z = np.zeros((3, len(PLAIN)))
    z[:, list(PLAIN).index("days_since_last_order")] = (FAR, -FAR, -1.0)
    z[:, list(PLAIN).index("average_order_value")] = (0.0, 0.0, 1.5)
    specs = tuple(SPECS[name] for name in PLAIN)
    names = [one.name for one in name_segments(SegmentTraits(specs, z, median, median[0]), config)]
    assert names == ["Lapsed", "More recent than most", "Bigger baskets, more recent than most"]


def test_no_play_claims_what_was_not_measured():
    plays = [rule.play for rule in CONFIG.naming.rules]
    assert not [play for play in plays if "nothing else" in play]
