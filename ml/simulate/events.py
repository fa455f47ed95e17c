"""The events that a perfect tracker would record of the pages of each visit."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ml.simulate.baskets import sum_orders
from ml.simulate.catalogue import Products, name_products, to_money
from ml.simulate.columns import pick, to_times
from ml.simulate.config import Preset
from ml.simulate.demand import Demand
from ml.simulate.devices import name_devices
from ml.simulate.exports import Chunk, name_orders
from ml.simulate.pages import ACCOUNT, CHECKOUT, CONTENT, OTHER, PRODUCT, SEARCH, THANKS, Pages
from ml.simulate.randomness import Booleans, Integers, count_within, name_customers, open_stream, scramble_ids
from ml.simulate.user_agents import BOTS, BROWSERS
from ml.simulate.visits import BOT, FROM_MAIL, REGISTRATION, Visits, name_visits

EVENT_TYPES = (
    *("page_view", "product_view", "content_view", "search", "add_to_cart", "remove_from_cart"),
    *("checkout_started", "purchase", "scroll", "identify", "sign_up"),
)
_CODES = {name: code for code, name in enumerate(EVENT_TYPES)}
# The event that says what kind of page it was.
_PAGE_EVENTS = {
    PRODUCT: "product_view",
    CONTENT: "content_view",
    SEARCH: "search",
    CHECKOUT: "checkout_started",
    THANKS: "purchase",
}
# How far into the time on a page each event comes, from and to.
_DURING = {
    "add_to_cart": (0.3, 0.7),
    "remove_from_cart": (0.8, 0.95),
    "scroll": (0.1, 0.6),
    "sign_up": (0.0, 0.0),
    "identify": (0.0, 0.0),
}
# What the properties of an event say where the browser asks not to be sold.
_GPC = '{"gpc": true}'
_SCROLL_DEPTHS = (25, 50, 75, 90, 100)
# Articles and guides of the shop, the first ones read most; assumption.
_ARTICLES = 60
_ARTICLE_SPREAD = 12.0


@dataclass(frozen=True, eq=False)
class Rows:
    """Events as positions: of their page and of their type, in time order within a visit."""

    page: Integers
    code: Integers
    at: Integers


def export_events(
    chunk: Chunk, products: Products, demand: Demand, preset: Preset, *, seed: int, number: int
) -> pl.DataFrame:
    """One row per event, by visit and time; ``visit`` is the visit's position in the chunk.

    ``customer_id`` is what the tracker knows: from the moment on at which somebody said who they are, or from the
    begin of a visit in which they were still logged in.
    """
    rng, visits, pages = open_stream(seed, "events", number), chunk.visits, chunk.pages
    known_from = _find_log_ins(visits, pages, rng)
    rows = _list_rows(visits, pages, known_from, preset, rng)
    page, code = rows.page, rows.code
    visit = pages.visit[page]
    is_first = np.r_[True, visit[1:] != visit[:-1]][: len(visit)]
    slot_number = chunk.people.number[visits.slot[visit]]
    of_product = np.isin(code, [_CODES[name] for name in ("product_view", "add_to_cart", "remove_from_cart")])
    says_category = of_product & (rng.random(len(page)) >= preset.families.tracking.no_category)
    is_viewed = np.isin(code, [_CODES[name] for name in ("page_view", "product_view", "content_view")])
    position = np.where(of_product, pages.product[page], -1)
    content, query = _choose_articles(pages, rng), _choose_queries(pages, preset, rng)
    frame = pl.DataFrame(
        {
            "customer_number": slot_number,
            "visit": visit,
            "event_id": scramble_ids("V", slot_number, count_within(visits.slot[visit])),
            "occurred_at": to_times(rows.at, demand),
            "event_type": pick(EVENT_TYPES, code),
            "session_id": pick(name_visits(visits, chunk.people), visit),
            "customer_id": _name_known(chunk, visit, page, known_from),
            "product_id": pick(name_products(np.arange(len(products.cents))), position),
            "category": pick(
                [category.name for category in preset.catalogue.categories],
                np.where(says_category, pages.category[page], -1),
            ),
            "search_query": pick(_list_queries(preset), np.where(code == _CODES["search"], query[page], -1)),
            "page_path": _name_paths(pages, content, products, preset, page),
            "content_id": pick(_name_articles(), np.where(code == _CODES["content_view"], content[page], -1)),
            "scroll_depth_percent": _draw_scrolls(code, rng),
            "engaged_seconds": _find_seconds(pages, page, is_viewed),
            "price": _find_prices(chunk, products, page, code, position),
            "properties": _describe(chunk, visit, code, is_first),
        }
    )
    return frame.hstack(_describe_visits(chunk, preset, seed=seed, number=number)[visit])


def _find_log_ins(visits: Visits, pages: Pages, rng: np.random.Generator) -> Integers:
    """The first page of each visit on which the shop knows who it is; -1 where it never does."""
    first = np.searchsorted(pages.visit, np.arange(len(visits)))
    last = np.searchsorted(pages.visit, np.arange(len(visits)), side="right") - 1
    # At the checkout where there is one: somebody who wants to buy has to say who they are.
    has_end = np.isin(pages.kind[last], (THANKS, CHECKOUT))
    at_end = np.where(pages.kind[last] == THANKS, last - 1, last)
    anywhere = first + np.floor(rng.random(len(visits)) * (last - first + 1)).astype(np.int64)
    page = np.where(has_end, at_end, np.where(visits.kind == REGISTRATION, last, anywhere))
    return np.where(visits.is_known, np.where(visits.is_remembered, first, page), -1)


def _list_rows(visits: Visits, pages: Pages, known_from: Integers, preset: Preset, rng: np.random.Generator) -> Rows:
    depth, size = preset.families.depth, len(pages.visit)
    is_seen = rng.random(size) < depth.page_views
    is_scrolled = (rng.random(size) < depth.scrolls) & (pages.kind <= SEARCH) & (visits.kind != BOT)[pages.visit]
    identifies = known_from[visits.is_known & ~visits.is_remembered]
    last = np.searchsorted(pages.visit, np.flatnonzero(visits.kind == REGISTRATION), side="right") - 1
    parts = [
        (np.flatnonzero(is_seen | np.isin(pages.kind, (OTHER, ACCOUNT))), "page_view"),
        *[(np.flatnonzero(pages.kind == kind), name) for kind, name in _PAGE_EVENTS.items()],
        (np.flatnonzero(is_scrolled), "scroll"),
        (np.flatnonzero(pages.adds), "add_to_cart"),
        (np.flatnonzero(pages.removes), "remove_from_cart"),
        (last, "sign_up"),
        (identifies, "identify"),
    ]
    page = np.concatenate([found for found, _ in parts])
    code = np.concatenate([np.full(len(found), _CODES[name]) for found, name in parts])
    during = np.array([_DURING.get(name, (0.0, 0.0)) for name in EVENT_TYPES])[code]
    share = during[:, 0] + rng.random(len(page)) * (during[:, 1] - during[:, 0])
    at = pages.begins[page] + np.floor(share * pages.gap[page]).astype(np.int64)
    order = np.lexsort((code, at, pages.visit[page]))
    return Rows(page[order], code[order], at[order])


def _name_known(chunk: Chunk, visit: Integers, page: Integers, known_from: Integers) -> pl.Series:
    is_known = (known_from[visit] >= 0) & (page >= known_from[visit])
    return pick(name_customers(chunk.people.number), np.where(is_known, chunk.visits.person[visit], -1))


def _describe_visits(chunk: Chunk, preset: Preset, *, seed: int, number: int) -> pl.DataFrame:
    """One row per visit: what its events have in common."""
    visits, channels = chunk.visits, preset.families.visits.channels
    rng = open_stream(seed, "user agents", number)
    campaigns = [f"K{place + 1:03d}" for place in range(visits.campaign.max(initial=-1) + 1)]
    sources = [*(channel.source for channel in channels), "newsletter"]
    media = [*(channel.medium for channel in channels), "email"]
    channel = np.where(visits.channel == FROM_MAIL, len(channels), visits.channel)
    return pl.DataFrame(
        {
            "anonymous_id": name_devices(chunk.people.number[visits.owner], visits.sequence),
            "device_type": pick([name for name, _ in preset.devices], visits.device_kind),
            "traffic_source": pick(sources, channel),
            "medium": pick(media, channel),
            "campaign_id": pick(campaigns, visits.campaign),
            "user_agent": _choose_user_agents(visits, preset, rng),
        }
    )


def _choose_user_agents(visits: Visits, preset: Preset, rng: np.random.Generator) -> pl.Series:
    """A browser always calls itself the same; most bots say that they are one."""
    names = [*BOTS]
    first, count = [], []
    for kind, _ in preset.devices:
        first.append(len(names))
        count.append(len(BROWSERS[kind]))
        names += BROWSERS[kind]
    place = (visits.owner * 31 + visits.sequence * 7) % np.array(count)[visits.device_kind]
    browser = np.array(first)[visits.device_kind] + place
    is_open = (visits.kind == BOT) & (rng.random(len(visits)) >= preset.families.tracking.bots_in_disguise)
    return pick(names, np.where(is_open, rng.integers(0, len(BOTS), len(visits)), browser))


def _choose_articles(pages: Pages, rng: np.random.Generator) -> Integers:
    return np.minimum(np.floor(rng.exponential(_ARTICLE_SPREAD, len(pages.visit))), _ARTICLES - 1).astype(np.int64)


def _name_articles() -> list[str]:
    return [f"G{article + 1:03d}" for article in range(_ARTICLES)]


def _list_queries(preset: Preset) -> list[str]:
    return [name for category in preset.catalogue.categories for name in category.subcategories]


def _choose_queries(pages: Pages, preset: Preset, rng: np.random.Generator) -> Integers:
    """A subcategory of the category that each page is about."""
    count = np.array([len(category.subcategories) for category in preset.catalogue.categories])
    first = np.cumsum(count) - count
    category = np.maximum(pages.category, 0)
    return first[category] + np.floor(rng.random(len(category)) * count[category]).astype(np.int64)


def _name_paths(pages: Pages, content: Integers, products: Products, preset: Preset, page: Integers) -> pl.Series:
    sold, categories = len(products.cents), preset.catalogue.categories
    paths = [f"/product/P{position:05d}" for position in range(sold)]
    paths += [f"/category/{category.name.lower()}" for category in categories]
    paths += [f"/guide/{article.lower()}" for article in _name_articles()]
    fixed = len(paths)
    paths += ["/", "/search", "/checkout", "/thanks", "/account"]
    begin = np.where(pages.slot == 0, fixed, sold + np.maximum(pages.category, 0))
    place = np.select(
        [pages.kind == kind for kind in (PRODUCT, CONTENT, SEARCH, CHECKOUT, THANKS, ACCOUNT)],
        [pages.product, sold + len(categories) + content, fixed + 1, fixed + 2, fixed + 3, fixed + 4],
        begin,
    )
    return pick(paths, place[page])


def _draw_scrolls(code: Integers, rng: np.random.Generator) -> pl.Series:
    depth = np.array(_SCROLL_DEPTHS)[rng.integers(0, len(_SCROLL_DEPTHS), len(code))]
    return _only(pl.Series(depth), code == _CODES["scroll"])


def _find_seconds(pages: Pages, page: Integers, is_viewed: Booleans) -> pl.Series:
    """Seconds until the next page, on the event that says the page was seen; unknown of a visit's last page."""
    is_last = np.r_[pages.visit[1:] != pages.visit[:-1], True][: len(pages.visit)]
    return _only(pl.Series(np.rint(pages.gap[page] / 100) / 10), is_viewed & ~is_last[page])


def _find_prices(chunk: Chunk, products: Products, page: Integers, code: Integers, position: Integers) -> pl.Series:
    """The list price of a product, and what was paid for a purchase."""
    paid = sum_orders(chunk.lines, len(chunk.orders.person))
    order = chunk.visits.order[chunk.pages.visit[page]]
    is_purchase = code == _CODES["purchase"]
    shown = products.cents[np.maximum(position, 0)]
    cents = np.where(is_purchase, np.r_[paid, 0][order], shown)
    return _only(to_money(cents), is_purchase | (position >= 0))


def _describe(chunk: Chunk, visit: Integers, code: Integers, is_first: Booleans) -> pl.Series:
    """JSON: the order of a purchase, and Global Privacy Control on the first event of a visit."""
    visits, orders = chunk.visits, name_orders(chunk.orders, chunk.people)
    names = pl.select('{"order_id": "' + orders + '"}').to_series().append(pl.Series([_GPC]))
    has_gpc = (visits.device >= 0) & np.r_[chunk.devices.has_gpc, False][visits.device]
    place = np.where(is_first & has_gpc[visit], len(orders), -1)
    return pick(names, np.where(code == _CODES["purchase"], visits.order[visit], place))


def _only(values: pl.Series, is_kept: Booleans) -> pl.Series:
    return pl.select(pl.when(pl.Series(is_kept)).then(values)).to_series()
