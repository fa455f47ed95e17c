from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from ml.simulate import tracking
from ml.simulate.config_families import Outage
from ml.simulate.events import export_events
from ml.simulate.visits import ORDER

SILENT = {
    "lost_purchases": 0.0,
    "lost_carts": 0.0,
    "purchases_without_order": 0.0,
    "repeated_purchases": 0.0,
    "repeated": 0.0,
    "duplicates": 0.0,
    "broken": 0.0,
    "late": 0.0,
    "wrong_clocks": 0.0,
    "outages": (),
}


@pytest.fixture(scope="module")
def events(shop, chunk):
    return export_events(chunk, shop.products, shop.demand, shop.preset, seed=shop.seed, number=0)


@pytest.fixture(scope="module")
def record(shop, chunk, events):
    """The tracker's log with the given rates, all others 0."""

    def record_with(guests=(), **rates):
        devices = replace(chunk.devices, hours_off=np.zeros_like(chunk.devices.hours_off))
        families = replace(shop.preset.families, tracking=replace(shop.preset.families.tracking, **{**SILENT, **rates}))
        preset = replace(shop.preset, families=families)
        return tracking.record_events(
            events,
            replace(chunk, devices=devices),
            np.array(guests, np.int64),
            shop.demand,
            preset,
            np.random.default_rng(3),
        )

    return record_with


@pytest.fixture(scope="module")
def clean(record):
    return record()


def day(shop, number):
    return datetime.combine(shop.preset.end, datetime.min.time()) - timedelta(days=365 - number)


def count(log, *types):
    return len(log.filter(pl.col("event_type").is_in(types)))


def test_a_tracker_without_faults_records_everything_but_who_refuses(clean, events, chunk, shop):
    devices, visits = chunk.devices, chunk.visits
    silent = np.flatnonzero(np.r_[devices.refuses & ~devices.is_leaking, False][visits.device])
    expected = events.filter(~pl.col("visit").is_in(silent.tolist()))
    end = datetime.combine(shop.preset.end, datetime.min.time())
    arrived = expected.filter(pl.col("occurred_at") < end - timedelta(days=1))
    assert arrived["event_id"].is_in(clean["event_id"].implode()).all()
    assert clean["event_id"].is_in(expected["event_id"].implode()).all()


def test_nothing_arrives_before_it_happened_or_after_the_end(clean, shop):
    assert (clean["received_at"] >= clean["occurred_at"]).all()
    assert clean["received_at"].max() < datetime.combine(shop.preset.end, datetime.min.time())


def test_delays_are_short_for_most_and_long_for_few(clean):
    seconds = (clean["received_at"] - clean["occurred_at"]).dt.total_seconds().to_numpy()
    assert np.mean(seconds < 60) == pytest.approx(0.95, abs=0.01)
    assert np.mean(seconds < 6 * 3600) > 0.99


def test_late_events_come_after_three_days(record, clean):
    late = record(late=1.0)
    days = (late["received_at"] - late["occurred_at"]).dt.total_seconds().to_numpy() / 86_400
    assert days.min() >= 3
    assert days.max() <= 12
    assert len(late) < len(clean)


def test_carts_are_lost_order_by_order(record, clean, events, chunk):
    lost = record(lost_carts=1.0)
    of_orders = events.filter(pl.Series((chunk.visits.kind == ORDER)[events["visit"].to_numpy()]))[
        "session_id"
    ].unique()
    for log, expected in ((lost, 0), (clean, 1)):
        theirs = log.filter(pl.col("session_id").is_in(of_orders.implode()))
        assert (count(theirs, "add_to_cart") > 0) == bool(expected)
    assert count(lost, "add_to_cart") > 0


def test_purchases_are_lost_and_the_rest_of_the_visit_is_not(record, clean):
    lost = record(lost_purchases=1.0)
    assert count(lost, "purchase") == 0
    assert count(lost, "checkout_started") == count(clean, "checkout_started")


def test_a_purchase_may_not_say_its_order(record, clean):
    silent = record(purchases_without_order=1.0).filter(pl.col("event_type") == "purchase")
    assert silent["properties"].null_count() == len(silent) > 0
    assert clean.filter(pl.col("event_type") == "purchase")["properties"].null_count() == 0


def test_a_repeated_event_differs_in_its_identifier_and_arrival_only(record, clean):
    log = record(repeated=1.0, repeated_purchases=0.0)
    assert log["event_id"].is_unique().all()
    views = log.filter(pl.col("event_type") == "page_view").drop("event_id", "received_at")
    once = clean.filter(pl.col("event_type") == "page_view").drop("event_id", "received_at")
    assert len(views) == pytest.approx(2 * len(once), rel=0.001)
    assert views.n_unique() == once.n_unique()


def test_a_page_of_thanks_that_is_loaded_again_repeats_the_purchase(record):
    log = record(repeated_purchases=1.0).filter(pl.col("event_type") == "purchase")
    versions = log.group_by("properties").agg(pl.len(), pl.col("occurred_at").max() - pl.col("occurred_at").min())
    assert versions["len"].to_numpy().mean() == pytest.approx(2, abs=0.01)
    seconds = versions.filter(pl.col("len") == 2)["occurred_at"].dt.total_seconds()
    assert 1 <= seconds.min() <= seconds.max() < 90


def test_duplicates_are_alike_in_everything(record, clean):
    twice = record(duplicates=1.0)
    assert len(twice) == 2 * twice.n_unique()


def test_broken_events_miss_one_thing_each(record):
    broken = record(broken=1.0)
    missing = broken.select(
        pl.col("occurred_at").is_null().cast(int)
        + pl.col("event_type").is_null().cast(int)
        + pl.col("anonymous_id").is_null().cast(int)
    ).to_series()
    assert missing.unique().to_list() == [1]
    nobody = broken.filter(pl.col("anonymous_id").is_null())
    assert nobody["customer_id"].null_count() == len(nobody)


def test_nothing_is_recorded_during_an_outage(record, clean, shop):
    log = record(outages=(Outage(100, 2, 1.0),))
    is_lost = pl.col("occurred_at").is_between(day(shop, 100), day(shop, 102), closed="left")
    assert len(clean.filter(is_lost)) > 100
    assert log.filter(is_lost).is_empty()
    assert len(log) == len(clean) - len(clean.filter(is_lost))


def test_some_events_are_recorded_in_a_partial_outage(record, clean, shop):
    log = record(outages=(Outage(100, 20, 0.8),))
    is_within = pl.col("occurred_at").is_between(day(shop, 100), day(shop, 120), closed="left")
    assert len(log.filter(is_within)) / len(clean.filter(is_within)) == pytest.approx(0.2, abs=0.03)


def test_an_outage_of_carts_leaves_the_other_events(record, clean, shop):
    log = record(outages=(Outage(100, 18, 1.0, only_carts=True),))
    is_within = pl.col("occurred_at").is_between(day(shop, 100), day(shop, 118), closed="left")
    carts = ("add_to_cart", "remove_from_cart")
    assert count(log.filter(is_within), *carts) == 0 < count(clean.filter(is_within), *carts)
    assert count(log.filter(is_within), "page_view") == count(clean.filter(is_within), "page_view")


def test_guests_do_not_say_who_they_are(record, clean, chunk, events):
    order = chunk.visits.order[chunk.visits.kind == ORDER]
    log = record(guests=order)
    of_orders = events.filter(pl.Series((chunk.visits.kind == ORDER)[events["visit"].to_numpy()]))[
        "session_id"
    ].unique()
    is_theirs = pl.col("session_id").is_in(of_orders.implode())
    assert clean.filter(is_theirs)["customer_id"].null_count() < len(clean.filter(is_theirs))
    assert log.filter(is_theirs)["customer_id"].null_count() == len(log.filter(is_theirs))
    assert count(log.filter(is_theirs), "identify") == 0
    # What arrives just before the end depends on delays that are drawn event by event.
    others = [named.filter(~is_theirs)["customer_id"].count() for named in (log, clean)]
    assert others[0] == pytest.approx(others[1], abs=5)


def test_a_wrong_clock_shifts_what_happened_and_not_its_arrival(shop, chunk, events):
    devices = replace(chunk.devices, hours_off=np.full(len(chunk.devices.person), 5.0))
    timed = events.with_columns(received_at=pl.col("occurred_at"))
    shifted = tracking.set_clocks_wrong(timed, replace(chunk, devices=devices))
    hours = ((shifted["occurred_at"] - events["occurred_at"]).dt.total_seconds() / 3600).to_numpy()
    own = chunk.visits.device[events["visit"].to_numpy()] >= 0
    assert np.unique(hours[own]).tolist() == [5.0]
    assert np.unique(hours[~own]).tolist() == [0.0]
    assert shifted["received_at"].equals(timed["received_at"])
