"""What a real tracker makes of the events: what it loses, repeats, delays and breaks, at configured rates.

Events are damaged before the chunk is cut to the shop's size, so a customer's dirt is the same in every size.
"""

from datetime import timedelta

import numpy as np
import polars as pl

from ml.simulate.columns import to_moments
from ml.simulate.config import Preset
from ml.simulate.config_families import Outage, Tracking
from ml.simulate.demand import Demand
from ml.simulate.exports import Chunk
from ml.simulate.randomness import Booleans, Integers, count_within, scramble_ids
from ml.simulate.visits import ORDER, Visits

COLUMNS = (
    *("event_id", "occurred_at", "event_type", "anonymous_id", "customer_id", "session_id", "product_id", "category"),
    *("search_query", "page_path", "content_id", "device_type", "traffic_source", "medium", "campaign_id"),
    *("scroll_depth_percent", "engaged_seconds", "price", "user_agent", "properties", "received_at"),
)

_CART_EVENTS = ("add_to_cart", "remove_from_cart")
# Delay on the way: lognormal, 95 % below a minute and 99 % below six hours (assumption E of the calibration).
_DELAY_SECONDS_MEDIAN = 0.08
_DELAY_SPREAD = 4.0
_LATE_FROM_DAYS = 3
# Identifiers of repeated events begin here within a customer's.
_REPEATS_FROM = 90_000
# Seconds after which a page of thanks is loaded again, at most; assumption.
_RELOAD_SECONDS = 90


def record_events(
    events: pl.DataFrame, chunk: Chunk, guest_orders: Integers, demand: Demand, preset: Preset, rng: np.random.Generator
) -> pl.DataFrame:
    """The events as they stand in the tracker's log, with ``received_at``; those not yet here at the end are left out.

    ``guest_orders`` are positions of orders without an account: whoever placed them did not say who they were.
    """
    rates, visits = preset.families.tracking, chunk.visits
    begin = demand.end - preset.families.visits.tracked_days
    recorded = events.filter(_find_recorded(events, chunk, rates, rng))
    for outage in rates.outages:
        recorded = _lose_days(recorded, outage, begin, demand, rng)
    recorded = forget_guests(recorded, visits, guest_orders)
    recorded = forget_orders(recorded, rates, rng)
    recorded = set_clocks_wrong(delay_events(repeat_events(recorded, rates, rng), rates, rng), chunk)
    recorded = break_events(recorded, rates, rng)
    again = recorded.filter(pl.Series(rng.random(len(recorded)) < rates.duplicates))
    end = to_moments(np.array([float(demand.end)]), demand)[0]
    return pl.concat([recorded, again]).filter(pl.col("received_at") < end).select("customer_number", *COLUMNS)


def _find_recorded(events: pl.DataFrame, chunk: Chunk, rates: Tracking, rng: np.random.Generator) -> pl.Series:
    """All events but the purchases and carts that are lost visit by visit, and those of browsers that refuse."""
    visits, devices = chunk.visits, chunk.devices
    visit, is_order = events["visit"].to_numpy(), visits.kind == ORDER
    has_lost_purchase = is_order & (rng.random(len(visits)) < rates.lost_purchases)
    has_lost_carts = is_order & (rng.random(len(visits)) < rates.lost_carts)
    is_silent = (visits.device >= 0) & np.r_[devices.refuses & ~devices.is_leaking, False][visits.device]
    return ~(
        pl.Series(has_lost_purchase[visit]) & (events["event_type"] == "purchase")
        | pl.Series(has_lost_carts[visit]) & events["event_type"].is_in(_CART_EVENTS)
        | pl.Series(is_silent[visit])
    )


def _lose_days(
    events: pl.DataFrame, outage: Outage, begin: int, demand: Demand, rng: np.random.Generator
) -> pl.DataFrame:
    """Events without those that are lost in an outage."""
    first = float(begin + outage.begins)
    lost_from, tracked_again = to_moments(np.array([first, first + outage.days]), demand)
    is_within = (events["occurred_at"] >= lost_from) & (events["occurred_at"] < tracked_again)
    is_meant = events["event_type"].is_in(_CART_EVENTS) if outage.only_carts else pl.Series([True])
    return events.filter(~(is_within & is_meant & pl.Series(rng.random(len(events)) < outage.lost)))


def forget_guests(events: pl.DataFrame, visits: Visits, guest_orders: Integers) -> pl.DataFrame:
    """Events of which those in the visit of a guest's order do not say who it was."""
    is_guest = (visits.kind == ORDER) & np.isin(visits.order, guest_orders)
    is_theirs = pl.Series(is_guest[events["visit"].to_numpy()])
    named = events.filter(~(is_theirs & (events["event_type"] == "identify")))
    is_theirs = pl.Series(is_guest[named["visit"].to_numpy()])
    return named.with_columns(customer_id=pl.when(~is_theirs).then("customer_id"))


def forget_orders(events: pl.DataFrame, rates: Tracking, rng: np.random.Generator) -> pl.DataFrame:
    """Purchases of which a share do not say which order it was."""
    is_silent = pl.Series(rng.random(len(events)) < rates.purchases_without_order)
    is_purchase = events["event_type"] == "purchase"
    return events.with_columns(properties=pl.when(~(is_silent & is_purchase)).then("properties"))


def repeat_events(events: pl.DataFrame, rates: Tracking, rng: np.random.Generator) -> pl.DataFrame:
    """Events, a share of them sent once more under another identifier; purchases when their page is loaded again."""
    is_purchase = (events["event_type"] == "purchase").to_numpy()
    share = np.where(is_purchase, rates.repeated_purchases, rates.repeated)
    is_repeated = rng.random(len(events)) < share
    again = events.filter(pl.Series(is_repeated)).sort("customer_number", maintain_order=True)
    number = again["customer_number"].to_numpy()
    seconds = np.where(again["event_type"] == "purchase", rng.integers(1, _RELOAD_SECONDS, len(again)), 0)
    again = again.with_columns(
        event_id=scramble_ids("V", number, _REPEATS_FROM + count_within(number)),
        occurred_at=pl.col("occurred_at") + pl.duration(seconds=pl.lit(pl.Series(seconds))),
    )
    return pl.concat([events, again])


def delay_events(events: pl.DataFrame, rates: Tracking, rng: np.random.Generator) -> pl.DataFrame:
    """Events with the moment at which each arrived."""
    usual = rng.lognormal(np.log(_DELAY_SECONDS_MEDIAN), _DELAY_SPREAD, len(events))
    late = rng.uniform(_LATE_FROM_DAYS, rates.late_days, len(events)) * timedelta(days=1).total_seconds()
    seconds = np.where(_draw(events, rates.late, rng), late, usual)
    delay = pl.Series(np.rint(seconds * 1000).astype(np.int64)).cast(pl.Duration("ms"))
    return events.with_columns(received_at=(events["occurred_at"] + delay).cast(pl.Datetime("ms")))


def set_clocks_wrong(events: pl.DataFrame, chunk: Chunk) -> pl.DataFrame:
    """Events of which those of a browser with a wrong clock say a time that is hours off."""
    devices, visits = chunk.devices, chunk.visits
    hours = np.where(visits.device >= 0, np.r_[devices.hours_off, 0.0][visits.device], 0.0)
    wrong = pl.Series(np.rint(hours * 3_600_000).astype(np.int64)[events["visit"].to_numpy()]).cast(pl.Duration("ms"))
    return events.with_columns(occurred_at=(events["occurred_at"] + wrong).cast(pl.Datetime("ms")))


def break_events(events: pl.DataFrame, rates: Tracking, rng: np.random.Generator) -> pl.DataFrame:
    """Events of which a share has no time, no type or no visitor."""
    damage = pl.Series(np.where(_draw(events, rates.broken, rng), rng.integers(1, 4, len(events)), 0))
    return events.with_columns(
        occurred_at=pl.when(damage != 1).then("occurred_at"),
        event_type=pl.when(damage != 2).then("event_type"),
        anonymous_id=pl.when(damage != 3).then("anonymous_id"),
        customer_id=pl.when(damage != 3).then("customer_id"),
    )


def _draw(events: pl.DataFrame, share: float, rng: np.random.Generator) -> Booleans:
    return rng.random(len(events)) < share
