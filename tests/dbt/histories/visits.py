"""What a customer does on the shop's pages: visits on devices of their own and of others, known and unknown."""

from datetime import datetime, timedelta

from tests.dbt.histories.facts import Fact, Row, Teller

# Seconds between two events: within one session, exactly at its limit, and beyond it.
_GAPS = (5, 40, 300, 1500, 1800, 1801, 2400)
_TYPES = ("page_view", "product_view", "product_view", "content_view", "search", "add_to_cart", "checkout_started")
_BURST_EVENTS = 64


def tell_visits(teller: Teller, neighbour: str) -> None:
    """Visits on one's own device and on ``neighbour``'s; who it was is said in some events, and at times taken back."""
    devices = [f"d-{teller.name}"] * 3 + [f"d-{neighbour}", f"e-{teller.name}"]
    for number in range(teller.random.choice((0, 1, 2, 3, 5))):
        device = teller.random.choice(devices) if teller.chance(0.95) else None
        _tell_visit(teller, f"{teller.name}-v{number}", device, teller.moment())
    if teller.chance(0.02):
        _tell_burst(teller, f"{teller.name}-b", f"d-{teller.name}", teller.moment())


def _tell_visit(teller: Teller, visit: str, device: str | None, started_at: datetime) -> None:
    is_logged_in = device is None or teller.chance(0.2)
    occurred_at = started_at
    medium = teller.random.choice((None, "organic", "cpc", "email"))
    for number in range(teller.random.choice((1, 2, 4, 7))):
        occurred_at += timedelta(seconds=teller.random.choice(_GAPS))
        identifies = teller.chance(0.15)
        row: Row = {
            "event_id": f"{visit}-{number}",
            "anonymous_id": device,
            "customer_id": teller.name if is_logged_in or identifies else None,
            "occurred_at": occurred_at,
            "event_type": _event_type(teller, identifies=identifies),
            "product_id": f"p{teller.random.randrange(12)}",
            "category": teller.random.choice((None, "tea", "coffee", "cups")),
            "page_path": None,
            "device_type": teller.random.choice(("desktop", "mobile")),
            "medium": medium,
            "user_agent": "a crawler" if teller.chance(0.003) else "a browser",
            "scroll_depth_percent": teller.random.choice((None, 10, 80)),
            "engaged_seconds": teller.random.choice((None, 2, 25)),
        }
        event = teller.tell("events", row, occurred_at, is_tracked=True)
        _correct_event(teller, event, device)
        if teller.chance(0.08):
            _repeat_event(teller, row, occurred_at)


def _event_type(teller: Teller, *, identifies: bool) -> str:
    if identifies:
        return "identify"
    return "purchase" if teller.chance(0.05) else teller.random.choice(_TYPES)


def _correct_event(teller: Teller, event: Fact | None, device: str | None) -> None:
    """Another customer, nobody, another time, or the same again with another detail."""
    if device is None or not teller.chance(0.12):
        return
    kind = teller.random.choice(("nobody", "somebody else", "moved", "detail"))
    if event is None or kind == "detail":
        teller.correct(event, {"scroll_depth_percent": 55})
    elif kind == "moved":
        assert event.occurred_at is not None
        moved_at = event.occurred_at + timedelta(minutes=teller.random.choice((-40, 10, 1500)))
        teller.correct(event, {"occurred_at": moved_at}, occurred_at=moved_at)
    else:
        other = None if kind == "nobody" else device.removeprefix("d-").removeprefix("e-")
        changed = teller.correct(event, {"customer_id": other})
        if teller.chance(0.3):
            teller.correct(changed, {"customer_id": teller.name})


def _repeat_event(teller: Teller, row: Row, occurred_at: datetime) -> None:
    """The same event under another id, which arrives and may be corrected by itself."""
    again = teller.tell("events", {**row, "event_id": f"{row['event_id']}-again"}, occurred_at, is_tracked=True)
    if teller.chance(0.3):
        teller.correct(again, {"page_path": "/elsewhere"})


def _tell_burst(teller: Teller, visit: str, device: str, started_at: datetime) -> None:
    """More events than a person's, of which some arrive later: until then it looks like a person's visit."""
    for number in range(_BURST_EVENTS):
        occurred_at = started_at + timedelta(milliseconds=300 * number)
        row = {
            "event_id": f"{visit}-{number}",
            "anonymous_id": device,
            "customer_id": teller.name,
            "occurred_at": occurred_at,
            "event_type": "page_view",
            "page_path": f"/{number}",
        }
        teller.tell("events", row, occurred_at, is_tracked=True)
