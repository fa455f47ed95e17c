"""What a customer buys, is offered, is written and asks: orders, campaigns, coupons, e-mails, tickets, social acts."""

from datetime import datetime, timedelta

from tests.dbt.histories.facts import FIRST_DAY, LAST_LOAD, LOADED_AT, Fact, Row, Teller

_PRODUCTS = 12
_CATEGORIES = ("tea", "coffee", "cups", "sweets")
_CAMPAIGNS = 8
_MAILINGS = 10


def tell_catalogue(teller: Teller) -> None:
    """Products, some of which change their category, and campaigns, some of which are announced or corrected."""
    for number in range(_PRODUCTS):
        row: Row = {"product_id": f"p{number}", "category": _CATEGORIES[number % len(_CATEGORIES)]}
        product = Fact("products", row, None, None, load=0)
        teller.facts.append(product)
        if number % 3 == 0:
            load = 1 + number % 2
            changed = {**row, "category": _CATEGORIES[(number + 1) % len(_CATEGORIES)]}
            teller.facts.append(Fact("products", changed, None, LOADED_AT[load], load, is_correction=True))
    for number in range(_CAMPAIGNS):
        started_at = FIRST_DAY + timedelta(days=20 + 35 * number, hours=number)
        campaign = teller.tell(
            "campaigns",
            {
                "campaign_id": f"k{number}",
                "started_at": started_at,
                "ended_at": started_at + timedelta(days=21),
                "offer_type": "coupon" if number % 2 else None,
            },
            started_at,
        )
        if number % 3 == 1:
            teller.correct(campaign, {"offer_type": None})


def tell_orders(teller: Teller) -> None:
    """Orders with lines, a total or both; some are cancelled, refunded, moved, given to somebody else or taken back."""
    for number in range(teller.random.choice((0, 1, 1, 2, 3, 5, 9))):
        order_id = f"{teller.name}-o{number}"
        ordered_at = _ordered_at(teller)
        has_lines = teller.chance(0.8)
        order = teller.tell(
            "orders",
            {
                "order_id": order_id,
                "customer_id": teller.name,
                "ordered_at": ordered_at,
                "status": teller.random.choice(("paid", "paid", "paid", "placed", "returned")),
                "coupon_code": "SAVE" if teller.chance(0.2) else None,
                "net_amount": None if has_lines and teller.chance(0.6) else _money(teller, 20_000),
                "discount_amount": _money(teller, 500) if teller.chance(0.2) else None,
                "refund_amount": None,
            },
            ordered_at,
        )
        if has_lines:
            _tell_lines(teller, order_id, ordered_at)
        _correct_order(teller, order, ordered_at)


def _money(teller: Teller, most_cents: int) -> str:
    return f"{teller.random.randrange(100, most_cents) / 100:.2f}"


def _ordered_at(teller: Teller) -> datetime:
    ordered_at = teller.moment()
    # The last and the first seconds of a day in New York, and midnight, which says that no time is known.
    hour = teller.random.choice((None, None, None, timedelta(hours=3, minutes=59, seconds=59), timedelta(hours=4)))
    return ordered_at if hour is None else datetime(ordered_at.year, ordered_at.month, ordered_at.day) + hour


def _correct_order(teller: Teller, order: Fact | None, ordered_at: datetime) -> None:
    if teller.chance(0.3):
        change: Row = teller.random.choice(
            ({"status": "cancelled"}, {"refund_amount": "5.55"}, {"status": "returned"}, {"coupon_code": "LATER"})
        )
        order = teller.correct(order, change)
    if teller.chance(0.05):
        moved_at = ordered_at + timedelta(days=teller.random.choice((-20, 1, 45)))
        teller.correct(order, {"ordered_at": moved_at}, occurred_at=moved_at)


def _tell_lines(teller: Teller, order_id: str, ordered_at: datetime) -> None:
    for number in range(teller.random.choice((1, 1, 2, 3))):
        line = teller.tell(
            "order_lines",
            {
                "order_id": order_id,
                "line_number": number,
                "product_id": f"p{teller.random.randrange(_PRODUCTS)}",
                "quantity": teller.random.choice((1, 1, 2, -1)),
                "net_amount": _money(teller, 9_000),
                "discount_amount": f"{teller.random.choice((0, 0, 135)) / 100:.2f}",
                "ordered_at": ordered_at if teller.chance(0.7) else None,
                "is_return": teller.chance(0.05),
            },
            ordered_at,
        )
        if teller.chance(0.1):
            teller.correct(line, {"net_amount": "77.70", "quantity": 3})


def tell_campaigns(teller: Teller) -> None:
    """Memberships with and without a date, and coupons redeemed with and without a campaign."""
    for number in range(_CAMPAIGNS):
        if teller.chance(0.4):
            started_at = FIRST_DAY + timedelta(days=20 + 35 * number, hours=number)
            assigned_at = teller.soon(started_at, days=10)
            row = {
                "campaign_id": f"k{number}",
                "customer_id": teller.name,
                "assigned_at": assigned_at if teller.chance(0.7) else None,
                "arm": teller.random.choice((None, "treatment", "control")),
            }
            member = teller.tell("campaign_members", row, assigned_at if row["assigned_at"] else started_at)
            if teller.chance(0.1):
                teller.correct(member, {"arm": "control"})
    for number in range(teller.random.choice((0, 0, 1, 3))):
        redeemed_at = teller.moment()
        redemption = teller.tell(
            "coupon_redemptions",
            {
                "redemption_id": f"{teller.name}-r{number}",
                "customer_id": teller.name,
                "redeemed_at": redeemed_at,
                "campaign_id": f"k{teller.random.randrange(_CAMPAIGNS)}" if teller.chance(0.6) else None,
            },
            redeemed_at,
        )
        if teller.chance(0.1):
            teller.correct(redemption, {"campaign_id": None})


def tell_emails(teller: Teller) -> None:
    """What became of each mailing; of some mailings no delivery is ever reported."""
    for number in range(_MAILINGS):
        if teller.chance(0.5):
            continue
        sent_at = teller.soon(FIRST_DAY + timedelta(days=8 + 30 * number), days=2)
        acts = [("sent", sent_at)]
        if teller.chance(0.1):
            acts.append(("bounced", teller.soon(sent_at, days=0.1)))
        elif number % 3:
            acts.append(("delivered", teller.soon(sent_at, days=0.1)))
        acts += [
            (act, teller.soon(sent_at, days=20))
            for act, share in (("opened", 0.4), ("clicked", 0.15), ("unsubscribed", 0.03), ("complained", 0.01))
            if teller.chance(share)
        ]
        for act, occurred_at in acts:
            event = teller.tell(
                "email_events",
                {
                    "event_id": f"{teller.name}-m{number}-{act}",
                    "customer_id": teller.name,
                    "campaign_id": f"m{number}",
                    "occurred_at": occurred_at,
                    "event_type": act,
                },
                occurred_at,
                is_tracked=True,
            )
            if teller.chance(0.03):
                teller.correct(event, {"event_type": "bounced"})


def tell_tickets(teller: Teller) -> None:
    """Tickets whose row names its end ahead of time, and others that are closed by a later version."""
    for number in range(teller.random.choice((0, 0, 1, 2, 4))):
        opened_at = teller.moment()
        closed_at = teller.soon(opened_at, days=teller.random.choice((0.5, 20, 90)))
        closing: Row = {"closed_at": closed_at, "csat_score": teller.random.choice((None, 1, 3, 5))}
        is_known_ahead = teller.chance(0.5)
        ticket = teller.tell(
            "support_tickets",
            {
                "ticket_id": f"{teller.name}-t{number}",
                "customer_id": teller.name,
                "opened_at": opened_at,
                "sentiment_score": teller.random.choice((None, -0.5, 0.25, 1)),
                "closed_at": None,
                "csat_score": None,
                **(closing if is_known_ahead else {}),
            },
            opened_at,
        )
        if not is_known_ahead and closed_at < LOADED_AT[LAST_LOAD]:
            teller.correct(ticket, closing)


def tell_social_acts(teller: Teller) -> None:
    """Acts in several networks, some of them corrected."""
    for number in range(teller.random.choice((0, 0, 1, 2, 5))):
        occurred_at = teller.moment()
        act = teller.tell(
            "social_engagements",
            {
                "engagement_id": f"{teller.name}-s{number}",
                "customer_id": teller.name,
                "occurred_at": occurred_at,
                "network": teller.random.choice(("instagram", "Twitter", "youtube", "smaller one")),
                "kind": "comment",
                "sentiment_score": teller.random.choice((None, -1, 0, 0.125)),
            },
            occurred_at,
            is_tracked=True,
        )
        if teller.chance(0.1):
            teller.correct(act, {"network": "tiktok", "sentiment_score": 0.5})
