"""The people: archetype, habits that vary within it, and the day they came."""

from dataclasses import dataclass

import numpy as np

from ml.simulate.config import Preset
from ml.simulate.demand import Demand
from ml.simulate.randomness import CHUNK_CUSTOMERS, Booleans, Floats, Integers, open_stream

# Days of demand in a year of mean demand 1.
_DAYS_PER_YEAR = 365.25
# No person places more orders a day than this, whatever the gamma distribution draws.
_MOST_ORDERS_PER_DAY = 1.0
# Concentration of the beta distribution of discount use within an archetype; assumption.
_DISCOUNT_CONCENTRATION = 6.0
# Days from the begin of the files in which those come who come early.
_EARLY_DAYS = 183
# Share of a person's orders in a favourite category: beta distribution; assumption.
_FAVOURITE_SHARE = (3.0, 3.0)


@dataclass(frozen=True, eq=False)
class People:
    """One chunk of customers, an entry each; ``number`` is unique in the shop.

    ``came`` is the day of the registration, ``orders_per_day`` the rate in demand time (0 for those who never
    order), ``dropout`` the chance to leave after a repeat order, ``log_value`` the mean logarithm of the
    order value, ``discount_use`` the chance to take a discount, ``favourite`` a category.
    """

    number: Integers
    archetype: Integers
    came: Floats
    orders_per_day: Floats
    leaves_after_first: Booleans
    dropout: Floats
    log_value: Floats
    discount_use: Floats
    favourite: Integers
    favourite_share: Floats
    is_reachable: Booleans
    device: Integers
    acquisition_channel: Integers

    def __len__(self) -> int:
        return len(self.number)


def draw_people(preset: Preset, demand: Demand, *, seed: int, chunk: int) -> People:
    """The customers of a chunk: always a whole one, however large the shop is."""
    rng = open_stream(seed, "population", chunk)
    size, kinds, process = CHUNK_CUSTOMERS, preset.archetypes, preset.process
    archetype = rng.choice(len(kinds), size, p=preset.shares)
    mean_rate = np.array([kind.order_rate for kind in kinds])[archetype] * process.orders_per_year / _DAYS_PER_YEAR
    rate = rng.gamma(process.rate_shape, mean_rate / process.rate_shape)
    orders = rng.random(size) >= np.array([kind.never_orders for kind in kinds])[archetype]
    dropout = rng.beta(process.dropout_a, process.dropout_b, size)
    use = np.array([kind.discount_use for kind in kinds])[archetype]
    value = np.array([kind.order_value for kind in kinds])[archetype]
    return People(
        number=chunk * size + np.arange(size),
        archetype=archetype,
        came=_draw_arrivals(preset, demand, archetype, rng),
        orders_per_day=np.where(orders, np.minimum(rate, _MOST_ORDERS_PER_DAY), 0.0),
        leaves_after_first=rng.random(size) < np.array([kind.leaves_after_first for kind in kinds])[archetype],
        dropout=np.minimum(dropout * np.array([kind.dropout for kind in kinds])[archetype], 1.0),
        log_value=preset.basket.log_value + np.log(value) + rng.normal(0, preset.basket.value_sd_between, size),
        discount_use=rng.beta(_DISCOUNT_CONCENTRATION * use, _DISCOUNT_CONCENTRATION * (1 - use)),
        favourite=_draw_weighted([category.share for category in preset.catalogue.categories], size, rng),
        favourite_share=rng.beta(*_FAVOURITE_SHARE, size),
        is_reachable=rng.random(size) < preset.campaigns.reachable,
        device=_draw_weighted([share for _, share in preset.devices], size, rng),
        acquisition_channel=_draw_weighted([share for _, share in preset.acquisition_channels], size, rng),
    )


def _draw_weighted(weights: list[float], size: int, rng: np.random.Generator) -> Integers:
    return rng.choice(len(weights), size, p=np.array(weights) / sum(weights))


def _draw_arrivals(preset: Preset, demand: Demand, archetype: Integers, rng: np.random.Generator) -> Floats:
    """Days of registration: people first come when people like them buy."""
    arrivals = np.empty(len(archetype))
    days = np.arange(demand.end)
    growth = preset.growth ** ((days - demand.start) / _DAYS_PER_YEAR)
    is_before, is_early = days < demand.start, days < demand.start + _EARLY_DAYS
    for index, kind in enumerate(preset.archetypes):
        weights = demand.daily[index, : demand.end] * growth
        before, after = weights * is_before, weights * ~is_before
        share = preset.customers_before
        if kind.came_early:
            share, after = 0.0, after * is_early
        cumulative = np.cumsum(share * before / before.sum() + (1 - share) * after / after.sum())
        mine = archetype == index
        arrivals[mine] = np.interp(rng.random(mine.sum()), np.r_[0.0, cumulative], np.arange(demand.end + 1))
    return arrivals
