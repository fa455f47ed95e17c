"""Campaigns with treated and control customers, and the orders that exist only because of them.

A treated customer may place one more order than otherwise; the control arm never does. Everything else in a
life is the same with and without the campaign, so the true effect is known, person by person.
"""

from dataclasses import dataclass

import numpy as np

from ml.simulate.config import Offer, Preset
from ml.simulate.consents import Decisions
from ml.simulate.demand import Demand
from ml.simulate.orders import Lives, set_time_of_day
from ml.simulate.population import People
from ml.simulate.randomness import Booleans, Floats, Integers, open_stream

# Days from the first day of the files to the first campaign.
_FIRST_AFTER_DAYS = 14
# Mean days from a campaign's start to the order it causes: half come within two days; assumption after the
# time to open an e-mail.
_DAYS_TO_RESPOND = 3.0
# No campaign makes a person order with a higher chance than this.
_MOST_RESPONSIVE = 0.8


@dataclass(frozen=True)
class Campaign:
    """One campaign: days ``[starts, ends)``, counted as in Demand. Two campaigns never overlap."""

    campaign_id: str
    offer: Offer
    starts: int
    ends: int

    @property
    def has_offer(self) -> bool:
        """Whether there is a coupon to redeem."""
        return self.offer.offer_type is not None


@dataclass(frozen=True, eq=False)
class Responses:
    """Who was in which campaign, and what it caused.

    Members: one entry per campaign and person, with the expected orders of the window without the campaign
    and the chance of one more by it (0 in the control arm: ``would_respond`` is what treatment would give).
    Caused orders: ``caused_person``, ``caused_at``, ``caused_by`` (position of the campaign).
    """

    campaign: Integers
    person: Integers
    is_control: Booleans
    expected_orders: Floats
    would_respond: Floats
    caused_person: Integers
    caused_at: Floats
    caused_by: Integers

    @property
    def extra_probability(self) -> Floats:
        """The true effect on each member: chance of an order that would not have been placed."""
        return np.where(self.is_control, 0.0, self.would_respond)


def plan_campaigns(preset: Preset, demand: Demand) -> list[Campaign]:
    """The campaigns of the files' period, offers in turn."""
    plan = preset.campaigns
    starts = range(demand.start + _FIRST_AFTER_DAYS, demand.end - plan.days + 1, plan.every_days)
    return [
        Campaign(f"K{number + 1:03d}", plan.offers[number % len(plan.offers)], start, start + plan.days)
        for number, start in enumerate(starts)
    ]


def draw_responses(
    people: People,
    lives: Lives,
    decisions: Decisions,
    campaigns: list[Campaign],
    demand: Demand,
    preset: Preset,
    *,
    seed: int,
    chunk: int,
) -> Responses:
    """Members of every campaign among the people of a chunk, and the orders that treatment causes."""
    rng = open_stream(seed, "campaigns", chunk)
    drawn = [
        _draw_campaign(position, campaign, people, lives, decisions, demand, preset, rng)
        for position, campaign in enumerate(campaigns)
    ]
    campaign, person, is_control, expected, respond, is_caused, at = (
        np.concatenate(parts) for parts in zip(*drawn, strict=True)
    )
    return Responses(
        campaign=campaign,
        person=person,
        is_control=is_control,
        expected_orders=expected,
        would_respond=respond,
        caused_person=person[is_caused],
        caused_at=set_time_of_day(at[is_caused], preset.rhythm.hours, rng),
        caused_by=campaign[is_caused],
    )


def _draw_campaign(
    position: int,
    campaign: Campaign,
    people: People,
    lives: Lives,
    decisions: Decisions,
    demand: Demand,
    preset: Preset,
    rng: np.random.Generator,
) -> tuple[Integers, Integers, Booleans, Floats, Floats, Booleans, Floats]:
    plan, size = preset.campaigns, len(people)
    is_eligible = people.is_reachable & (people.came < campaign.starts) & ~decisions.contact.holds(campaign.starts)
    member = np.flatnonzero(is_eligible & (rng.random(size) < plan.audience))
    is_control = (rng.random(size) < plan.control)[member]
    expected, respond = _expect(campaign, people, lives, demand, preset)
    is_caused = (rng.random(size) < respond)[member] & ~is_control
    delay = np.minimum(rng.exponential(_DAYS_TO_RESPOND, size), campaign.ends - campaign.starts - 1.0)
    at = campaign.starts + np.floor(delay[member])
    return np.full(len(member), position), member, is_control, expected[member], respond[member], is_caused, at


def _expect(campaign: Campaign, people: People, lives: Lives, demand: Demand, preset: Preset) -> tuple[Floats, Floats]:
    """Orders expected of each person in the window without the campaign, and the chance of one more by it."""
    is_there = lives.gone_at >= campaign.ends
    elapsed = demand.elapsed[:, campaign.ends] - demand.elapsed[:, campaign.starts]
    expected = is_there * people.orders_per_day * elapsed[people.archetype]
    lift = np.array([kind.lift for kind in preset.archetypes])[people.archetype] * campaign.offer.relative_lift
    of_offer = np.array([kind.offer_response for kind in preset.archetypes])[people.archetype]
    respond = expected * lift + (is_there & campaign.has_offer & (people.orders_per_day > 0)) * of_offer
    return expected, np.minimum(respond, _MOST_RESPONSIVE)


def find_treatments(
    campaigns: list[Campaign], responses: Responses, person: Integers, at: Floats, days: int, people: int
) -> Integers:
    """For each moment of a person the campaign that was treating them then, -1 for none."""
    running = np.full(days, -1)
    for position, campaign in enumerate(campaigns):
        running[campaign.starts : campaign.ends] = position
    is_treated = np.zeros((len(campaigns) + 1, people), bool)
    treated = ~responses.is_control
    is_treated[responses.campaign[treated], responses.person[treated]] = True
    current = running[at.astype(np.int64)]
    return np.where(is_treated[current, person], current, -1)
