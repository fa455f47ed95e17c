"""Out-of-time predictions: each date is predicted by what could have been known on it."""

from datetime import timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from ml.supervised.rolling_origin import measure_by_date, predict_test_dates
from tests.factories import make_prediction_config

HORIZON = 28


def predict(shop, features=None, labels=None, **changes):
    return predict_test_dates(
        shop.features if features is None else features,
        shop.labels if labels is None else labels,
        horizon_days=HORIZON,
        config=make_prediction_config(**changes),
        cut_off=shop.as_of_dates[-1],
        seed=1,
    )


@pytest.fixture(scope="module")
def predictions(shop):
    return predict(shop)


def test_the_latest_dates_with_a_complete_outcome_are_tested(predictions, shop):
    assert predictions["test_date"].unique().sort().to_list() == shop.as_of_dates[-3:-1]


def test_every_candidate_predicts_the_same_rows(predictions):
    keys = [
        rows.select("test_date", "customer_id", "churned")
        for _, rows in predictions.group_by("candidate", maintain_order=True)
    ]
    assert len(keys) == 3
    assert_frame_equal(keys[0], keys[1])
    assert_frame_equal(keys[0], keys[2])


def test_what_happens_after_a_test_date_changes_no_prediction_of_it(predictions, shop):
    earlier = shop.as_of_dates[-3]
    features = shop.features.with_columns(
        pl.when(pl.col("as_of_date") > earlier).then(99.0).otherwise("order_count").alias("order_count")
    )
    # An order becomes known in time only if it arrived by the test date.
    labels = shop.labels.with_columns(
        pl.when(pl.col("next_order_arrived_on") > earlier)
        .then(None)
        .otherwise("days_to_next_order")
        .alias("days_to_next_order")
    )
    changed = predict(shop, features=features, labels=labels)
    columns = ["candidate", "customer_id", "predicted"]
    of_date = pl.col("test_date") == earlier
    assert_frame_equal(changed.filter(of_date).select(columns), predictions.filter(of_date).select(columns))


def test_a_date_without_enough_to_train_on_is_not_tested(shop):
    assert predict(shop, minimum_of_each_outcome=10_000).is_empty()


def test_each_date_and_candidate_has_its_own_figures(predictions):
    by_date = measure_by_date(predictions)
    assert by_date.height == 6
    assert by_date["candidate"].unique().sort().to_list() == ["boosting", "logistic", "naive"]
    assert (by_date["rows"] > 50).all()
    later = by_date.filter(pl.col("candidate") == "naive").sort("test_date")["training_rows"]
    assert later[1] > later[0]


def test_the_training_rows_of_a_date_end_one_horizon_before_it(predictions, shop):
    first = predictions["test_date"].min()
    known = shop.features.filter(
        pl.col("as_of_date") <= first - timedelta(days=HORIZON), pl.col("days_since_last_order") < HORIZON
    )
    assert predictions.filter(pl.col("test_date") == first)["training_rows"][0] == known.height
