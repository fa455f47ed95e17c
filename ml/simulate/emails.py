"""The mails of campaigns: sent to the treated arm, opened by some, clicked by few.

What people do with mails changes nobody's life; but whoever used a campaign's coupon has opened its mail, and the
orders that a campaign caused mostly follow a click.
"""

from dataclasses import dataclass

import numpy as np

from ml.simulate.baskets import Orders
from ml.simulate.campaigns import Campaign, Responses
from ml.simulate.columns import SECONDS_PER_DAY
from ml.simulate.config import Preset
from ml.simulate.config_families import Mailing
from ml.simulate.consents import Decisions
from ml.simulate.population import People
from ml.simulate.randomness import Booleans, Floats, Integers, open_stream

EVENTS = ("sent", "delivered", "opened", "clicked", "bounced", "unsubscribed", "complained")
SENT, DELIVERED, OPENED, CLICKED, BOUNCED, UNSUBSCRIBED, COMPLAINED = range(7)

_NINE_MONTHS_DAYS = 274
# Mails leave within this many hours from the hour of day on; assumption.
_SENT_FROM_HOUR = 8.5
_SENT_HOURS = 1.5
# Hours from the mail to its opening by share of those who open (read, XCampaign: half the same morning, 85 % the
# same day, 92 % within two days, 98 % within a week).
_OPEN_SHARES = (0.0, 0.5, 0.85, 0.92, 0.98, 1.0)
_OPEN_HOURS = (0.02, 2.5, 14.0, 38.0, 158.0, 600.0)
# Share of those who open who open once more, a day later on average; assumption.
_OPENED_AGAIN = 0.2
# Minutes from the click to the order that it leads to; assumption.
_CLICK_MINUTES = (5.0, 25.0)
_MINUTES_PER_DAY = 1_440
# How far from the mean level a mailing may be.
_LEVELS = (0.3, 2.0)
# Days between a mail and a withdrawal that is made in it, at most; assumption.
_WITHDRAWN_WITHIN_DAYS = 21.0


@dataclass(frozen=True, eq=False)
class MailEvents:
    """What happened to mails: ``mail`` is a position in Mails, ``kind`` one in EVENTS."""

    mail: Integers
    at: Floats
    kind: Integers


@dataclass(frozen=True, eq=False)
class Clicks:
    """Clicks in mails, each the begin of a visit; ``order`` is the order that followed (-1: none)."""

    person: Integers
    campaign: Integers
    at: Floats
    order: Integers


@dataclass(frozen=True, eq=False)
class Mails:
    """Mails of a chunk, an entry each: whose, of which campaign, when sent, and whether they arrived.

    ``chance`` is the true chance that a mail which arrives is opened; ``is_read`` says that it was opened for
    its coupon, whatever the chance. Mails after the first one that a dead address sent back do not exist.
    """

    person: Integers
    campaign: Integers
    sent_at: Floats
    chance: Floats
    is_read: Booleans
    is_delivered: Booleans
    events: MailEvents
    clicks: Clicks


def draw_mails(
    people: People,
    responses: Responses,
    decisions: Decisions,
    orders: Orders,
    campaigns: list[Campaign],
    preset: Preset,
    *,
    seed: int,
    chunk: int,
) -> Mails:
    """A mail to everyone who was treated, as long as the address lives."""
    rng, plan = open_stream(seed, "mails", chunk), preset.families.mailing
    person, campaign, sent_at, is_dead = _send(people, responses, campaigns, plan, rng)
    levels = np.clip(open_stream(seed, "mailings").normal(1.0, plan.mailing_sd, len(campaigns)), *_LEVELS)
    propensity = rng.beta(plan.opens_a, plan.opens_b, len(people))
    chance = np.minimum(propensity[person] * plan.level * levels[campaign], 1.0)
    order = _find_orders(orders, person, campaign, len(people), len(campaigns))
    is_read = (order >= 0) & ~is_dead & (rng.random(len(person)) < plan.coupons_read)
    is_delivered = ~is_dead & ((rng.random(len(person)) >= plan.soft_bounces) | is_read)
    opens = is_delivered & ((rng.random(len(person)) < chance) | is_read)
    order_at = np.where(order >= 0, np.r_[orders.at, np.inf][order], np.inf)
    is_caused = (order >= 0) & (np.r_[orders.caused_by, -1][order] >= 0)
    opened_at, clicked_at, is_linked = _open(sent_at, opens, order_at, is_caused, plan.caused_by_click, rng)
    clicks = opens & ((rng.random(len(person)) < plan.clicks) | is_linked)
    events = [
        *_list_deliveries(sent_at, is_delivered, rng),
        *_list_openings(opens, opened_at, clicks, clicked_at, rng),
        *_list_withdrawals(person, sent_at, is_delivered, decisions, plan, rng),
    ]
    return Mails(
        person=person,
        campaign=campaign,
        sent_at=sent_at,
        chance=chance,
        is_read=is_read,
        is_delivered=is_delivered,
        events=_join(events),
        clicks=Clicks(person[clicks], campaign[clicks], clicked_at[clicks], np.where(is_linked, order, -1)[clicks]),
    )


def _send(
    people: People, responses: Responses, campaigns: list[Campaign], plan: Mailing, rng: np.random.Generator
) -> tuple[Integers, Integers, Floats, Booleans]:
    """Person, campaign and moment of every mail, and whether the address is dead by then."""
    treated = np.flatnonzero(~responses.is_control)
    person, campaign = responses.person[treated], responses.campaign[treated]
    starts = np.array([float(part.starts) for part in campaigns])
    sent_at = starts[campaign] + (_SENT_FROM_HOUR + rng.random(len(person)) * _SENT_HOURS) / 24
    died_at = people.came + rng.exponential(-_NINE_MONTHS_DAYS / np.log1p(-plan.lost_addresses), len(people))
    # Whom a campaign made order has received it.
    died_at[responses.caused_person] = np.inf
    by_person = np.lexsort((sent_at, person))
    person, campaign, sent_at = person[by_person], campaign[by_person], sent_at[by_person]
    is_dead = sent_at > died_at[person]
    is_first = np.r_[True, (person[1:] != person[:-1]) | ~is_dead[:-1]][: len(person)]
    is_sent = ~is_dead | is_first
    return person[is_sent], campaign[is_sent], sent_at[is_sent], is_dead[is_sent]


def _find_orders(orders: Orders, person: Integers, campaign: Integers, people: int, campaigns: int) -> Integers:
    """The order that each mail's coupon was used on, or that its campaign caused; -1 for none."""
    by_mail = np.full((campaigns + 1, people), -1)
    # Later entries overwrite: the caused order rather than another one with the coupon.
    for source in (orders.campaign, orders.caused_by):
        by_mail[source, orders.person] = np.where(source >= 0, np.arange(len(source)), -1)
    return by_mail[campaign, person]


def _open(
    sent_at: Floats,
    opens: Booleans,
    order_at: Floats,
    is_caused: Booleans,
    caused_by_click: float,
    rng: np.random.Generator,
) -> tuple[Floats, Floats, Booleans]:
    """When each mail is opened and clicked if it is, and whether the click leads to the order."""
    hours = np.exp(np.interp(rng.random(len(sent_at)), _OPEN_SHARES, np.log(_OPEN_HOURS)))
    click_at = order_at - rng.uniform(*_CLICK_MINUTES, len(sent_at)) / _MINUTES_PER_DAY
    # A mail that was read before an order is opened before the click.
    latest = np.maximum(click_at - 1 / _MINUTES_PER_DAY, sent_at + 0.5 / _MINUTES_PER_DAY)
    opened_at = np.minimum(sent_at + hours / 24, latest)
    is_linked = opens & is_caused & (click_at > opened_at) & (rng.random(len(sent_at)) < caused_by_click)
    at_once = opened_at + rng.exponential(60.0, len(sent_at)) / SECONDS_PER_DAY
    return opened_at, np.where(is_linked, click_at, at_once), is_linked


def _list_deliveries(sent_at: Floats, is_delivered: Booleans, rng: np.random.Generator) -> list[MailEvents]:
    seconds = np.minimum(rng.lognormal(1.5, 1.0, len(sent_at)), 25.0)
    kind = np.where(is_delivered, DELIVERED, BOUNCED)
    mail = np.arange(len(sent_at))
    return [
        MailEvents(mail, sent_at, np.full(len(mail), SENT)),
        MailEvents(mail, sent_at + seconds / SECONDS_PER_DAY, kind),
    ]


def _list_openings(
    opens: Booleans, opened_at: Floats, clicks: Booleans, clicked_at: Floats, rng: np.random.Generator
) -> list[MailEvents]:
    again = opens & (rng.random(len(opens)) < _OPENED_AGAIN)
    again_at = opened_at + rng.exponential(1.0, len(opens))
    return [
        _make_events(np.flatnonzero(opens), opened_at, OPENED),
        _make_events(np.flatnonzero(again), again_at, OPENED),
        _make_events(np.flatnonzero(clicks), clicked_at, CLICKED),
    ]


def _list_withdrawals(
    person: Integers,
    sent_at: Floats,
    is_delivered: Booleans,
    decisions: Decisions,
    plan: Mailing,
    rng: np.random.Generator,
) -> list[MailEvents]:
    """Withdrawals of contact that were made in the last mail before them."""
    withdrawn_at = decisions.contact.begins[person]
    is_before = is_delivered & (sent_at < withdrawn_at) & (withdrawn_at < sent_at + _WITHDRAWN_WITHIN_DAYS)
    # Mails are sorted by person and time: the last one before the withdrawal is the one that none follows.
    is_followed = np.r_[(person[1:] == person[:-1]) & is_before[1:], False][: len(person)]
    by_mail = rng.random(len(decisions.contact.begins)) < plan.by_mail
    complains = rng.random(len(by_mail)) < plan.complaints
    last = np.flatnonzero(is_before & ~is_followed & by_mail[person])
    angry = last[complains[person[last]]]
    return [
        _make_events(last, withdrawn_at - 0.5 / _MINUTES_PER_DAY, OPENED),
        _make_events(last, withdrawn_at, UNSUBSCRIBED),
        _make_events(angry, withdrawn_at + 0.1 / _MINUTES_PER_DAY, COMPLAINED),
    ]


def _make_events(mail: Integers, at: Floats, kind: int) -> MailEvents:
    return MailEvents(mail, at[mail], np.full(len(mail), kind))


def _join(parts: list[MailEvents]) -> MailEvents:
    mail, at, kind = (np.concatenate([getattr(part, name) for part in parts]) for name in ("mail", "at", "kind"))
    order = np.lexsort((kind, at, mail))
    return MailEvents(mail[order], at[order], kind[order])
