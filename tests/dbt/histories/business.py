"""The companies of some customers: accounts, deals and their moves, calls, and what representatives do."""

from datetime import datetime

from tests.dbt.histories.facts import LAST_LOAD, LOADED_AT, Row, Teller

_STAGES = ("qualified", "Pro-posal", "Won", "lost ")


def tell_membership(teller: Teller, account: str | None) -> None:
    """The customer's own record, which names their company; later versions may name another one, or none."""
    created_at = teller.moment()
    row: Row = {
        "customer_id": teller.name,
        "created_at": created_at if teller.chance(0.8) else None,
        "account_id": account,
    }
    record = teller.tell("customers", row, row["created_at"])
    if account is not None and teller.chance(0.2):
        teller.correct(record, {"account_id": None if teller.chance(0.5) else "a-elsewhere"})


def tell_account(teller: Teller, account: str) -> None:
    """Everything about one company; ``teller`` is the customer who is its contact."""
    created_at = teller.moment()
    row: Row = {"account_id": account, "created_at": created_at if teller.chance(0.6) else None}
    if teller.chance(0.7):
        teller.tell("accounts", row, row["created_at"])
    for number in range(teller.random.choice((0, 1, 2, 4))):
        _tell_deal(teller, account, f"{account}-d{number}")
    for number in range(teller.random.choice((0, 1, 3))):
        occurred_at = teller.moment()
        call = teller.tell(
            "calls",
            {
                "call_id": f"{account}-c{number}",
                "account_id": account,
                "occurred_at": occurred_at,
                "customer_id": teller.random.choice((None, teller.name, "contact of nobody")),
                "talk_ratio": teller.random.choice((None, 0.3, 0.7)),
                "sentiment_score": teller.random.choice((None, -0.25, 0.5)),
            },
            occurred_at,
        )
        if teller.chance(0.1):
            teller.correct(call, {"sentiment_score": 1})
    for number in range(teller.random.choice((0, 2, 5))):
        occurred_at = teller.moment()
        activity = teller.tell(
            "rep_activities",
            {
                "activity_id": f"{account}-t{number}",
                "account_id": account,
                "occurred_at": occurred_at,
                "customer_id": teller.random.choice((None, teller.name)),
                "kind": teller.random.choice(("inbound", "email", "meeting")),
            },
            occurred_at,
        )
        if teller.chance(0.1):
            teller.correct(activity, {"kind": "inbound"})


def _tell_deal(teller: Teller, account: str, deal_id: str) -> None:
    """A deal whose own record says how it ended ahead of time or in a later version, with or without its moves."""
    created_at = teller.moment()
    closed_at = teller.soon(created_at, days=120)
    closing: Row = {"closed_at": closed_at, "stage": teller.random.choice(("won", "lost"))}
    is_known_ahead = teller.chance(0.5)
    deal = teller.tell(
        "deals",
        {
            "deal_id": deal_id,
            "account_id": account,
            "created_at": created_at if is_known_ahead or teller.chance(0.8) else None,
            "amount": teller.random.choice((None, "1000.10", "2500.00")),
            "stage": "qualified",
            "closed_at": None,
            **(closing if is_known_ahead else {}),
        },
        created_at,
    )
    if not is_known_ahead and closed_at < LOADED_AT[LAST_LOAD]:
        teller.correct(deal, closing)
    if teller.chance(0.6):
        _tell_moves(teller, deal_id, created_at)


def _tell_moves(teller: Teller, deal_id: str, created_at: datetime) -> None:
    changed_at = created_at
    for number in range(teller.random.choice((1, 2, 3))):
        changed_at = teller.soon(changed_at, days=40)
        change = teller.tell(
            "deal_stage_changes",
            {
                "stage_change_id": f"{deal_id}-{number}",
                "deal_id": deal_id,
                "stage": teller.random.choice(_STAGES),
                "changed_at": changed_at,
                "amount": teller.random.choice((None, "3000.33")),
            },
            changed_at,
        )
        if teller.chance(0.1):
            teller.correct(change, {"stage": "qualified"})
