"""Mails, tickets and social acts of a chunk as the shop's systems export them; columns as in exports.py."""

import numpy as np
import polars as pl

from ml.simulate.baskets import PARTLY_RETURNED, RETURNED
from ml.simulate.campaigns import Campaign
from ml.simulate.columns import pick, to_moments
from ml.simulate.config import Preset
from ml.simulate.demand import Demand
from ml.simulate.emails import EVENTS
from ml.simulate.exports import Chunk, name_orders
from ml.simulate.randomness import Floats, Integers, count_within, name_customers, open_stream, scramble_ids
from ml.simulate.social import ACTS

_TICKET_CHANNELS, _CHANNEL_SHARES = ("email", "chat", "phone"), (0.45, 0.3, 0.25)
_QUESTIONS = ("order status", "product", "account", "payment")
_LATE, _RETURN, _QUALITY = "late delivery", "return and refund", "damaged or wrong item"


def export_mail_events(chunk: Chunk, campaigns: list[Campaign], demand: Demand) -> pl.DataFrame:
    """One row per thing that happened to a mail before the files end."""
    mails, events = chunk.mails, chunk.mails.events
    person = mails.person[events.mail]
    order = np.lexsort((events.kind, events.at, person))
    order = order[events.at[order] < demand.end]
    mail, person = events.mail[order], person[order]
    return pl.DataFrame(
        {
            "customer_number": chunk.people.number[person],
            "event_id": scramble_ids("M", chunk.people.number[person], count_within(person)),
            "customer_id": pick(name_customers(chunk.people.number), person),
            "campaign_id": pick([campaign.campaign_id for campaign in campaigns], mails.campaign[mail]),
            "occurred_at": to_moments(events.at[order], demand),
            "event_type": pick(EVENTS, events.kind[order]),
        }
    )


def export_tickets(chunk: Chunk, demand: Demand, *, seed: int, number: int) -> pl.DataFrame:
    """One row per ticket and version: as it was opened, and whenever it was closed or closed again."""
    tickets, rng = chunk.tickets, open_stream(seed, "ticket descriptions", number)
    slot = chunk.people.number[tickets.person]
    opened = pl.DataFrame(
        {
            "customer_number": slot,
            "ticket_id": scramble_ids("T", slot, count_within(tickets.person)),
            "customer_id": name_customers(slot),
            "opened_at": to_moments(tickets.opened_at, demand),
            "closed_at": to_moments(np.full(len(slot), np.inf), demand),
            "channel": pick(_TICKET_CHANNELS, rng.choice(len(_TICKET_CHANNELS), len(slot), p=_CHANNEL_SHARES)),
            "category": _name_categories(chunk, rng),
            "priority": pick(("normal", "high"), _draw_urgency(tickets.order, rng)),
            "csat_score": pl.Series([None] * len(slot), dtype=pl.Int64),
            "sentiment_score": tickets.sentiment,
            "received_at": to_moments(tickets.opened_at, demand),
            "is_update": False,
        }
    )
    again = np.flatnonzero(tickets.is_reopened)
    closed = [
        _close(opened, np.arange(len(slot)), tickets.closed_at, tickets.score, demand),
        _close(opened, again, tickets.closed_again_at, tickets.score, demand),
    ]
    return pl.concat([opened, *closed])


def export_social_acts(chunk: Chunk, demand: Demand, preset: Preset) -> pl.DataFrame:
    """One row per act of a customer in a social network."""
    acts, number = chunk.social_acts, chunk.people.number[chunk.social_acts.person]
    return pl.DataFrame(
        {
            "customer_number": number,
            "engagement_id": scramble_ids("N", number, count_within(acts.person)),
            "customer_id": name_customers(number),
            "occurred_at": to_moments(acts.at, demand),
            "network": pick([name for name, _ in preset.families.social.networks], acts.network),
            "kind": pick(ACTS, acts.kind),
            "sentiment_score": pl.Series(acts.sentiment).fill_nan(None),
        }
    ).filter(pl.Series(acts.at < demand.end))


def list_mails(chunk: Chunk, campaigns: list[Campaign]) -> pl.DataFrame:
    """The truth about mails, one row each: the chance that it was opened, and whether its coupon made sure of it."""
    mails, number = chunk.mails, chunk.people.number[chunk.mails.person]
    return pl.DataFrame(
        {
            "customer_number": number,
            "customer_id": name_customers(number),
            "campaign_id": pick([campaign.campaign_id for campaign in campaigns], mails.campaign),
            "is_delivered": mails.is_delivered,
            "open_chance": mails.chance,
            "is_read_for_coupon": mails.is_read,
        }
    )


def list_complaints(chunk: Chunk, demand: Demand) -> pl.DataFrame:
    """The truth about complaints, one row per order: chance and effect of one, and whether it came."""
    orders, tickets, has_complaint = chunk.orders, chunk.tickets, np.zeros(len(chunk.orders.person), bool)
    has_complaint[tickets.order[tickets.order >= 0]] = True
    return pl.DataFrame(
        {
            "customer_number": chunk.people.number[orders.person],
            "order_id": name_orders(orders, chunk.people),
            "customer_id": name_customers(chunk.people.number[orders.person]),
            "is_late_delivery": tickets.order_is_late,
            "has_complaint": has_complaint,
            "complaint_chance": tickets.order_complaint_chance,
            "leave_chance_with_complaint": tickets.order_leave_with,
            "leave_chance_without_complaint": tickets.order_leave_without,
        }
    ).filter(pl.Series(orders.at >= demand.start))


def _close(opened: pl.DataFrame, which: Integers, closed_at: Floats, score: Integers, demand: Demand) -> pl.DataFrame:
    which = which[closed_at[which] < demand.end]
    moments, given = to_moments(closed_at[which], demand), pl.Series(score[which])
    return opened[which].with_columns(
        closed_at=moments,
        csat_score=pl.select(pl.when(given > 0).then(given)).to_series(),
        received_at=moments,
        is_update=pl.lit(True),
    )


def _name_categories(chunk: Chunk, rng: np.random.Generator) -> pl.Series:
    """Of a complaint what the order suffered from, of a question anything."""
    order = chunk.tickets.order
    is_late = np.r_[chunk.tickets.order_is_late, False][order]
    came_back = np.isin(np.r_[chunk.orders.fate, 0][order], (RETURNED, PARTLY_RETURNED))
    complaint = np.select([is_late, came_back], [0, 1], 2)
    question = 3 + rng.integers(0, len(_QUESTIONS), len(order))
    return pick((_LATE, _RETURN, _QUALITY, *_QUESTIONS), np.where(order >= 0, complaint, question))


def _draw_urgency(order: Integers, rng: np.random.Generator) -> Integers:
    return (rng.random(len(order)) < np.where(order >= 0, 0.4, 0.1)).astype(np.int64)
