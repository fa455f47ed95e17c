"""Feature values as people read them."""

import math

import pytest

from ml.config import load_vocabulary
from ml.features.wording import describe_figure, describe_value, format_below, format_value, is_about_equal
from tests.factories import PROJECT, make_spec


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("times", 0, "not once"),
        ("times", 1, "once"),
        ("times", 2, "twice"),
        ("times", 12, "12 times"),
        ("times", 2.5, "2.5 times"),
        ("count", 1234, "1,234"),
        ("days", 1, "1 day"),
        ("days", 12, "12 days"),
        ("days", 22.5, "22.5 days"),
        ("money", 21.256, "21.26"),
        ("money", 1234.5, "1,234"),
        ("share", 0.125, "12 %"),
        ("share", 0.004, "under 1 %"),
        ("share", 0, "0 %"),
        ("number", 1.046, "1.05"),
    ],
)
def test_a_value_carries_its_unit(form, value, text):
    assert format_value(float(value), make_spec(format=form)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        # (later - before) / (later + before) of 130 against 100, 60 against 100, and so on.
        (30 / 230, "up 30 %"),
        (-40 / 160, "down 40 %"),
        (0.0, "unchanged"),
        (-1.0, "down 100 %"),
        (1.0, "up from nothing"),
        (19 / 21, "20 times as much"),
    ],
)
def test_a_trend_is_told_as_the_change_from_the_period_before(value, text):
    assert format_value(value, make_spec(format="against")) == text


@pytest.mark.parametrize("value", [None, math.nan])
def test_an_unknown_value_is_called_not_known(value):
    spec = make_spec(label="days between orders")
    assert format_value(value, spec) == "not known"
    assert describe_value(value, spec) == "Days between orders: not known"


def test_a_sentence_starts_with_a_capital_and_names_the_value():
    spec = make_spec(format="times", phrase="ordered {value} in the last 90 days")
    assert describe_value(12.0, spec) == "Ordered 12 times in the last 90 days"


def test_a_count_of_none_reads_well_in_every_phrase_of_the_vocabulary():
    vocabulary = load_vocabulary(PROJECT / "feature_vocabulary.yml")
    said = {spec.name: describe_value(0.0, spec) for spec in vocabulary.values() if spec.format == "times"}
    assert said == {
        "order_count": "Ordered not once so far",
        "order_count_30d": "Ordered not once in the last 30 days",
        "order_count_90d": "Ordered not once in the last 90 days",
        "order_count_365d": "Ordered not once in the last year",
        "campaign_exposure_count": "Was sent a campaign not once",
        "coupon_redemption_count_90d": "Redeemed a coupon not once in the last 90 days",
        "email_sent_count_90d": "Was sent an e-mail not once in the last 90 days",
        "email_unsubscribed": "Unsubscribed from e-mails not once",
        "ticket_count_90d": "Asked for help not once in the last 90 days",
        "ticket_count_365d": "Asked for help not once in the last year",
        "social_engagement_count_30d": "Acted not once in social networks in the last 30 days",
        "social_engagement_count_90d": "Acted not once in social networks in the last 90 days",
        "call_count_90d": "Had a call not once in the last 90 days",
        "rep_touch_count_90d": "Was contacted by a representative not once in the last 90 days",
        "session_count_30d": "Visited not once in the last 30 days",
        "session_count_90d": "Visited not once in the last 90 days",
        "product_view_count_30d": "Viewed products not once in the last 30 days",
        "product_view_count_90d": "Viewed products not once in the last 90 days",
        "search_count_90d": "Searched not once in the last 90 days",
        "add_to_cart_count_90d": "Put something into the cart not once in the last 90 days",
    }


@pytest.mark.parametrize(
    ("value", "bar", "text"),
    [(0.597, 0.6, "0.597"), (0.59, 0.6, "0.59"), (0.7, 0.6, "0.70"), (0.6, 0.6, "0.60"), (0.599996, 0.6, "0.599996")],
)
def test_a_figure_below_a_bar_is_written_as_less(value, bar, text):
    assert format_below(value, bar, 2) == text


@pytest.mark.parametrize(
    ("form", "value", "usual", "is_equal"),
    [
        ("times", 12, 13, True),
        ("times", 9, 10, True),
        ("times", 3, 4, False),
        ("days", 0, 1, False),
        ("share", 0.02, 0.04, True),
        ("share", 0.02, 0.05, False),
        ("against", 0.0, -0.02, True),
        ("times", math.nan, 4, False),
    ],
)
def test_values_a_tenth_or_two_points_apart_are_about_equal(form, value, usual, is_equal):
    assert is_about_equal(float(value), float(usual), make_spec(format=form)) == is_equal


def test_a_figure_beside_a_label_does_not_repeat_times():
    assert describe_figure(12.0, make_spec(format="times")) == "12"
    assert describe_figure(12.0, make_spec(format="days")) == "12 days"


def test_no_text_of_the_vocabulary_shows_a_column_name():
    for spec in load_vocabulary(PROJECT / "feature_vocabulary.yml").values():
        for text in (spec.label, spec.phrase, spec.high, spec.low):
            assert "_" not in text
