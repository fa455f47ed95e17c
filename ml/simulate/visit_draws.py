"""The visits of a chunk: those of customers, of passers-by and of bots.

Visits that lead to an order end with it; all others begin at a moment of their own.
"""

from dataclasses import dataclass

import numpy as np

from ml.simulate.baskets import Orders
from ml.simulate.columns import SECONDS_PER_DAY
from ml.simulate.config import Preset
from ml.simulate.demand import Demand
from ml.simulate.devices import Devices
from ml.simulate.emails import Mails
from ml.simulate.orders import Lives, find_registrations, set_time_of_day
from ml.simulate.population import People
from ml.simulate.randomness import Booleans, Floats, Integers, open_stream
from ml.simulate.strangers import draw_bots, draw_passers_by
from ml.simulate.visits import FROM_MAIL, ORDER, REGISTRATION, Visits, sort_visits

_DAYS_PER_YEAR = 365.25
# Days after the last order of whoever is gone in which they still look in.
_LEAVING_DAYS = 183.0
# Hours from a visit to the order of the same day that it prepares; assumption.
_SAME_DAY_HOURS = (1.0, 8.0)
# Within so many hours after an account was opened nobody logs in again; assumption.
_NEW_ACCOUNT_HOURS = 1.0


@dataclass(frozen=True, eq=False)
class _Plan:
    """Visits of one kind by people who are registered; the columns are those of Visits."""

    person: Integers
    at: Floats
    order: Integers
    campaign: Integers
    longest: Floats

    @classmethod
    def of(
        cls, person: Integers, at: Floats, *, order: Integers | None = None, campaign: Integers | None = None
    ) -> "_Plan":
        nothing = np.full(len(person), -1)
        return cls(
            person=person,
            at=at,
            order=nothing if order is None else order,
            campaign=nothing if campaign is None else campaign,
            longest=np.full(len(person), np.inf),
        )


def draw_visits(
    people: People,
    lives: Lives,
    orders: Orders,
    mails: Mails,
    devices: Devices,
    demand: Demand,
    preset: Preset,
    *,
    seed: int,
    chunk: int,
) -> Visits:
    """All visits of the tracked period, those of bots among them."""
    known = _draw_known(people, lives, orders, mails, devices, demand, preset, open_stream(seed, "visits", chunk))
    passing = draw_passers_by(people, demand, preset, seed=seed, chunk=chunk)
    bots = draw_bots(people, len(known) + len(passing), demand, preset, seed=seed, chunk=chunk)
    return sort_visits([known, passing, bots])


def _draw_known(
    people: People,
    lives: Lives,
    orders: Orders,
    mails: Mails,
    devices: Devices,
    demand: Demand,
    preset: Preset,
    rng: np.random.Generator,
) -> Visits:
    """The visits of people who are registered or will be."""
    begin = float(demand.end - preset.families.visits.tracked_days)
    drawn: list[_Plan] = [
        _draw_browsing(people, lives, demand, preset, begin, rng),
        _draw_research(orders, preset, rng),
        _list_orders(orders, mails, preset, rng),
        _list_registrations(people, lives, preset, rng),
        _list_clicks(mails),
    ]
    kind = np.repeat(np.arange(len(drawn)), [len(part.person) for part in drawn])
    columns = {name: np.concatenate([getattr(part, name) for part in drawn]) for name in vars(drawn[0])}
    is_tracked = (columns["at"] >= begin) & (columns["at"] < demand.end)
    kind, columns = kind[is_tracked], {name: column[is_tracked] for name, column in columns.items()}
    person = columns["person"]
    device = _choose_devices(person, kind, devices, preset, rng)
    has_account = columns["at"] > find_registrations(people, lives)[person] + _NEW_ACCOUNT_HOURS / 24
    is_known, is_remembered = _draw_knowledge(person, kind, has_account, len(people), preset, rng)
    return Visits(
        slot=person,
        person=person,
        device=device,
        owner=devices.owner[device],
        sequence=devices.sequence[device],
        device_kind=devices.kind[device],
        kind=kind,
        at=columns["at"],
        longest=columns["longest"],
        order=columns["order"],
        channel=_choose_channels(kind, columns["campaign"], preset, rng),
        campaign=columns["campaign"],
        is_known=is_known,
        is_remembered=is_remembered,
    )


def _draw_browsing(
    people: People, lives: Lives, demand: Demand, preset: Preset, begin: float, rng: np.random.Generator
) -> _Plan:
    """Visits without an order: at a person's own rate while they are there, and some after they left."""
    plan, kind = preset.families.visits, people.archetype
    factor = np.array([archetype.visits for archetype in preset.archetypes])[kind]
    rate = factor * rng.gamma(plan.shape, plan.per_year / plan.shape / _DAYS_PER_YEAR, len(people))
    gone = np.minimum(lives.gone_at, demand.end)
    persons, moments = [], []
    for since, until, share in (
        (people.came, gone, 1.0),
        (gone, np.minimum(gone + _LEAVING_DAYS, demand.end), plan.after_leaving),
    ):
        lower = demand.to_demand_time(kind, np.maximum(since, begin))
        elapsed = np.maximum(demand.to_demand_time(kind, np.maximum(until, begin)) - lower, 0.0)
        person = np.repeat(np.arange(len(people)), rng.poisson(rate * elapsed * share))
        demand_time = lower[person] + rng.random(len(person)) * elapsed[person]
        persons.append(person)
        moments.append(demand.to_day(kind[person], demand_time))
    return _Plan.of(np.concatenate(persons), set_time_of_day(np.concatenate(moments), plan.hours, rng))


def _draw_research(orders: Orders, preset: Preset, rng: np.random.Generator) -> _Plan:
    """Visits before orders that no campaign caused, on the same day or some days earlier."""
    plan, size = preset.families.visits, len(orders.person)
    count = np.where(orders.caused_by < 0, rng.geometric(1 / (1 + plan.research), size) - 1, 0)
    order = np.repeat(np.arange(size), count)
    days = np.floor(rng.exponential(plan.research_days, len(order)))
    same_day = orders.at[order] - rng.uniform(*_SAME_DAY_HOURS, len(order)) / 24
    at = np.where(days == 0, same_day, set_time_of_day(orders.at[order] - days, plan.hours, rng))
    return _Plan.of(orders.person[order], at, order=order)


def _list_orders(orders: Orders, mails: Mails, preset: Preset, rng: np.random.Generator) -> _Plan:
    """The visits in which orders were placed; some were placed where no tracker is."""
    size = len(orders.person)
    campaign, longest = np.full(size, -1), np.full(size, np.inf)
    clicks = mails.clicks
    followed = clicks.order >= 0
    placed = clicks.order[followed]
    campaign[placed] = clicks.campaign[followed]
    longest[placed] = (orders.at[placed] - clicks.at[followed]) * SECONDS_PER_DAY - 1
    order = np.flatnonzero((rng.random(size) >= preset.families.tracking.untracked_orders) | (campaign >= 0))
    return _Plan(orders.person[order], orders.at[order], order, campaign[order], longest[order])


def _list_registrations(people: People, lives: Lives, preset: Preset, rng: np.random.Generator) -> _Plan:
    seen = np.flatnonzero(rng.random(len(people)) < preset.families.devices.known_on_registration)
    return _Plan.of(seen, find_registrations(people, lives)[seen])


def _list_clicks(mails: Mails) -> _Plan:
    """Visits that begin with a click in a mail and lead to no order."""
    clicks, idle = mails.clicks, mails.clicks.order < 0
    return _Plan.of(clicks.person[idle], clicks.at[idle], campaign=clicks.campaign[idle])


def _choose_devices(
    person: Integers, kind: Integers, devices: Devices, preset: Preset, rng: np.random.Generator
) -> Integers:
    """An order is placed, and an account opened, with the person's main browser."""
    chosen = devices.choose(person, preset.families.devices.main_share, rng)
    return np.where(np.isin(kind, (ORDER, REGISTRATION)), devices.first[person], chosen)


def _draw_knowledge(
    person: Integers, kind: Integers, has_account: Booleans, people: int, preset: Preset, rng: np.random.Generator
) -> tuple[Booleans, Booleans]:
    """Whether the shop knows who it is, by a habit of each person with an account; opening one says it."""
    plan = preset.families.devices
    habit = 2 * rng.beta(2.0, 2.0, people)
    chance = np.where(kind == ORDER, plan.known_on_order, plan.known_on_visit) * habit[person]
    is_known = has_account & (rng.random(len(person)) < chance) | (kind == REGISTRATION)
    remembered = rng.random(len(person)) < plan.remembered
    return is_known, is_known & remembered & (kind != REGISTRATION)


def _choose_channels(kind: Integers, campaign: Integers, preset: Preset, rng: np.random.Generator) -> Integers:
    channels = preset.families.visits.channels
    share = np.array([channel.share for channel in channels])
    converting = share * np.array([channel.conversion for channel in channels])
    usual = rng.choice(len(channels), len(kind), p=share / share.sum())
    of_order = rng.choice(len(channels), len(kind), p=converting / converting.sum())
    return np.where(campaign >= 0, FROM_MAIL, np.where(kind == ORDER, of_order, usual))
