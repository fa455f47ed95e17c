"""Planted leaks are found, honest features are not, and a real leak of a well-known data set is found too."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from ml.evaluate.leakage import LeakRules, detect_leaks, measure_rank_correlation, measure_roc_auc, rank

ROWS = 400
ONLINE_SHOPPERS = Path(__file__).resolve().parents[4] / "shared" / "data" / "online_shoppers_intention.parquet"


@pytest.fixture
def generator():
    return np.random.default_rng(7)


@pytest.fixture
def bought(generator):
    """An outcome that three honest features tell to some degree."""
    return generator.random(ROWS) < 0.3


@pytest.fixture
def honest(generator, bought):
    return pl.DataFrame({f"trait_{n}": bought * 0.8 + generator.normal(0, 1, ROWS) for n in range(3)})


def suspected(features, outcome, **rules):
    outcomes = pl.DataFrame({"outcome": outcome})
    found = detect_leaks(features=features, outcomes=outcomes, rules=LeakRules(**rules))
    return found.filter("is_suspected")["feature"].to_list()


def test_ranks_share_the_mean_of_their_places():
    assert rank(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1.0, 3.5, 2.0]


def test_measures_agree_with_the_libraries(generator):
    outcome, values = generator.random(50) < 0.4, generator.integers(0, 6, 50).astype(float)
    assert measure_roc_auc(outcome, values) == pytest.approx(roc_auc_score(outcome, values))
    other = values + generator.integers(0, 4, 50)
    assert measure_rank_correlation(values, other) == pytest.approx(spearmanr(values, other).statistic)


def test_honest_features_are_not_suspected(honest, bought):
    assert suspected(honest, bought) == []


def test_feature_that_tells_nearly_all_is_suspected_in_either_direction(honest, bought, generator):
    noise = generator.normal(0, 0.2, ROWS)
    leaks = honest.with_columns(pl.Series("up", bought + noise), pl.Series("down", noise - bought))
    assert sorted(suspected(leaks, bought)) == ["down", "up"]


def test_feature_far_above_all_others_is_suspected(honest, bought, generator):
    alone = bought * 1.7 + generator.normal(0, 1, ROWS)
    found = detect_leaks(
        features=honest.with_columns(pl.Series("alone", alone)), outcomes=pl.DataFrame({"outcome": bought})
    )
    top = found.row(0, named=True)
    assert top["feature"] == "alone"
    assert top["is_suspected"]
    assert 0.85 < top["figure"] < 0.97


def test_as_strong_a_feature_among_its_like_is_not_suspected(honest, bought, generator):
    alike = {f"strong_{n}": bought * 1.7 + generator.normal(0, 1, ROWS) for n in range(2)}
    assert suspected(honest.with_columns(**{name: pl.Series(values) for name, values in alike.items()}), bought) == []


def test_two_forms_of_one_leak_do_not_hide_each_other(honest, bought, generator):
    alone = bought * 1.7 + generator.normal(0, 1, ROWS)
    both = honest.with_columns(pl.Series("leak", alone), pl.Series("leak_cubed", alone**3))
    assert sorted(suspected(both, bought)) == ["leak", "leak_cubed"]


def test_value_given_only_with_the_outcome_is_suspected(honest, bought, generator):
    given_when_bought = [float(x) if is_bought else None for x, is_bought in zip(range(ROWS), bought, strict=True)]
    assert suspected(honest.with_columns(pl.Series("reason_code", given_when_bought)), bought) == ["reason_code"]


def test_copy_of_an_amount_is_suspected_though_zeros_differ(generator):
    spent = np.where(generator.random(ROWS) < 0.3, generator.gamma(2, 30, ROWS), 0.0)
    copied = np.where(spent > 0, spent, generator.gamma(2, 30, ROWS))
    other = pl.DataFrame({"copied": copied, "other": generator.normal(0, 1, ROWS)})
    assert suspected(other, spent) == ["copied"]


def test_limit_is_configurable(honest, bought):
    assert len(suspected(honest, bought, roc_auc=0.6)) == 3


def test_rows_without_an_outcome_do_not_count(honest, bought, generator):
    unknown = generator.random(ROWS) < 0.5
    leak = np.where(unknown, generator.normal(0, 9, ROWS), bought + generator.normal(0, 0.1, ROWS))
    outcome = [None if is_unknown else bool(x) for x, is_unknown in zip(bought, unknown, strict=True)]
    assert suspected(honest.with_columns(pl.Series("leak", leak)), outcome) == ["leak"]


def test_too_few_outcomes_say_nothing(honest):
    rare = np.arange(ROWS) < 20
    found = detect_leaks(
        features=honest.with_columns(pl.Series("leak", rare)), outcomes=pl.DataFrame({"outcome": rare})
    )
    assert found.is_empty()


def test_text_is_left_out(honest, bought):
    with_text = honest.with_columns(pl.Series("word", ["yes" if one else "no" for one in bought]))
    assert suspected(with_text, bought) == []


def test_rows_that_do_not_belong_together_are_refused(honest, bought):
    with pytest.raises(ValueError, match="do not belong to"):
        detect_leaks(features=honest, outcomes=pl.DataFrame({"outcome": bought[:-1]}))


@pytest.mark.skipif(not ONLINE_SHOPPERS.exists(), reason="the Online Shoppers data set is not on this machine")
def test_page_values_of_online_shoppers_are_the_only_suspect():
    """The value of the pages before a purchase is computed from the purchases themselves."""
    sessions = pl.read_parquet(ONLINE_SHOPPERS)
    assert suspected(sessions.drop("Revenue"), sessions["Revenue"]) == ["PageValues"]
