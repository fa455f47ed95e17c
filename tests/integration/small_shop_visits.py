"""Visits of the small shop's customers, as a tracker writes them: on devices, logged in only where they buy."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import numpy as np

COLUMNS = ["id", "at", "what", "device", "login", "article", "group", "kind", "medium"]

# Two customers with one device between them, which is nobody's then.
_SHARED = {"c0005": "d-hall", "c0006": "d-hall"}


def draw_visits(orders: Sequence[Sequence[object]], lines: Sequence[Sequence[object]], seed: int) -> list[list[object]]:
    """Rows of ``COLUMNS``: a visit before each order of somebody, and now and then one that ends without an order."""
    generator = np.random.default_rng(seed)
    articles: dict[object, list[str]] = {}
    for order_id, _position, article, *_amounts in lines:
        articles.setdefault(order_id, []).append(str(article))
    rows: list[list[object]] = []
    for order_id, customer, placed, *_state in orders:
        if not customer:
            continue
        at = datetime.fromisoformat(str(placed))
        visits = [_visit(str(customer), at, articles[order_id], is_purchase=True)]
        if generator.random() < 0.5:
            before = at - timedelta(hours=float(generator.uniform(1, 60)))
            visits.append(_visit(str(customer), before, articles[order_id][:2], is_purchase=False))
        for visit in visits:
            rows += [[f"v{seed}-{len(rows) + number}", *act] for number, act in enumerate(visit)]
    return rows


def _visit(customer: str, ends_at: datetime, articles: Sequence[str], *, is_purchase: bool) -> Iterator[list[object]]:
    acts = [("product_view", article) for article in articles]
    acts += [("add_to_cart", articles[-1])]
    acts += [("checkout_started", ""), ("purchase", "")] if is_purchase else []
    device = _SHARED.get(customer, f"d-{customer}")
    kind, medium = ("mobile", "email") if int(customer[1:]) % 3 else ("desktop", "organic")
    for number, (act, article) in enumerate(acts):
        at = ends_at - timedelta(minutes=4 * (len(acts) - number))
        login = customer if act in ("checkout_started", "purchase") else ""
        group = f"group {int(article[1:]) % 5}" if article else ""
        yield [at, act, device, login, article, group, kind, medium]
