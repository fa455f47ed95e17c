"""Questions and complaints that customers bring to the shop's service.

Complaints raise the chance to leave, and yet change no life that is simulated already: whether an order is
complained about is drawn *given* whether the person left after it, by Bayes' theorem. Over all orders that is
the same as complaints that happen first and make people leave.
"""

from dataclasses import dataclass

import numpy as np

from ml.simulate.baskets import PARTLY_RETURNED, RETURNED, Orders
from ml.simulate.config import Preset
from ml.simulate.config_families import Support
from ml.simulate.demand import Demand
from ml.simulate.orders import Lives, set_time_of_day
from ml.simulate.population import People
from ml.simulate.randomness import Booleans, Floats, Integers, open_stream

_DAYS_PER_YEAR = 365.25
# Days after the last order in which whoever is gone still asks.
_ASKS_AFTER_DAYS = 30.0
# Weights of Monday to Sunday, and of the hours: most on Mondays and from 8 to 11 (measured on the incident log).
_WEEK = (1.35, 1.2, 1.1, 1.1, 1.0, 0.4, 0.3)
_HOURS = (*(0.2,) * 6, 0.6, 2.0, *(4.5,) * 4, *(3.2,) * 5, *(1.8,) * 3, *(0.8,) * 4)
# Hours until a ticket is closed: median 22, p75 149, p90 382 (measured on the incident log).
_CLOSED_SHARES = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)
_CLOSED_HOURS = (0.1, 4.0, 22.0, 149.0, 382.0, 1_500.0)
# Median days from the order to the complaint, and its spread (log sd); assumption.
_COMPLAINT_DAYS = 4.0
_COMPLAINT_SPREAD = 0.5
# Score of a rated ticket: of a question closed in 22 hours, less for a complaint and for a tenfold time.
_SCORE = (4.3, -1.5, -0.5, 0.8)
# Mean sentiment of questions and complaints, and the spread; assumption.
_SENTIMENT = (0.15, -0.45, 0.3)


@dataclass(frozen=True, eq=False)
class Tickets:
    """Tickets of a chunk, an entry each, sorted by person and time, and what is true of each order.

    ``order`` is the order that is complained about (-1: a question). ``closed_at`` may lie after the files end;
    of a ticket that is ``is_reopened`` it is the first closing, ``closed_again_at`` the last. ``score`` is
    0 where the customer gave none. ``order_*`` have an entry per order: whether the delivery was late, the
    chance of a complaint, and the chances to leave after the order with a complaint and without.
    """

    person: Integers
    opened_at: Floats
    closed_at: Floats
    closed_again_at: Floats
    is_reopened: Booleans
    order: Integers
    score: Integers
    sentiment: Floats
    order_is_late: Booleans
    order_complaint_chance: Floats
    order_leave_with: Floats
    order_leave_without: Floats


def draw_tickets(
    people: People, lives: Lives, orders: Orders, demand: Demand, preset: Preset, *, seed: int, chunk: int
) -> Tickets:
    """Every ticket that is opened while the files last."""
    rng, plan = open_stream(seed, "tickets", chunk), preset.families.support
    asker, asked_at = _draw_questions(people, lives, demand, plan, rng)
    is_late = rng.random(len(orders.person)) < plan.late_deliveries
    chance, leave_with, leave_without, has_left = _weigh_complaints(people, lives, orders, is_late, preset)
    given_outcome = _condition(chance, leave_with, leave_without, has_left)
    order = np.flatnonzero(rng.random(len(chance)) < given_outcome)
    complained_at = orders.at[order] + rng.lognormal(np.log(_COMPLAINT_DAYS), _COMPLAINT_SPREAD, len(order))
    opened_at = _open_in_office_hours(np.concatenate([asked_at, complained_at]), demand, rng)
    person = np.concatenate([asker, orders.person[order]])
    order = np.concatenate([np.full(len(asker), -1), order])
    is_within = (opened_at >= demand.start) & (opened_at < demand.end)
    by_person = np.lexsort((order, opened_at, person))
    by_person = by_person[is_within[by_person]]
    person, opened_at, order = person[by_person], opened_at[by_person], order[by_person]
    days = _draw_days_to_close(len(person), rng)
    sentiment, score = _draw_answers(order >= 0, days, plan, rng)
    return Tickets(
        person=person,
        opened_at=opened_at,
        closed_at=opened_at + days,
        closed_again_at=opened_at + days + _draw_days_to_close(len(person), rng),
        is_reopened=rng.random(len(person)) < plan.reopened,
        order=order,
        score=score,
        sentiment=sentiment,
        order_is_late=is_late,
        order_complaint_chance=chance,
        order_leave_with=leave_with,
        order_leave_without=leave_without,
    )


def _draw_questions(
    people: People, lives: Lives, demand: Demand, plan: Support, rng: np.random.Generator
) -> tuple[Integers, Floats]:
    rate = rng.gamma(plan.shape, plan.per_year / plan.shape / _DAYS_PER_YEAR, len(people))
    begin = np.maximum(people.came, demand.start)
    days = np.maximum(np.minimum(lives.gone_at + _ASKS_AFTER_DAYS, demand.end) - begin, 0.0)
    person = np.repeat(np.arange(len(people)), rng.poisson(rate * days))
    return person, begin[person] + rng.random(len(person)) * days[person]


def _weigh_complaints(
    people: People, lives: Lives, orders: Orders, is_late: Booleans, preset: Preset
) -> tuple[Floats, Floats, Floats, Booleans]:
    """Of each order: the chance of a complaint, the chances to leave with one and without, and who left."""
    plan, person = preset.families.support, orders.person
    came_back = np.isin(orders.fate, (RETURNED, PARTLY_RETURNED))
    chance = np.select([is_late, came_back], [plan.after_late, plan.after_return], plan.after_order)
    of_first = np.array([kind.leaves_after_first for kind in preset.archetypes])[people.archetype[person]]
    leaves = np.where(orders.sequence == 0, of_first, people.dropout[person])
    leaves = np.where(orders.caused_by >= 0, 0.0, leaves)
    without = leaves / (chance * plan.churn_factor + 1 - chance)
    leave_with = np.minimum(plan.churn_factor * without, 1.0)
    leave_without = (leaves - chance * leave_with) / (1 - chance)
    return chance, leave_with, leave_without, orders.at == lives.gone_at[person]


def _condition(chance: Floats, leave_with: Floats, leave_without: Floats, has_left: Booleans) -> Floats:
    """The chance of a complaint given what the person did after the order (Bayes' theorem)."""
    with_it = chance * np.where(has_left, leave_with, 1 - leave_with)
    without_it = (1 - chance) * np.where(has_left, leave_without, 1 - leave_without)
    both = with_it + without_it
    return np.where(both > 0, with_it / np.where(both > 0, both, 1.0), chance)


def _open_in_office_hours(at: Floats, demand: Demand, rng: np.random.Generator) -> Floats:
    """The same week, on a day and at an hour on which people ask; never earlier than the day itself."""
    weekday = (demand.first_date.weekday() + np.floor(at)) % 7
    drawn = rng.choice(7, len(at), p=np.array(_WEEK) / sum(_WEEK))
    return set_time_of_day(np.floor(at) + (drawn - weekday) % 7, _HOURS, rng)


def _draw_days_to_close(size: int, rng: np.random.Generator) -> Floats:
    return np.exp(np.interp(rng.random(size), _CLOSED_SHARES, np.log(_CLOSED_HOURS))) / 24


def _draw_answers(
    is_complaint: Booleans, days: Floats, plan: Support, rng: np.random.Generator
) -> tuple[Floats, Integers]:
    mean, of_complaint, of_tenfold, spread = _SCORE
    score = mean + of_complaint * is_complaint + of_tenfold * np.log10(days * 24 / 22)
    score = np.clip(np.rint(score + rng.normal(0, spread, len(days))), 1, 5).astype(np.int64)
    question, complaint, width = _SENTIMENT
    sentiment = np.where(is_complaint, complaint, question) + rng.normal(0, width, len(days))
    is_rated = rng.random(len(days)) < plan.rated
    return np.clip(sentiment, -1.0, 1.0).astype(np.float64).round(2), np.where(is_rated, score, 0)
