"""Frames become matrices in the configured order, and wrong ones are refused."""

from datetime import date
from decimal import Decimal

import dataframely as dy
import numpy as np
import polars as pl
import pytest

from ml.features.matrix import require_date, sort_customers, take_medians, to_matrix

DAY = date(2024, 6, 30)


def test_columns_come_in_the_asked_order_whatever_their_type():
    frame = pl.DataFrame({"b": [1, 2], "a": [Decimal("0.5"), None]})
    np.testing.assert_array_equal(to_matrix(frame, ["a", "b"]), [[0.5, 1.0], [np.nan, 2.0]])


def test_no_column_still_leaves_a_row_for_each_customer():
    assert to_matrix(pl.DataFrame({"a": [1.0, 2.0]}), []).shape == (2, 0)


def test_missing_columns_are_counted_and_named():
    with pytest.raises(ValueError, match=r"2 of 3 feature columns are missing, e\.g\. \['x', 'y'\]"):
        to_matrix(pl.DataFrame({"a": [1.0]}), ["a", "x", "y"])


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match=r"1 feature columns hold NaN or infinity, e\.g\. \['a'\]"):
        to_matrix(pl.DataFrame({"a": [1.0, wrong]}), ["a"])


def test_customers_are_sorted_by_key():
    frame = pl.DataFrame({"customer_id": ["b", "a"], "as_of_date": [DAY, DAY], "x": [1, 2]})
    assert sort_customers(frame)["x"].to_list() == [2, 1]


def test_a_customer_twice_on_one_date_is_refused():
    frame = pl.DataFrame({"customer_id": ["a", "a"], "as_of_date": [DAY, DAY]})
    with pytest.raises(dy.exc.ValidationError, match="primary_key"):
        sort_customers(frame)


def test_rows_of_another_date_are_refused():
    frame = pl.DataFrame({"customer_id": ["a", "b"], "as_of_date": [DAY, date(2024, 5, 31)]})
    with pytest.raises(ValueError, match=r"1 of 2 feature rows are of other dates than 2024-06-30"):
        require_date(frame, DAY)


def test_a_median_ignores_unknown_values_and_stays_unknown_without_any():
    values = np.array([[1.0, np.nan], [np.nan, np.nan], [4.0, np.nan]])
    np.testing.assert_array_equal(take_medians(values), [2.5, np.nan])
