"""Points of the reliability curve."""

import polars as pl

from ml.evaluate.reliability import tabulate_reliability


def test_each_bin_tells_predicted_and_observed_rates():
    predictions = pl.DataFrame(
        {
            "candidate": ["naive"] * 6,
            "predicted": [0.2, 0.2, 0.2, 0.2, 0.6, 0.6],
            "churned": [True, False, False, False, True, True],
        }
    )
    points = tabulate_reliability(predictions)
    assert points.rows() == [("naive", 1, 0.2, 0.25, 4), ("naive", 2, 0.6, 1.0, 2)]


def test_every_candidate_has_its_own_curve():
    predictions = pl.DataFrame({"candidate": ["b", "a"], "predicted": [0.5, 0.4], "churned": [True, False]})
    assert tabulate_reliability(predictions)["candidate"].to_list() == ["a", "b"]
