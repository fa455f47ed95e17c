"""What the corner shop keeps beside its orders: e-mails, tickets, social acts, and the companies of some customers.

The first delivery is history in which some tickets and deals already name an end that lies after the as-of dates
of the tests. The second one brings news of old days and corrections, which must not change the past.
"""

from datetime import datetime, timedelta
from typing import Any

Row = dict[str, Any]
Delivery = dict[str, list[Row]]

FAMILY_COLUMNS = {
    "customers": ["customer_id", "account_id"],
    "email_events": ["event_id", "customer_id", "campaign_id", "occurred_at", "event_type"],
    "support_tickets": ["ticket_id", "customer_id", "opened_at", "closed_at", "csat_score", "sentiment_score"],
    "social_engagements": ["engagement_id", "customer_id", "occurred_at", "network", "kind", "sentiment_score"],
    "accounts": ["account_id", "created_at"],
    "deals": ["deal_id", "account_id", "created_at", "amount", "stage", "closed_at"],
    "deal_stage_changes": ["stage_change_id", "deal_id", "stage", "changed_at", "amount"],
    "calls": ["call_id", "account_id", "occurred_at", "customer_id", "talk_ratio", "sentiment_score"],
    "rep_activities": ["activity_id", "account_id", "occurred_at", "customer_id", "kind"],
}
# When a row happened, and when what it already says of its end did.
OCCURRED = {
    "email_events": "occurred_at",
    "support_tickets": "opened_at",
    "social_engagements": "occurred_at",
    "accounts": "created_at",
    "deals": "created_at",
    "deal_stage_changes": "changed_at",
    "calls": "occurred_at",
    "rep_activities": "occurred_at",
}
_AFTER_THE_END = {"support_tickets": ("closed_at", "csat_score"), "deals": ("closed_at", "stage")}

_FIRST_DAY = datetime(2024, 1, 5, 14)
_ACCOUNTS = 4


def first_family_delivery() -> Delivery:
    """Everything up to the end of May, as the shop knew it on June 1."""
    return {
        "customers": [
            {"customer_id": _customer(number), "account_id": f"a{number % _ACCOUNTS}" if number % 3 else ""}
            for number in range(1, 13)
        ],
        "email_events": [
            event for mailing in range(7) for number in range(1, 13) for event in _email_events(mailing, number)
        ],
        "support_tickets": [_ticket(number) for number in range(40)],
        "social_engagements": [_social_act(number) for number in range(50)],
        "accounts": [
            {"account_id": f"a{number}", "created_at": _at(10 * number) if number else ""}
            for number in range(_ACCOUNTS)
        ],
        "deals": [_deal(number) for number in range(16)],
        "deal_stage_changes": [_stage_change(deal, move) for deal in range(0, 16, 2) for move in range(3)],
        "calls": [_call(number) for number in range(30)],
        "rep_activities": [_activity(number) for number in range(40)],
    }


def second_family_delivery() -> Delivery:
    """What came by July 10: late facts and corrections of every table."""
    first = first_family_delivery()
    moved = [{**row, "customer_id": "c11"} for row in first["email_events"][:5]]
    late = {
        "event_id": "late",
        "customer_id": "c02",
        "campaign_id": "m1",
        "occurred_at": _at(30),
        "event_type": "opened",
    }
    return {
        "customers": [{"customer_id": _customer(number), "account_id": "a0"} for number in range(1, 4)],
        "email_events": [*moved, late],
        "support_tickets": [
            {**row, "closed_at": _at(160), "csat_score": "1"}
            for row in first["support_tickets"]
            if not row["closed_at"]
        ],
        "social_engagements": [{**row, "network": "x"} for row in first["social_engagements"][::4]],
        "accounts": [{"account_id": "a0", "created_at": _at(3)}],
        "deals": [{**row, "amount": "1.23"} for row in first["deals"][::3]],
        "deal_stage_changes": [{**row, "stage": "lost"} for row in first["deal_stage_changes"][::4]],
        "calls": [{**row, "sentiment_score": "-0.9"} for row in first["calls"][::3]],
        "rep_activities": [{**row, "kind": "inbound"} for row in first["rep_activities"][::5]],
    }


def without_later_family_facts(delivery: Delivery, end: datetime) -> Delivery:
    """``delivery`` as it would have been written at ``end``: no later row, and no end that lies ahead."""
    known: Delivery = {"customers": delivery["customers"]}
    for table, column in OCCURRED.items():
        rows = [row for row in delivery[table] if not row[column] or datetime.fromisoformat(row[column]) < end]
        known[table] = [_without_later_end(table, row, end) for row in rows]
    return known


def _without_later_end(table: str, row: Row, end: datetime) -> Row:
    ended = row.get("closed_at")
    if table not in _AFTER_THE_END or not ended or datetime.fromisoformat(ended) < end:
        return row
    return {**row, **dict.fromkeys(_AFTER_THE_END[table], "")}


def _customer(number: int) -> str:
    return f"c{number:02d}"


def _at(day: int, hours: int = 0) -> str:
    """Hours that fall on both sides of midnight in New York and in UTC."""
    return (_FIRST_DAY + timedelta(days=day, hours=(5 * day) % 14 + hours, minutes=(7 * day) % 60)).isoformat(sep=" ")


def _email_events(mailing: int, number: int) -> list[Row]:
    """One mailing to one customer; of every third mailing no delivery is reported."""
    kinds = ["sent"]
    if mailing % 3:
        kinds.append("bounced" if (number + mailing) % 7 == 0 else "delivered")
    kinds += ["opened"] * ((number * mailing) % 3) + ["clicked"] * ((number + mailing) % 4 == 0)
    if mailing == 5 and number % 6 == 0:
        kinds.append("unsubscribed")
    return [
        {
            "event_id": f"e{mailing}-{number}-{place}",
            "customer_id": _customer(number),
            "campaign_id": f"m{mailing}",
            "occurred_at": _at(20 * mailing + number % 5, hours=9 * place),
            "event_type": kind,
        }
        for place, kind in enumerate(kinds)
    ]


def _ticket(number: int) -> Row:
    is_closed = number % 4 != 0
    return {
        "ticket_id": f"t{number}",
        "customer_id": _customer(1 + (5 * number) % 12),
        "opened_at": _at(3 * number),
        "closed_at": _at(3 * number, hours=1 + 37 * (number % 9)) if is_closed else "",
        "csat_score": str(1 + number % 5) if is_closed else "",
        "sentiment_score": f"{(number * 7 % 19 - 9) / 10:.1f}" if number % 5 else "",
    }


def _social_act(number: int) -> Row:
    return {
        "engagement_id": f"s{number}",
        "customer_id": _customer(1 + (7 * number) % 12),
        "occurred_at": _at(number * 2 % 120),
        "network": ("Instagram", "twitter", "tiktok", "mastodon")[number % 4],
        "kind": "like",
        "sentiment_score": f"{(number * 3 % 17 - 8) / 10:.1f}" if number % 3 else "",
    }


def _deal(number: int) -> Row:
    """Every third deal names its end in advance, as a row of the history does."""
    return {
        "deal_id": f"d{number}",
        "account_id": f"a{number % _ACCOUNTS}",
        "created_at": _at(5 * number),
        "amount": f"{100 + 33.33 * number:.2f}",
        "stage": "won" if number % 3 == 0 else "proposal",
        "closed_at": _at(5 * number + 40) if number % 3 == 0 else "",
    }


def _stage_change(deal: int, move: int) -> Row:
    return {
        "stage_change_id": f"d{deal}-{move}",
        "deal_id": f"d{deal}",
        "stage": ("qualified", "proposal", "won" if deal % 4 else "lost")[move],
        "changed_at": _at(5 * deal + 9 * (move + 1)),
        "amount": f"{90 + 11.11 * deal:.2f}" if move == 1 else "",
    }


def _call(number: int) -> Row:
    return {
        "call_id": f"k{number}",
        "account_id": f"a{number % _ACCOUNTS}",
        "occurred_at": _at(4 * number),
        "customer_id": _customer(1 + number % 12) if number % 2 else "",
        "talk_ratio": f"{(number * 7 % 10) / 10:.1f}",
        "sentiment_score": f"{(number * 5 % 21 - 10) / 10:.1f}",
    }


def _activity(number: int) -> Row:
    return {
        "activity_id": f"r{number}",
        "account_id": f"a{number % _ACCOUNTS}",
        "occurred_at": _at(3 * number),
        "customer_id": "",
        "kind": ("inbound", "email", "inbound", "meeting", "note")[number % 5],
    }
