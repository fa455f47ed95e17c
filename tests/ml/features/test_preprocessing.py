"""What preprocessing learns from training rows, by hand, and that it learns nothing later."""

from dataclasses import asdict

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.features.preprocessing import NO_DIFFERENCE, NOT_IN_THE_DATA, Preprocessing, fit_preprocessing
from tests.factories import make_spec


def test_values_are_standardised_by_the_training_rows():
    training = pl.DataFrame({"orders": [1.0, 3.0] * 50})
    fitted = fit_preprocessing(training, [make_spec()])
    # Mean 2, standard deviation 1; 3 is the 99th percentile, so 9 counts as 3.
    np.testing.assert_allclose(fitted.transform(pl.DataFrame({"orders": [2.0, 9.0]})), [[0.0], [1.0]])


def test_a_skewed_amount_is_put_on_a_log_scale():
    training = pl.DataFrame({"orders": [0.0, np.e - 1] * 50})
    fitted = fit_preprocessing(training, [make_spec(transform="log1p")])
    # log1p gives 0 and 1: mean 0.5, standard deviation 0.5.
    np.testing.assert_allclose(fitted.transform(training.head(2)), [[-1.0], [1.0]])


def test_more_refunds_than_purchases_count_as_nothing_on_a_log_scale():
    training = pl.DataFrame({"orders": [-50.0, 0.0, 10.0] * 40})
    fitted = fit_preprocessing(training, [make_spec(transform="log1p")])
    minus, nothing, _ = fitted.transform(training.head(3))[:, 0]
    assert minus == nothing


def test_a_missing_value_takes_the_training_median():
    training = pl.DataFrame({"orders": [1.0, 5.0, 6.0, None] * 30})
    fitted = fit_preprocessing(training, [make_spec()])
    filled, median = fitted.transform(pl.DataFrame({"orders": [None, 5.0]}, schema={"orders": pl.Float64}))[:, 0]
    assert filled == median


def test_a_missing_value_takes_zero_where_none_means_none():
    training = pl.DataFrame({"orders": [0.0, 5.0, 6.0, None] * 30})
    fitted = fit_preprocessing(training, [make_spec(when_missing="zero")])
    filled, zero = fitted.transform(pl.DataFrame({"orders": [None, 0.0]}, schema={"orders": pl.Float64}))[:, 0]
    assert filled == zero


def test_a_feature_that_nobody_has_is_left_out_with_the_reason():
    training = pl.DataFrame({"orders": [1.0, 2.0], "coupons": [None, None]})
    fitted = fit_preprocessing(training, [make_spec(), make_spec("coupons")])
    assert fitted.columns == ("orders",)
    assert fitted.left_out == {"coupons": NOT_IN_THE_DATA}


def test_a_feature_that_differs_for_one_in_two_hundred_is_left_out():
    training = pl.DataFrame({"orders": [float(n) for n in range(200)], "coupons": [0.0] * 199 + [1.0]})
    fitted = fit_preprocessing(training, [make_spec(), make_spec("coupons")])
    assert fitted.left_out == {"coupons": NO_DIFFERENCE}


def test_a_family_adds_as_much_to_a_squared_distance_as_one_feature():
    training = pl.DataFrame({name: [0.0, 1.0] * 50 for name in ("orders", "visits", "value")})
    specs = [make_spec(family="often"), make_spec("visits", family="often"), make_spec("value")]
    low, high = fit_preprocessing(training, specs).transform(training.head(2))
    # Each feature is two standard deviations apart; the two of one family share one feature's 4.
    np.testing.assert_allclose((high - low) ** 2, [2.0, 2.0, 4.0])


def test_scoring_other_customers_changes_nothing_that_was_learned():
    fitted = fit_preprocessing(pl.DataFrame({"orders": [1.0, 3.0] * 50}), [make_spec()])
    alone = fitted.transform(pl.DataFrame({"orders": [2.5]}))
    among = fitted.transform(pl.DataFrame({"orders": [2.5, 1e6, 1e7]}))
    assert alone[0, 0] == among[0, 0]


def test_a_preprocessing_survives_its_state():
    training = pl.DataFrame({"orders": [1.0, 3.0, 8.0] * 50, "coupons": [None] * 150})
    fitted = fit_preprocessing(training, [make_spec(transform="log1p"), make_spec("coupons")])
    again = Preprocessing.from_state(asdict(fitted))
    assert again.features == fitted.features
    assert again.left_out == fitted.left_out
    np.testing.assert_array_equal(again.transform(training), fitted.transform(training))


@given(st.lists(st.none() | st.floats(-1e9, 1e9), min_size=2, max_size=40))
def test_prepared_values_are_always_finite(values):
    training = pl.DataFrame({"orders": values}, schema={"orders": pl.Float64})
    fitted = fit_preprocessing(training, [make_spec(transform="log1p", when_missing="zero")])
    assert np.isfinite(fitted.transform(training)).all()


@pytest.mark.parametrize("columns", [("orders", "value"), ("value", "orders")])
def test_the_frame_s_column_order_does_not_matter(columns):
    training = pl.DataFrame({"orders": [1.0, 3.0] * 50, "value": [5.0, 9.0] * 50})
    fitted = fit_preprocessing(training.select(columns), [make_spec(), make_spec("value")])
    np.testing.assert_allclose(fitted.transform(training.head(1)), [[-1.0, -1.0]])
