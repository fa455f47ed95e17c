"""Accounts, deals, calls and other touches of a chunk as the shop's CRM exports them; columns as in exports.py."""

import numpy as np
import polars as pl

from ml.simulate.business import ACTIVITIES, LOST, STAGES, WON, Touches, list_stage_changes
from ml.simulate.catalogue import to_money
from ml.simulate.columns import pick, to_moments
from ml.simulate.demand import Demand
from ml.simulate.exports import Chunk
from ml.simulate.randomness import Floats, Integers, count_within, name_customers, open_stream, scramble_ids

_INDUSTRIES = ("hospitality", "retail", "software", "construction", "health", "education")
_REPRESENTATIVES = 12
_CALL_KINDS = ("discovery", "demo", "negotiation", "support")
_CALL_OUTCOMES = ("no answer", "follow-up", "meeting booked", "not interested")
_ACTIVITY_OUTCOMES = ("done", None)
# Share of the value by which the first estimate of a deal is off, at most; the proposal says the amount.
_FIRST_ESTIMATE = 0.3


def name_accounts(chunk: Chunk) -> pl.Series:
    """The CRM's identifiers of the chunk's accounts."""
    accounts = chunk.business.accounts
    # Prospects may share a slot with a company that has customers: they are counted on within it.
    order = np.argsort(accounts.slot, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = count_within(accounts.slot[order])
    return scramble_ids("B", chunk.people.number[accounts.slot], place)


def list_contacts(chunk: Chunk) -> pl.DataFrame:
    """One row per person with the account they buy for, NULL for most."""
    account = pick(name_accounts(chunk), chunk.business.account_of)
    return pl.DataFrame({"customer_number": chunk.people.number, "account_id": account})


def export_accounts(chunk: Chunk, demand: Demand, *, seed: int, number: int) -> pl.DataFrame:
    """One row per account that exists before the files end; industry and size are drawn and mean nothing."""
    accounts, rng = chunk.business.accounts, open_stream(seed, "account descriptions", number)
    names, size = name_accounts(chunk), len(accounts.slot)
    return pl.DataFrame(
        {
            "customer_number": chunk.people.number[accounts.slot],
            "account_id": names,
            "created_at": to_moments(accounts.created_at, demand),
            "name": "Company " + names.str.slice(8),
            "industry": pick(_INDUSTRIES, rng.integers(0, len(_INDUSTRIES), size)),
            "employee_count": np.ceil(rng.lognormal(3.2, 1.3, size)).astype(np.int64),
            "owner_id": _name_owners(chunk, np.arange(size)),
        }
    ).filter(pl.Series(accounts.created_at < demand.end))


def export_deals(chunk: Chunk, demand: Demand) -> pl.DataFrame:
    """One row per deal and version: as it was opened, and as it was closed."""
    deals = chunk.business.deals
    opened = pl.DataFrame(
        {
            "customer_number": _number(chunk, deals.account),
            "deal_id": _name_deals(chunk),
            "account_id": pick(name_accounts(chunk), deals.account),
            "created_at": to_moments(deals.created_at, demand),
            "amount": to_money(_estimate(chunk) * 100),
            "stage": STAGES[0],
            "closed_at": to_moments(np.full(len(deals.account), np.inf), demand),
            "owner_id": _name_owners(chunk, deals.account),
            "received_at": to_moments(deals.created_at, demand),
            "is_update": False,
        }
    )
    moments = to_moments(deals.ends_at, demand)
    closed = opened.with_columns(
        amount=to_money(deals.amount * 100),
        stage=pick(STAGES, np.where(deals.is_won, WON, LOST)),
        closed_at=moments,
        received_at=moments,
        is_update=pl.lit(True),
    )
    return _before_end(pl.concat([opened, closed]), "received_at", demand)


def export_stage_changes(chunk: Chunk, demand: Demand) -> pl.DataFrame:
    """One row per move of a deal to another stage, its opening included."""
    deals = chunk.business.deals
    deal, stage, at = list_stage_changes(deals)
    account = deals.account[deal]
    amount = np.where(stage < STAGES.index("proposal"), _estimate(chunk)[deal], deals.amount[deal])
    frame = pl.DataFrame(
        {
            "customer_number": _number(chunk, account),
            "stage_change_id": _name_within("G", chunk, account),
            "deal_id": pick(_name_deals(chunk), deal),
            "stage": pick(STAGES, stage),
            "changed_at": to_moments(at, demand),
            "amount": to_money(amount * 100),
            "owner_id": _name_owners(chunk, account),
        }
    )
    return _before_end(frame, "changed_at", demand)


def export_calls(chunk: Chunk, demand: Demand, *, seed: int, number: int) -> pl.DataFrame:
    """One row per call with an account."""
    calls, rng = chunk.business.calls, open_stream(seed, "call descriptions", number)
    outcome = rng.choice(len(_CALL_OUTCOMES), len(calls.account), p=(0.3, 0.4, 0.15, 0.15))
    frame = _export_touches("L", "call_id", calls, chunk, demand).with_columns(
        duration_seconds=pl.Series(calls.seconds),
        talk_ratio=pl.Series(calls.talk_ratio),
        sentiment_score=pl.Series(calls.sentiment),
        kind=pick(_CALL_KINDS, calls.kind),
        outcome=pick(_CALL_OUTCOMES, outcome),
    )
    return _before_end(frame, "occurred_at", demand)


def export_activities(chunk: Chunk, demand: Demand, *, seed: int, number: int) -> pl.DataFrame:
    """One row per thing a representative did for an account, or was asked by it."""
    acts, rng = chunk.business.activities, open_stream(seed, "activity descriptions", number)
    frame = _export_touches("Y", "activity_id", acts, chunk, demand).with_columns(
        kind=pick(ACTIVITIES, acts.kind),
        outcome=pick(_ACTIVITY_OUTCOMES, rng.integers(0, 2, len(acts.account))),
    )
    return _before_end(frame, "occurred_at", demand)


def list_deals(chunk: Chunk, demand: Demand) -> pl.DataFrame:
    """The truth about deals, one row each: the account's fit, the chance to be won, and what became of it."""
    deals = chunk.business.deals
    return pl.DataFrame(
        {
            "customer_number": _number(chunk, deals.account),
            "deal_id": _name_deals(chunk),
            "account_fit": chunk.business.accounts.fit[deals.account],
            "win_chance": deals.chance,
            "is_won": deals.is_won,
            "created_at": to_moments(deals.created_at, demand),
            "ends_at": to_moments(deals.ends_at, demand),
        }
    )


def _export_touches(prefix: str, key: str, touches: Touches, chunk: Chunk, demand: Demand) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "customer_number": _number(chunk, touches.account),
            key: _name_within(prefix, chunk, touches.account),
            "account_id": pick(name_accounts(chunk), touches.account),
            "occurred_at": to_moments(touches.at, demand),
            "customer_id": pick(name_customers(chunk.people.number), touches.person),
            "deal_id": pick(_name_deals(chunk), touches.deal),
            "owner_id": _name_owners(chunk, touches.account),
        }
    )


def _number(chunk: Chunk, account: Integers) -> Integers:
    return chunk.people.number[chunk.business.accounts.slot[account]]


def _name_deals(chunk: Chunk) -> pl.Series:
    return _name_within("D", chunk, chunk.business.deals.account)


def _name_within(prefix: str, chunk: Chunk, account: Integers) -> pl.Series:
    """Identifiers of things of accounts, counted within the person that the accounts are counted with."""
    slot = chunk.business.accounts.slot[account]
    order = np.argsort(slot, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = count_within(slot[order])
    return scramble_ids(prefix, chunk.people.number[slot], place)


def _name_owners(chunk: Chunk, account: Integers) -> pl.Series:
    names = [f"REP{place + 1:02d}" for place in range(_REPRESENTATIVES)]
    return pick(names, (chunk.people.number[chunk.business.accounts.slot] % _REPRESENTATIVES)[account])


def _estimate(chunk: Chunk) -> Integers:
    """What each deal is thought to be worth before the proposal; off by a part that its number decides."""
    deals = chunk.business.deals
    off: Floats = 1 + _FIRST_ESTIMATE * ((deals.amount // 50 * 7 % 13) / 6 - 1)
    return np.maximum(np.rint(deals.amount * off / 50) * 50, 50).astype(np.int64)


def _before_end(frame: pl.DataFrame, column: str, demand: Demand) -> pl.DataFrame:
    end = to_moments(np.array([float(demand.end)]), demand)[0]
    return frame.filter(pl.col(column) < end)
