"""Visits of whoever never registers: passers-by, of whom the files hold a sample, and bots."""

import numpy as np

from ml.simulate.config import Preset
from ml.simulate.demand import Demand
from ml.simulate.devices import BOTS_FROM, PASSERS_FROM
from ml.simulate.orders import set_time_of_day
from ml.simulate.population import People
from ml.simulate.randomness import Floats, Integers, count_within, open_stream
from ml.simulate.visits import BOT, PASSER_BY, Visits, take_visits

# Bots do not sleep.
_ALL_HOURS = (1.0,) * 24


def draw_passers_by(people: People, demand: Demand, preset: Preset, *, seed: int, chunk: int) -> Visits:
    """Visits of people who come once or some times, with one browser each, when others want to buy."""
    rng, plan = open_stream(seed, "passers-by", chunk), preset.families.visits
    slot = np.repeat(np.arange(len(people)), rng.poisson(plan.passers_by, len(people)))
    count = rng.geometric(1 / (1 + plan.returns), len(slot))
    visitor = np.repeat(np.arange(len(slot)), count)
    gap = np.where(count_within(visitor) > 0, rng.exponential(plan.return_days, len(visitor)), 0.0)
    first = _draw_days(len(slot), demand, preset, rng)
    # Days since the first visit of each visitor.
    until_here = np.cumsum(gap)
    since_first = until_here - until_here[np.cumsum(count) - count][visitor]
    at = set_time_of_day(first[visitor] + since_first, plan.hours, rng)
    visits = _make_visits(PASSER_BY, slot, PASSERS_FROM, visitor, at, preset, rng)
    return take_visits(visits, np.flatnonzero(at < demand.end))


def draw_bots(people: People, others: int, demand: Demand, preset: Preset, *, seed: int, chunk: int) -> Visits:
    """Visits of bots, as many as their share of ``others`` asks for; each comes under a name of its own."""
    rng = open_stream(seed, "bots", chunk)
    slot = np.sort(rng.integers(0, len(people), rng.poisson(others * preset.families.tracking.bots)))
    at = set_time_of_day(_draw_days(len(slot), demand, preset, rng), _ALL_HOURS, rng)
    return _make_visits(BOT, slot, BOTS_FROM, np.arange(len(slot)), at, preset, rng)


def _draw_days(size: int, demand: Demand, preset: Preset, rng: np.random.Generator) -> Floats:
    """Tracked days, by the demand of the plain customer."""
    begin = demand.end - preset.families.visits.tracked_days
    weights = np.cumsum(demand.daily[0, begin : demand.end])
    return begin + np.searchsorted(weights, rng.random(size) * weights[-1]).astype(np.float64)


def _make_visits(
    kind: int,
    slot: Integers,
    names_from: int,
    visitor: Integers,
    at: Floats,
    preset: Preset,
    rng: np.random.Generator,
) -> Visits:
    """Visits of visitors, each counted with the person of their ``slot`` and named after them."""
    size, channels = len(visitor), preset.families.visits.channels
    shares = np.array([share for _, share in preset.devices])
    device_kind = rng.choice(len(shares), len(slot), p=shares / shares.sum())
    by_channel = np.array([channel.share for channel in channels])
    nobody, no = np.full(size, -1), np.zeros(size, bool)
    return Visits(
        slot=slot[visitor],
        person=nobody,
        device=nobody,
        owner=slot[visitor],
        sequence=(names_from + count_within(slot))[visitor],
        device_kind=device_kind[visitor],
        kind=np.full(size, kind),
        at=at,
        longest=np.full(size, np.inf),
        order=nobody,
        channel=rng.choice(len(channels), size, p=by_channel / by_channel.sum()),
        campaign=nobody,
        is_known=no,
        is_remembered=no,
    )
