"""What is in each order: value, discount, lines, and what becomes of it afterwards."""

from dataclasses import dataclass

import numpy as np

from ml.simulate.campaigns import Campaign, Responses, find_treatments
from ml.simulate.catalogue import Products
from ml.simulate.config import Preset
from ml.simulate.demand import Demand
from ml.simulate.orders import Lives
from ml.simulate.population import People
from ml.simulate.randomness import Booleans, Floats, Integers, count_within, open_stream

PLACED, CANCELLED, RETURNED, PARTLY_RETURNED = range(4)

_MOST_LINES = 60
_MOST_UNITS = 20
# Spread (log sd) of the lines of one order around their mean value; assumption.
_LINE_SPREAD = 0.5
# Chance to use a discount that everyone is offered that day: for those who care least, and who care most.
_OFFERED_DISCOUNT_USE = (0.4, 1.0)
# Factor on a person's discount use for the discounts that are always somewhere, and their sizes in percent.
_ORDINARY_DISCOUNT_USE = 0.4
_ORDINARY_DISCOUNTS = (10, 20, 30)
# Share of the lines of people who follow the gift season that are seasonal goods.
_GIFT_LINES = 0.6
# Spread (log sd) of the time to a return; assumption.
_RETURN_SPREAD = 0.6


@dataclass(frozen=True, eq=False)
class Orders:
    """Orders of a chunk, sorted by person and time, an entry each; money in cents.

    ``sequence`` counts a person's orders; ``campaign`` is the campaign whose coupon was used (-1: none) and
    ``caused_by`` the one without which the order would not be (-1: none). ``fate`` is PLACED, CANCELLED,
    RETURNED or PARTLY_RETURNED, ``returned_at`` the moment of the return.
    """

    person: Integers
    at: Floats
    sequence: Integers
    campaign: Integers
    caused_by: Integers
    discount_percent: Integers
    fate: Integers
    returned_at: Floats

    @property
    def has_coupon(self) -> Booleans:
        """Whether a coupon paid a part."""
        return self.campaign >= 0


@dataclass(frozen=True, eq=False)
class Lines:
    """Order lines, sorted by order; ``order`` and ``product`` are positions, money is in cents."""

    order: Integers
    product: Integers
    quantity: Integers
    gross: Integers
    discount: Integers

    @property
    def net(self) -> Integers:
        """Value after the discount."""
        return self.gross - self.discount


def draw_orders(
    people: People,
    lives: Lives,
    responses: Responses,
    campaigns: list[Campaign],
    demand: Demand,
    preset: Preset,
    *,
    seed: int,
    chunk: int,
) -> Orders:
    """All orders, those that campaigns caused among them, with their discounts and fates."""
    rng = open_stream(seed, "orders' circumstances", chunk)
    person, at, caused_by = _merge(lives, responses)
    campaign = find_treatments(campaigns, responses, person, at, demand.days, len(people))
    offer_percent = np.array([part.offer.discount_percent for part in campaigns] + [0])[campaign]
    use = people.discount_use[person]
    takes_coupon = (rng.random(len(person)) < np.minimum(use * preset.campaigns.coupon_use, 1)) | (caused_by >= 0)
    has_coupon = (offer_percent > 0) & takes_coupon
    shop_percent = _draw_discounts(use, demand.discount_percent[at.astype(np.int64)], rng)
    fates = preset.aftermath
    kept = 1 - fates.cancelled - fates.returned - fates.partly_returned
    fate = rng.choice(4, len(person), p=(kept, fates.cancelled, fates.returned, fates.partly_returned))
    delay = rng.lognormal(np.log(fates.median_days_to_return), _RETURN_SPREAD, len(person))
    return Orders(
        person=person,
        at=at,
        sequence=count_within(person),
        campaign=np.where(has_coupon, campaign, -1),
        caused_by=caused_by,
        discount_percent=np.where(has_coupon, offer_percent, shop_percent),
        fate=fate,
        returned_at=at + 1.0 + delay,
    )


def fill_baskets(orders: Orders, people: People, products: Products, preset: Preset, *, seed: int, chunk: int) -> Lines:
    """The lines of all orders; an order holds a product once."""
    rng, basket = open_stream(seed, "baskets", chunk), preset.basket
    surprise = rng.normal(0, basket.value_sd_within, len(orders.person))
    log_value = people.log_value[orders.person] + surprise
    line_factor = np.array([kind.lines for kind in preset.archetypes])[people.archetype[orders.person]]
    log_lines = np.log(basket.median_lines * line_factor) + rng.normal(0, basket.lines_sd, len(orders.person))
    log_lines = log_lines + basket.lines_by_value * (log_value - basket.log_value)
    line_count = np.clip(np.rint(np.exp(log_lines)), 1, _MOST_LINES).astype(np.int64)
    order = np.repeat(np.arange(len(orders.person)), line_count)
    weight = rng.lognormal(0, _LINE_SPREAD, len(order))
    share = weight / np.bincount(order, weight, minlength=len(line_count))[order]
    cents = np.maximum(np.exp(log_value)[order] * share * 100, 1.0)
    category = _choose_categories(people, orders.person[order], preset, rng)
    product = products.choose(category, cents, rng)
    quantity = np.clip(np.rint(cents / products.cents[product]), 1, _MOST_UNITS).astype(np.int64)
    by_product = np.lexsort((product, order))
    order, product, quantity = order[by_product], product[by_product], quantity[by_product]
    is_first = np.r_[True, (order[1:] != order[:-1]) | (product[1:] != product[:-1])][: len(order)]
    order, product, quantity = order[is_first], product[is_first], quantity[is_first]
    gross = quantity * products.cents[product]
    return Lines(order, product, quantity, gross, gross * orders.discount_percent[order] // 100)


def sum_orders(lines: Lines, order_count: int) -> Integers:
    """Net value of each order in cents."""
    return np.bincount(lines.order, lines.net, minlength=order_count).astype(np.int64)


def _merge(lives: Lives, responses: Responses) -> tuple[Integers, Floats, Integers]:
    person = np.concatenate([lives.person, responses.caused_person])
    at = np.concatenate([lives.at, responses.caused_at])
    caused_by = np.concatenate([np.full(len(lives.person), -1), responses.caused_by])
    order = np.lexsort((caused_by, at, person))
    return person[order], at[order], caused_by[order]


def _draw_discounts(use: Floats, offered: Integers, rng: np.random.Generator) -> Integers:
    least, most = _OFFERED_DISCOUNT_USE
    takes_offered = (offered > 0) & (rng.random(len(use)) < least + (most - least) * use)
    takes_ordinary = rng.random(len(use)) < use * _ORDINARY_DISCOUNT_USE
    ordinary = rng.choice(_ORDINARY_DISCOUNTS, len(use))
    return np.where(takes_offered, offered, np.where(takes_ordinary, ordinary, 0))


def _choose_categories(people: People, person: Integers, preset: Preset, rng: np.random.Generator) -> Integers:
    categories = preset.catalogue.categories
    shares = np.array([category.share for category in categories])
    category = rng.choice(len(categories), len(person), p=shares / shares.sum())
    is_favourite = rng.random(len(person)) < people.favourite_share[person]
    category = np.where(is_favourite, people.favourite[person], category)
    seasonal = np.flatnonzero([part.is_seasonal for part in categories])
    gift = np.array([kind.gift_season for kind in preset.archetypes])[people.archetype[person]]
    is_gift = rng.random(len(person)) < gift * _GIFT_LINES
    return np.where(is_gift, rng.choice(seasonal, len(person)), category)
