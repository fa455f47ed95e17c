"""When people order, and when they are gone."""

from dataclasses import dataclass

import numpy as np

from ml.simulate.config import Preset
from ml.simulate.demand import Demand
from ml.simulate.population import People
from ml.simulate.randomness import Floats, Integers, open_stream

_SECONDS_PER_DAY = 86_400
_REGISTRATION_SECONDS = 240


@dataclass(frozen=True, eq=False)
class Lives:
    """Orders that people place of their own accord, sorted by person and time, and how long they stay.

    ``person`` is the position in the chunk, ``at`` the moment in days. ``gone_at`` has an entry per person:
    the moment of the last order of whoever left, infinity for whoever is still there.
    """

    person: Integers
    at: Floats
    gone_at: Floats


def draw_lives(people: People, demand: Demand, preset: Preset, *, seed: int, chunk: int) -> Lives:
    """Every order from each person's first one on: renewals in demand time, until the person drops out."""
    rng = open_stream(seed, "orders", chunk)
    shape = preset.process.regularity
    active = np.flatnonzero(people.orders_per_day > 0)
    at = people.came[active]
    demand_time = demand.to_demand_time(people.archetype[active], at)
    is_gone = people.leaves_after_first[active]
    left = np.zeros(len(people), bool)
    persons, moments = [], []
    while len(active):
        persons.append(active)
        moments.append(at)
        left[active[is_gone]] = True
        active, demand_time = active[~is_gone], demand_time[~is_gone]
        demand_time = demand_time + rng.gamma(shape, 1 / (shape * people.orders_per_day[active]))
        at = demand.to_day(people.archetype[active], demand_time)
        is_within = at < demand.days
        active, demand_time, at = active[is_within], demand_time[is_within], at[is_within]
        is_gone = rng.random(len(active)) < people.dropout[active]
    person, at = np.concatenate(persons), set_time_of_day(np.concatenate(moments), preset.rhythm.hours, rng)
    order = np.lexsort((at, person))
    person, at = person[order], at[order]
    last = np.full(len(people), -np.inf)
    np.maximum.at(last, person, at)
    return Lives(person=person, at=at, gone_at=np.where(left, last, np.inf))


def find_registrations(people: People, lives: Lives) -> Floats:
    """When each person opened an account, in days: some minutes before the first order at the latest."""
    first = np.full(len(people), np.inf)
    np.minimum.at(first, lives.person, lives.at)
    return np.minimum(people.came, first - _REGISTRATION_SECONDS / _SECONDS_PER_DAY)


def set_time_of_day(at: Floats, hours: tuple[float, ...], rng: np.random.Generator) -> Floats:
    """The same days, at an hour drawn by the weights ``hours`` and a whole second within it."""
    hour = rng.choice(24, len(at), p=np.array(hours) / sum(hours))
    second = hour * 3600 + rng.integers(0, 3600, len(at))
    return np.floor(at) + second / _SECONDS_PER_DAY
