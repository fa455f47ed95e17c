from dataclasses import replace

import numpy as np
import pytest

from ml.simulate.archetypes import ARCHETYPES
from ml.simulate.population import draw_people
from ml.simulate.presets import BRAND_SHOP, PRESETS


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_every_archetype_has_its_share(preset, shop):
    people = draw_people(preset, shop.demand, seed=1, chunk=0)
    got = np.bincount(people.archetype, minlength=len(ARCHETYPES)) / len(people)
    assert got == pytest.approx(np.array(preset.shares), abs=0.03)
    assert sum(preset.shares) == pytest.approx(1)


def test_rates_have_the_mean_of_the_process(shop):
    plain = replace(BRAND_SHOP, archetypes=ARCHETYPES[:1], shares=(1.0,))
    rates = np.concatenate([draw_people(plain, shop.demand, seed=1, chunk=n).orders_per_day for n in range(10)])
    assert rates.mean() * 365.25 == pytest.approx(BRAND_SHOP.process.orders_per_year, rel=0.05)


def test_some_of_those_who_only_look_never_order(chunk):
    browsers = chunk.people.archetype == [kind.name for kind in ARCHETYPES].index("high-frequency browser")
    assert np.mean(chunk.people.orders_per_day[browsers] == 0) == pytest.approx(0.5, abs=0.12)


def test_dormant_customers_all_came_in_the_first_half_year(chunk, shop):
    dormant = chunk.people.archetype == [kind.name for kind in ARCHETYPES].index("dormant discount responder")
    came = chunk.people.came[dormant] - shop.demand.start
    assert 0 <= came.min() < came.max() < 183


def test_the_configured_share_of_the_others_came_before(chunk, shop):
    others = chunk.people.archetype != [kind.name for kind in ARCHETYPES].index("dormant discount responder")
    assert np.mean(chunk.people.came[others] < shop.demand.start) == pytest.approx(0.3, abs=0.04)
