"""Business customers: the companies that some customers buy for, and what is tried to be sold to them.

Companies differ in how well they fit; that shows in what deals come to and in how calls go. The orders of
people who buy for a company are those that they would place anyway.
"""

from dataclasses import dataclass

import numpy as np

from ml.simulate.config import Preset
from ml.simulate.config_families import Business
from ml.simulate.demand import Demand
from ml.simulate.orders import Lives, find_registrations, set_time_of_day
from ml.simulate.population import People
from ml.simulate.randomness import Booleans, Floats, Integers, count_within, open_stream

STAGES = ("lead", "qualified", "proposal", "negotiation", "won", "lost")
WON, LOST = 4, 5
ACTIVITIES = ("email", "meeting", "note", "inbound")
INBOUND = 3

# Companies without a customer so far, per company with one; assumption.
_PROSPECTS = 0.5
# Days from the company's account to the registration of its first customer, at most; assumption.
_KNOWN_BEFORE_DAYS = 120
# How strongly the fit of a company shows in the logarithm of the odds to win; assumption.
_FIT_WEIGHT = 1.0
# Odds that vary between companies win more on average than those of the mean company: this takes it back.
_FIT_LEVEL = 0.36
# Amounts: median and spread (log sd); assumption.
_AMOUNT, _AMOUNT_SPREAD = 2_400.0, 1.0
# Calls per contact are gamma-mixed Poisson; the shape makes few have very many (measured: at most 56).
_CALL_SHAPE = 0.7
_MOST_CALLS = 56
# Hours of the day at which business is done.
_HOURS = (*(0.0,) * 8, 2.0, 4.0, 4.0, 3.5, 1.5, 3.0, 4.0, 4.0, 3.0, 1.0, *(0.0,) * 6)
_SATURDAY = 5


@dataclass(frozen=True, eq=False)
class Accounts:
    """Companies of a chunk; ``slot`` is the person with whose number one is counted, ``fit`` standard normal."""

    slot: Integers
    created_at: Floats
    fit: Floats


@dataclass(frozen=True, eq=False)
class Deals:
    """Deals, sorted by account and time: ``amount`` in whole units, ``ends_at`` may lie after the files end.

    ``last_stage`` is how far a deal that is lost came. ``chance`` is the true chance to be won.
    """

    account: Integers
    created_at: Floats
    ends_at: Floats
    amount: Integers
    chance: Floats
    is_won: Booleans
    last_stage: Integers


@dataclass(frozen=True, eq=False)
class Touches:
    """Calls, or other acts of representatives: account, deal and person (-1: none), when, and how it went."""

    account: Integers
    deal: Integers
    person: Integers
    at: Floats
    kind: Integers
    seconds: Integers
    talk_ratio: Floats
    sentiment: Floats


@dataclass(frozen=True, eq=False)
class BusinessLives:
    """All of it; ``account_of`` has an entry per person (-1: buys for nobody else)."""

    account_of: Integers
    accounts: Accounts
    deals: Deals
    calls: Touches
    activities: Touches


def draw_business(
    people: People, lives: Lives, demand: Demand, preset: Preset, *, seed: int, chunk: int
) -> BusinessLives:
    """Companies, their deals, calls and other touches of a chunk."""
    rng, plan = open_stream(seed, "business", chunk), preset.families.business
    account_of, accounts = _draw_accounts(people, lives, demand, plan, rng)
    deals = _draw_deals(accounts, demand, plan, rng)
    return BusinessLives(
        account_of=account_of,
        accounts=accounts,
        deals=deals,
        calls=_draw_calls(account_of, accounts, deals, demand, plan, rng),
        activities=_draw_activities(account_of, accounts, deals, plan, rng),
    )


def _draw_accounts(
    people: People, lives: Lives, demand: Demand, plan: Business, rng: np.random.Generator
) -> tuple[Integers, Accounts]:
    """Neighbours in the list are colleagues; prospects have nobody yet."""
    contact = np.flatnonzero(rng.random(len(people)) < plan.contacts)
    is_new = rng.random(len(contact)) < 1 / plan.contacts_per_account
    is_new[:1] = True
    place = np.cumsum(is_new) - 1
    account_of = np.full(len(people), -1)
    account_of[contact] = place
    first = contact[is_new]
    registered = np.full(len(first), np.inf)
    np.minimum.at(registered, place, find_registrations(people, lives)[contact])
    known_at = registered - rng.uniform(0, _KNOWN_BEFORE_DAYS, len(first))
    prospects = np.sort(rng.integers(0, len(people), rng.poisson(_PROSPECTS * len(first))))
    met_at = rng.uniform(demand.start, demand.end, len(prospects))
    created_at = np.concatenate([known_at, met_at])
    accounts = Accounts(np.concatenate([first, prospects]), created_at, rng.normal(0, 1, len(created_at)))
    return account_of, accounts


def _draw_deals(accounts: Accounts, demand: Demand, plan: Business, rng: np.random.Generator) -> Deals:
    account = np.repeat(np.arange(len(accounts.slot)), rng.poisson(plan.deals_per_account, len(accounts.slot)))
    begin = np.clip(accounts.created_at, demand.start, demand.end)[account]
    created_at = _in_office_hours(begin + rng.random(len(account)) * (demand.end - begin), demand, rng)
    order = np.lexsort((created_at, account))
    account, created_at = account[order], created_at[order]
    odds = plan.won / (1 - plan.won) * np.exp(_FIT_WEIGHT * accounts.fit[account] - _FIT_LEVEL)
    chance = odds / (1 + odds)
    spread = np.sqrt(2 * np.log(plan.mean_days / plan.median_days))
    days = rng.lognormal(np.log(plan.median_days), spread, len(account))
    amount = rng.lognormal(np.log(_AMOUNT), _AMOUNT_SPREAD, len(account))
    return Deals(
        account=account,
        created_at=created_at,
        ends_at=created_at + days,
        amount=np.maximum(np.rint(amount / 50) * 50, 50).astype(np.int64),
        chance=chance,
        is_won=rng.random(len(account)) < chance,
        last_stage=rng.choice(WON, len(account), p=(0.45, 0.25, 0.2, 0.1)),
    )


def _draw_calls(
    account_of: Integers, accounts: Accounts, deals: Deals, demand: Demand, plan: Business, rng: np.random.Generator
) -> Touches:
    """Calls with each contact, and with somebody at each prospect; about a deal where there is one."""
    contact = np.flatnonzero(account_of >= 0)
    prospect = np.setdiff1d(np.arange(len(accounts.slot)), account_of[contact])
    account = np.concatenate([account_of[contact], prospect])
    person = np.concatenate([contact, np.full(len(prospect), -1)])
    count = np.minimum(rng.poisson(rng.gamma(_CALL_SHAPE, plan.calls / _CALL_SHAPE, len(account))), _MOST_CALLS)
    account, person = np.repeat(account, count), np.repeat(person, count)
    deal = _choose_deals(account, len(accounts.slot), deals, rng)
    free_from = np.clip(accounts.created_at, demand.start, demand.end)[account]
    begin = np.where(deal >= 0, np.r_[deals.created_at, 0.0][deal], free_from)
    end = np.where(deal >= 0, np.r_[deals.ends_at, 0.0][deal], demand.end)
    at = _in_office_hours(begin + rng.random(len(account)) * (end - begin), demand, rng)
    fit = accounts.fit[account]
    kind = np.where(deal >= 0, rng.choice(3, len(account), p=(0.5, 0.3, 0.2)), 3)
    return Touches(
        account=account,
        deal=deal,
        person=person,
        at=at,
        kind=kind,
        seconds=np.maximum(rng.lognormal(np.log(260), 0.9, len(account)), 5).astype(np.int64),
        talk_ratio=np.round(np.clip(0.55 - 0.05 * fit + rng.normal(0, 0.12, len(account)), 0.05, 0.95), 2),
        sentiment=np.round(np.clip(0.1 + 0.2 * fit + rng.normal(0, 0.3, len(account)), -1.0, 1.0), 2),
    )


def _draw_activities(
    account_of: Integers, accounts: Accounts, deals: Deals, plan: Business, rng: np.random.Generator
) -> Touches:
    """Mails, meetings and notes of each deal, and messages of the account, each with an answer some hours later."""
    deal = np.repeat(np.arange(len(deals.account)), rng.poisson(plan.touches, len(deals.account)))
    at = deals.created_at[deal] + rng.random(len(deal)) * (deals.ends_at - deals.created_at)[deal]
    kind = rng.choice(len(ACTIVITIES), len(deal), p=(0.45, 0.15, 0.2, 0.2))
    asked = np.flatnonzero(kind == INBOUND)
    # Representatives answer those sooner who fit better.
    hours = rng.lognormal(np.log(5.0), 0.9, len(asked)) * np.exp(-0.3 * accounts.fit[deals.account[deal[asked]]])
    deal = np.concatenate([deal, deal[asked]])
    at = np.concatenate([at, at[asked] + hours / 24])
    kind = np.concatenate([kind, np.zeros(len(asked), np.int64)])
    order = np.lexsort((kind, at, deals.account[deal]))
    deal, at, kind = deal[order], at[order], kind[order]
    account = deals.account[deal]
    size = len(account)
    return Touches(
        account=account,
        deal=deal,
        person=_choose_contacts(account, account_of, len(accounts.slot), rng),
        at=at,
        kind=kind,
        seconds=np.zeros(size, np.int64),
        talk_ratio=np.full(size, np.nan),
        sentiment=np.full(size, np.nan),
    )


def _choose_deals(account: Integers, accounts: int, deals: Deals, rng: np.random.Generator) -> Integers:
    """One of each account's deals; -1 where it has none."""
    count = np.bincount(deals.account, minlength=accounts)
    first = np.cumsum(count) - count
    place = np.floor(rng.random(len(account)) * count[account]).astype(np.int64)
    return np.where(count[account] > 0, first[account] + place, -1)


def _choose_contacts(account: Integers, account_of: Integers, accounts: int, rng: np.random.Generator) -> Integers:
    """One of each account's people, who are neighbours in the list of contacts; -1 where it has none."""
    contact = np.flatnonzero(account_of >= 0)
    count = np.bincount(account_of[contact], minlength=accounts)
    first = np.cumsum(count) - count
    place = first[account] + np.floor(rng.random(len(account)) * count[account]).astype(np.int64)
    return np.where(count[account] > 0, np.r_[contact, -1][np.minimum(place, len(contact))], -1)


def _in_office_hours(at: Floats, demand: Demand, rng: np.random.Generator) -> Floats:
    """The same day at an hour of work; the Monday after for what falls on a weekend."""
    day = np.floor(at)
    weekday = (demand.first_date.weekday() + day) % 7
    return set_time_of_day(day + np.where(weekday >= _SATURDAY, 7 - weekday, 0), _HOURS, rng)


def list_stage_changes(deals: Deals) -> tuple[Integers, Integers, Floats]:
    """Deal, stage and moment of every move; open deals have the moves to come too.

    A deal that is won passes all stages at even steps, one that is lost those up to its last one.
    """
    last = np.where(deals.is_won, WON - 1, deals.last_stage)
    deal = np.repeat(np.arange(len(deals.account)), last + 2)
    step = count_within(deal)
    is_end = step == (last + 1)[deal]
    stage = np.where(is_end, np.where(deals.is_won, WON, LOST)[deal], step)
    days = deals.ends_at - deals.created_at
    return deal, stage, deals.created_at[deal] + days[deal] * step / (last + 1)[deal]
