"""The pages of each visit: what was seen, in which order, and for how long.

A visit of an order ends with the pages of what was bought, the checkout and a page that thanks; a visit that
prepares an order sees some of its products.
"""

from dataclasses import dataclass

import numpy as np

from ml.simulate.baskets import Lines, Orders
from ml.simulate.catalogue import Products
from ml.simulate.columns import MS_PER_DAY
from ml.simulate.config import Preset
from ml.simulate.config_families import Depth
from ml.simulate.population import People
from ml.simulate.randomness import Booleans, Integers, count_within, open_stream
from ml.simulate.visits import BOT, ORDER, PASSER_BY, REGISTRATION, RESEARCH, Visits

OTHER, PRODUCT, CONTENT, SEARCH, CHECKOUT, THANKS, ACCOUNT = range(7)

_MOST_PAGES = 150
_MOST_BOT_PAGES = 5_000
# Longest time on a page: less than what ends a session.
_LONGEST_GAP_MS = 25 * 60 * 1000
# Milliseconds between the pages of a bot.
_BOT_GAP_MS = (300, 2_500)
# Pages before an order beside those of what is bought, as a share of the pages of other visits; assumption.
_ORDER_PAGES = 0.5
# Pages before opening an account: up to so many.
_REGISTRATION_PAGES = 3
# Share of products in a visit before an order that are then bought; of pages of one visit in its main category;
# and of bots' pages that are products. Assumptions.
_RESEARCHED = 0.4
_SAME_CATEGORY = 0.7
_BOT_PRODUCTS = 0.7
# Chance that a further product of a visit with a cart goes into it; assumption.
_FURTHER_CART = 0.15
# Spread (log) of the prices that one person looks at; assumption.
_PRICE_SPREAD = 0.6

# Factors of archetypes on what happens in a visit.
_FACTORS = ("views", "content", "carts")


@dataclass(frozen=True, eq=False)
class Pages:
    """Pages of a chunk's visits, an entry each, sorted by visit and time.

    ``visit`` is a position in Visits, ``slot`` the page's place in the visit, ``kind`` one of OTHER to ACCOUNT;
    ``category`` and ``product`` are positions (-1: none). ``begins`` is in milliseconds since the first day,
    ``gap`` the milliseconds until the next page. ``adds`` says that the product was put into the cart,
    ``removes`` that it was taken out.
    """

    visit: Integers
    slot: Integers
    kind: Integers
    category: Integers
    product: Integers
    begins: Integers
    gap: Integers
    adds: Booleans
    removes: Booleans


def draw_pages(
    visits: Visits,
    people: People,
    orders: Orders,
    lines: Lines,
    products: Products,
    preset: Preset,
    *,
    seed: int,
    chunk: int,
) -> Pages:
    """The pages of all visits."""
    rng, depth = open_stream(seed, "pages", chunk), preset.families.depth
    visit, kind, adds, begins_checkout = _draw_browsing(visits, people, preset, rng)
    category, product = _choose_products(visits, visit, kind, people, orders, lines, products, preset, rng)
    removes = adds & (rng.random(len(adds)) < depth.removes)
    bought, bought_product = _list_bought(visits, orders, lines, depth, rng)
    last, last_kind = _list_last(visits, begins_checkout)
    of_product = np.full(len(last), -1)
    columns = (
        (visit, bought, last),
        (kind, np.full(len(bought), PRODUCT), last_kind),
        (category, products.category[bought_product], of_product),
        (product, bought_product, of_product),
        (adds, np.ones(len(bought), bool), np.zeros(len(last), bool)),
        (removes, np.zeros(len(bought) + len(last), bool)),
    )
    visit, kind, category, product, adds, removes = (np.concatenate(parts) for parts in columns)
    # Stable: browsing, then what is bought, then the end.
    order = np.argsort(visit, kind="stable")
    visit = visit[order]
    gap = _draw_gaps(visits, visit, depth, rng)
    gap, begins = _set_times(visits, visit, gap)
    return Pages(
        visit=visit,
        slot=count_within(visit),
        kind=kind[order],
        category=category[order],
        product=product[order],
        begins=begins,
        gap=gap,
        adds=adds[order],
        removes=removes[order],
    )


def _draw_browsing(
    visits: Visits, people: People, preset: Preset, rng: np.random.Generator
) -> tuple[Integers, Integers, Booleans, Booleans]:
    """Pages seen without buying: visit, kind, whether it goes into the cart; and which visits begin a checkout."""
    depth, size = preset.families.depth, len(visits)
    archetype = np.where(visits.person >= 0, people.archetype[visits.person], 0)
    factors = {name: np.array([getattr(kind, name) for kind in preset.archetypes])[archetype] for name in _FACTORS}
    views, content, carts = factors.values()
    is_passing, is_order = visits.kind == PASSER_BY, visits.kind == ORDER
    looks = rng.random(size) < np.where(is_passing, depth.views_passing, np.minimum(depth.views_customer * views, 1.0))
    looks = (looks | (visits.kind == RESEARCH)) & (visits.kind != REGISTRATION)
    has_cart = looks & ~is_order & (rng.random(size) < np.minimum(depth.carts * carts, 0.6)) & (visits.kind != BOT)
    begins_checkout = has_cart & (rng.random(size) < depth.checkouts)
    visit = np.repeat(np.arange(size), _count_pages(visits, preset, rng))
    place = count_within(visit)
    share = np.where(looks, np.minimum(depth.product_pages * views, 0.95), 0.0)
    share = np.where(visits.kind == BOT, _BOT_PRODUCTS, share)[visit]
    draw = rng.random(len(visit))
    reads = np.minimum(depth.content * content, 0.4)[visit]
    kind = np.select(
        [draw < share, draw < share + (1 - share) * reads, draw < share + (1 - share) * (reads + depth.searches)],
        [PRODUCT, CONTENT, SEARCH],
        OTHER,
    )
    # Whoever looks at products sees one, on the last page at the latest.
    is_last = np.r_[visit[1:] != visit[:-1], True][: len(visit)]
    has_product = np.bincount(visit[kind == PRODUCT], minlength=size) > 0
    kind = np.where(is_last & (looks & ~has_product)[visit], PRODUCT, kind)
    kind = np.where((visits.kind == REGISTRATION)[visit], np.where(place == 0, OTHER, ACCOUNT), kind)
    return visit, kind, _choose_carts(visit, kind, has_cart, rng), begins_checkout


def _count_pages(visits: Visits, preset: Preset, rng: np.random.Generator) -> Integers:
    depth, tracking, size = preset.families.depth, preset.families.tracking, len(visits)
    pages = np.exp(rng.normal(depth.pages_log, depth.pages_sd, size))
    pages = np.where(visits.kind == ORDER, pages * _ORDER_PAGES, pages)
    human = np.minimum(np.ceil(pages), _MOST_PAGES)
    human = np.where(visits.kind == REGISTRATION, rng.integers(1, _REGISTRATION_PAGES, size, endpoint=True), human)
    of_bot = np.ceil(rng.lognormal(np.log(tracking.bot_pages), tracking.bot_pages_sd, size))
    return np.where(visits.kind == BOT, np.minimum(of_bot, _MOST_BOT_PAGES), human).astype(np.int64)


def _choose_carts(visit: Integers, kind: Integers, has_cart: Booleans, rng: np.random.Generator) -> Booleans:
    """The first product of each visit with a cart, and some of the others."""
    candidates = np.flatnonzero((kind == PRODUCT) & has_cart[visit])
    is_first = np.r_[True, visit[candidates][1:] != visit[candidates][:-1]][: len(candidates)]
    adds = np.zeros(len(visit), bool)
    adds[candidates] = is_first | (rng.random(len(candidates)) < _FURTHER_CART)
    return adds


def _choose_products(
    visits: Visits,
    visit: Integers,
    kind: Integers,
    people: People,
    orders: Orders,
    lines: Lines,
    products: Products,
    preset: Preset,
    rng: np.random.Generator,
) -> tuple[Integers, Integers]:
    """Category and product of each page: favourites, at the prices of the person; before an order what is bought."""
    categories = preset.catalogue.categories
    shares = np.array([category.share for category in categories])
    usual = rng.choice(len(categories), len(visits), p=shares / shares.sum())
    is_favourite = (visits.person >= 0) & (rng.random(len(visits)) < people.favourite_share[visits.person])
    main = np.where(is_favourite, people.favourite[visits.person], usual)
    other = rng.choice(len(categories), len(visit), p=shares / shares.sum())
    category = np.where(rng.random(len(visit)) < _SAME_CATEGORY, main[visit], other)
    level = np.where(visits.person >= 0, people.log_value[visits.person], preset.basket.log_value)
    level = level - np.log(preset.basket.median_lines)
    cents = 100 * np.exp(level[visit] + rng.normal(0, _PRICE_SPREAD, len(visit)))
    product = products.choose(category, cents, rng)
    begins = np.searchsorted(lines.order, np.arange(len(orders.person) + 1))
    order = visits.order[visit]
    count = np.where(order >= 0, begins[order + 1] - begins[order], 0)
    place = begins[order] + np.floor(rng.random(len(visit)) * count).astype(np.int64)
    bought = lines.product[np.minimum(place, len(lines.product) - 1)]
    is_researched = (count > 0) & (rng.random(len(visit)) < _RESEARCHED)
    product = np.where(is_researched, bought, product)
    category = np.where(is_researched, products.category[product], category)
    return np.where(np.isin(kind, (CONTENT, ACCOUNT)), -1, category), np.where(kind == PRODUCT, product, -1)


def _list_bought(
    visits: Visits, orders: Orders, lines: Lines, depth: Depth, rng: np.random.Generator
) -> tuple[Integers, Integers]:
    """Visit and product of the pages from which bought products went into the cart."""
    # The first line always: an order's visit has a cart, where carts are tracked.
    is_first = np.r_[True, lines.order[1:] != lines.order[:-1]][: len(lines.order)]
    is_seen = is_first | (rng.random(len(lines.order)) < depth.line_views)
    visit_of = np.full(len(orders.person), -1)
    of_orders = np.flatnonzero(visits.kind == ORDER)
    visit_of[visits.order[of_orders]] = of_orders
    visit = visit_of[lines.order]
    seen = np.flatnonzero(is_seen & (visit >= 0))
    return visit[seen], lines.product[seen]


def _list_last(visits: Visits, begins_checkout: Booleans) -> tuple[Integers, Integers]:
    """The pages that end a visit: checkout and thanks of an order, the checkout that was left."""
    with_order, left = np.flatnonzero(visits.kind == ORDER), np.flatnonzero(begins_checkout)
    visit = np.concatenate([with_order, left, with_order])
    kind = np.concatenate([np.full(len(with_order) + len(left), CHECKOUT), np.full(len(with_order), THANKS)])
    return visit, kind


def _draw_gaps(visits: Visits, visit: Integers, depth: Depth, rng: np.random.Generator) -> Integers:
    gap = rng.lognormal(np.log(depth.gap_seconds * 1000), depth.gap_sd, len(visit))
    of_bot = rng.uniform(*_BOT_GAP_MS, len(visits))[visit]
    gap = np.where((visits.kind == BOT)[visit], of_bot, np.clip(gap, 1000, _LONGEST_GAP_MS))
    return np.rint(gap).astype(np.int64)


def _set_times(visits: Visits, visit: Integers, gap: Integers) -> tuple[Integers, Integers]:
    """Gaps and begins in whole milliseconds: a visit begins, or ends with its last page, at its moment."""
    first = np.searchsorted(visit, np.arange(len(visits)))
    last = np.searchsorted(visit, np.arange(len(visits)), side="right") - 1
    before = np.cumsum(gap) - gap
    total = before[last] - before[first]
    squeeze = np.minimum(1.0, visits.longest * 1000 / np.maximum(total, 1))
    gap = np.maximum(np.floor(gap * squeeze[visit]), 1).astype(np.int64)
    before = np.cumsum(gap) - gap
    offset = before - before[first][visit]
    moment = np.rint(visits.at * MS_PER_DAY).astype(np.int64)
    ends_there = np.isin(visits.kind, (ORDER, REGISTRATION))
    return gap, (moment - np.where(ends_there, offset[last], 0))[visit] + offset
