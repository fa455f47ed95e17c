from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from ml.simulate.archetypes import PLAIN
from ml.simulate.config import Archetype, Promotion
from ml.simulate.demand import HISTORY_DAYS, build_demand
from ml.simulate.presets import BRAND_SHOP


def make_preset(archetype, **rhythm):
    """A shop without seasons, weekdays, flash weekends or promotions but the given ones."""
    flat = {
        "months": (1.0,) * 12,
        "gift_months": (0.0,) * 10 + (6.0, 6.0),
        "week": (1.0,) * 7,
        "promotions": (),
        "flash_every": 2,
        "flash_demand": 1.0,
        "flash_discount_percent": 0,
    }
    return replace(
        BRAND_SHOP,
        archetypes=(archetype,),
        shares=(1.0,),
        rhythm=replace(BRAND_SHOP.rhythm, **{**flat, **rhythm}),
    )


def day_of(demand, day):
    return (day - demand.first_date).days


def test_days_are_counted_from_two_years_before_the_files():
    demand = build_demand(make_preset(PLAIN))
    assert (demand.start, demand.end) == (HISTORY_DAYS, HISTORY_DAYS + 730)
    assert day_of(demand, BRAND_SHOP.start) == demand.start


def test_weekends_weigh_more_for_those_who_shop_then_and_the_week_as_much():
    demand = build_demand(make_preset(Archetype("weekend", weekend=3.0)))
    week = demand.daily[0, day_of(demand, date(2025, 3, 3)) :][:7]
    # Five days of 1 and two of 3 have the mean 11 / 7.
    assert week == pytest.approx([7 / 11] * 5 + [21 / 11] * 2)


def test_gift_season_mixes_with_the_shops_own():
    demand = build_demand(make_preset(Archetype("gifts", gift_season=0.75)))
    assert demand.daily[0, day_of(demand, date(2025, 3, 3))] == pytest.approx(0.25)
    assert demand.daily[0, day_of(demand, date(2025, 12, 1))] == pytest.approx(0.25 + 0.75 * 6)


def test_promotion_raises_demand_by_as_much_as_the_archetype_cares():
    promotion = Promotion(11, 16, 2, discount_percent=20, demand=4.0)
    demand = build_demand(make_preset(Archetype("careless", promotion=0.5), promotions=(promotion,)))
    first = day_of(demand, date(2025, 11, 15))
    assert demand.daily[0, first : first + 4] == pytest.approx([1.0, 2.5, 2.5, 1.0])
    assert demand.discount_percent[first : first + 4].tolist() == [0, 20, 20, 0]


def test_flash_weekends_come_every_other_week():
    demand = build_demand(make_preset(PLAIN, flash_demand=2.0, flash_discount_percent=15))
    flash = np.flatnonzero(demand.discount_percent)
    dates = {date.fromordinal(demand.first_date.toordinal() + day).weekday() for day in flash.tolist()}
    assert dates == {5, 6}
    assert set(np.diff(flash).tolist()) == {1, 13}


def test_demand_time_and_days_are_inverse():
    demand = build_demand(BRAND_SHOP)
    archetype, day = np.array([0, 2, 6, 6]), np.array([0.25, 700.5, 900.0, 1_500.75])
    assert demand.to_day(archetype, demand.to_demand_time(archetype, day)) == pytest.approx(day)


def test_what_lies_after_the_last_day_is_never():
    demand = build_demand(BRAND_SHOP)
    assert demand.to_day(np.array([0]), demand.elapsed[[0], [-1]] + 1.0).tolist() == [np.inf]
