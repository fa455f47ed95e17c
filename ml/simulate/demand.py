"""How much each archetype wants to buy on each day, and time measured by it.

A customer's orders come at a steady pace in *demand time*, in which a day of twice the demand is twice as
long. Seasons, weekdays and promotions are then a change of clock that leaves rates and regularity alone.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from ml.simulate.config import Archetype, Preset, Promotion
from ml.simulate.randomness import Floats, Integers

# Customers who came before the files begin came within this many days before.
HISTORY_DAYS = 730
# Lives go on for this many days after the files end, so that the last day has a true outcome too.
FUTURE_DAYS = 120

_SATURDAY = 5


@dataclass(frozen=True, eq=False)
class Demand:
    """Demand by archetype and day; days are counted from ``first_date``, the files hold ``[start, end)``.

    ``daily`` has shape (archetypes, days) and a mean near 1 for the plain customer, ``discount_percent`` is
    the discount that everyone is offered on each day, 0 on most.
    """

    first_date: date
    start: int
    end: int
    daily: Floats
    discount_percent: Integers

    @property
    def days(self) -> int:
        """Number of days simulated."""
        return self.daily.shape[1]

    @cached_property
    def elapsed(self) -> Floats:
        """Demand time at the begin of each day, shape (archetypes, days + 1)."""
        return np.pad(np.cumsum(self.daily, axis=1), ((0, 0), (1, 0)))

    def to_demand_time(self, archetype: Integers, day: Floats) -> Floats:
        """Demand time of moments given in days, each for its archetype."""
        whole = np.clip(day.astype(np.int64), 0, self.days - 1)
        return self.elapsed[archetype, whole] + (day - whole) * self.daily[archetype, whole]

    def to_day(self, archetype: Integers, demand_time: Floats) -> Floats:
        """Moments in days, infinity for what lies after the last day."""
        days = np.arange(self.days + 1, dtype=np.float64)
        found = np.empty(len(demand_time))
        for index in range(len(self.daily)):
            mine = archetype == index
            found[mine] = np.interp(demand_time[mine], self.elapsed[index], days, right=np.inf)
        return found


def build_demand(preset: Preset) -> Demand:
    """Demand of the preset's archetypes from two years before its files begin to some time after they end."""
    first = preset.start - timedelta(days=HISTORY_DAYS)
    dates = [first + timedelta(days=day) for day in range((preset.end - first).days + FUTURE_DAYS)]
    flash = _find_flash_weekends(dates, preset.rhythm.flash_every)
    daily = np.stack([_demand_of(archetype, preset, dates, flash) for archetype in preset.archetypes])
    return Demand(
        first_date=first,
        start=HISTORY_DAYS,
        end=(preset.end - first).days,
        daily=daily,
        discount_percent=_find_discounts(preset, dates, flash),
    )


def _demand_of(archetype: Archetype, preset: Preset, dates: list[date], flash: Integers) -> Floats:
    rhythm = preset.rhythm
    month = np.array([day.month - 1 for day in dates])
    season = (1 - archetype.gift_season) * np.array(rhythm.months)[month]
    season = season + archetype.gift_season * np.array(rhythm.gift_months)[month]
    week = np.array(rhythm.week) * np.where(np.arange(7) >= _SATURDAY, archetype.weekend, 1.0)
    weekday = np.array([day.weekday() for day in dates])
    extra = 1.0 + flash * (rhythm.flash_demand - 1.0) * archetype.flash
    for promotion in rhythm.promotions:
        days_on = np.array([_is_on(promotion, day) for day in dates])
        extra = extra + days_on * (promotion.demand - 1.0) * archetype.promotion
    return season * (week / week.mean())[weekday] * extra


def _find_flash_weekends(dates: list[date], every: int) -> Integers:
    # Monday of the first week of the calendar is the same for every preset: ordinal 1 is a Monday.
    is_flash = [day.weekday() >= _SATURDAY and (day.toordinal() - 1) // 7 % every == 0 for day in dates]
    return np.array(is_flash, dtype=np.int64)


def _find_discounts(preset: Preset, dates: list[date], flash: Integers) -> Integers:
    discount = flash * preset.rhythm.flash_discount_percent
    for promotion in preset.rhythm.promotions:
        days_on = np.array([_is_on(promotion, day) for day in dates])
        discount = np.maximum(discount, days_on * promotion.discount_percent)
    return discount


def _is_on(promotion: Promotion, day: date) -> bool:
    begin = date(day.year, promotion.month, promotion.day)
    return begin <= day < begin + timedelta(days=promotion.days)
