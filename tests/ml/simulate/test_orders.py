from dataclasses import replace

import numpy as np
import pytest

from ml.simulate.archetypes import PLAIN
from ml.simulate.demand import build_demand
from ml.simulate.orders import draw_lives, set_time_of_day
from ml.simulate.population import draw_people
from ml.simulate.presets import BRAND_SHOP


def live_alike(**process):
    """Lives of 2,000 alike people who order every ten days and never leave, unless told otherwise."""
    preset = replace(
        BRAND_SHOP,
        archetypes=(PLAIN,),
        shares=(1.0,),
        process=replace(BRAND_SHOP.process, **process),
        rhythm=replace(BRAND_SHOP.rhythm, months=(1.0,) * 12, week=(1.0,) * 7, promotions=(), flash_demand=1.0),
    )
    demand = build_demand(preset)
    people = draw_people(preset, demand, seed=3, chunk=0)
    size = len(people)
    alike = replace(people, orders_per_day=np.full(size, 0.1), dropout=np.zeros(size), came=np.full(size, 100.0))
    return alike, demand, preset


def gaps_of(lives):
    return np.diff(lives.at)[lives.person[1:] == lives.person[:-1]]


def test_orders_come_at_the_persons_rate():
    people, demand, preset = live_alike()
    lives = draw_lives(people, demand, preset, seed=3, chunk=0)
    assert len(lives.at) / len(people) == pytest.approx(1 + 0.1 * (demand.days - 100), rel=0.02)


@pytest.mark.parametrize(("regularity", "variation"), [(1.0, 1.0), (4.0, 0.5)])
def test_gaps_vary_as_the_erlang_shape_says(regularity, variation):
    people, demand, preset = live_alike(regularity=regularity)
    gaps = gaps_of(draw_lives(people, demand, preset, seed=3, chunk=0))
    # The coefficient of variation of an Erlang distribution is 1 / sqrt(k).
    assert gaps.std() / gaps.mean() == pytest.approx(variation, rel=0.03)


def test_nobody_orders_after_they_are_gone(chunk):
    assert np.all(chunk.lives.at <= chunk.lives.gone_at[chunk.lives.person])
    assert np.all(chunk.orders.at <= chunk.lives.gone_at[chunk.orders.person])


def test_whoever_leaves_is_gone_with_the_last_order(chunk):
    left = np.flatnonzero(np.isfinite(chunk.lives.gone_at))
    assert len(left) > 100
    for person in left[:50]:
        assert chunk.lives.at[chunk.lives.person == person].max() == chunk.lives.gone_at[person]


def test_a_dropout_of_one_means_two_orders():
    people, demand, preset = live_alike()
    people = replace(people, dropout=np.ones(len(people)), leaves_after_first=np.zeros(len(people), bool))
    lives = draw_lives(people, demand, preset, seed=3, chunk=0)
    assert set(np.bincount(lives.person).tolist()) == {2}


def test_leaving_after_the_first_order_means_one():
    people, demand, preset = live_alike()
    lives = draw_lives(replace(people, leaves_after_first=np.ones(len(people), bool)), demand, preset, seed=3, chunk=0)
    assert set(np.bincount(lives.person).tolist()) == {1}


def test_orders_are_sorted_by_person_and_time(chunk):
    assert np.all(np.diff(chunk.lives.person) >= 0)
    assert np.all(gaps_of(chunk.lives) >= 0)


def test_hours_without_weight_have_no_orders():
    hours = (0.0,) * 8 + (1.0, 3.0) + (0.0,) * 14
    at = set_time_of_day(np.full(4_000, 5.9), hours, np.random.default_rng(0))
    assert set(np.floor(at).tolist()) == {5.0}
    hour = np.floor((at % 1) * 24 + 1e-9)
    assert np.mean(hour == 9) == pytest.approx(0.75, abs=0.03)
    assert set(hour.tolist()) == {8.0, 9.0}
