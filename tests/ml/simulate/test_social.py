import numpy as np
import polars as pl
import pytest

from ml.simulate.social import ACTS, draw_social_acts


def test_few_customers_are_known_there(part, shop):
    people = part.files["social_engagements"]["customer_id"].n_unique()
    assert 0.03 < people / len(part.truth["customers"]) < shop.preset.families.social.linked


def test_style_browsers_act_most(part):
    acts = part.files["social_engagements"].group_by("customer_id").len()
    people = part.truth["customers"].join(acts, on="customer_id", how="left").with_columns(pl.col("len").fill_null(0))
    mean = dict(people.group_by("archetype").agg(pl.col("len").mean()).iter_rows())
    assert mean["style browser"] > 1.5 * mean["plain"] > 1.5 * mean["one-time big spender"]


def test_acts_have_words_or_no_sentiment(part):
    acts = part.files["social_engagements"]
    assert set(acts["kind"].unique()) == set(ACTS)
    worded = acts["kind"].is_in(["comment", "share", "mention"])
    assert (acts["sentiment_score"].is_not_null() == worded).all()
    assert acts["sentiment_score"].drop_nulls().is_between(-1, 1).all()


def test_most_acts_are_in_the_network_a_person_uses_most(chunk):
    acts = chunk.social_acts
    often = np.flatnonzero(np.bincount(acts.person, minlength=2_000) >= 10)
    shares = [
        np.bincount(acts.network[acts.person == person]).max() / (acts.person == person).sum() for person in often
    ]
    assert np.mean(shares) == pytest.approx(0.8, abs=0.08)


def test_nobody_acts_before_they_came(chunk):
    acts = chunk.social_acts
    assert (acts.at >= np.floor(chunk.people.came[acts.person])).all()


def test_the_same_seed_gives_the_same_acts(shop, chunk):
    again = draw_social_acts(chunk.people, chunk.lives, shop.demand, shop.preset, seed=shop.seed, chunk=0)
    assert np.array_equal(again.at, chunk.social_acts.at)
    assert np.array_equal(again.sentiment, chunk.social_acts.sentiment, equal_nan=True)
