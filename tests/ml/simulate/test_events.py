import json

import numpy as np
import polars as pl
import pytest

from ml.simulate.devices import name_devices
from ml.simulate.events import EVENT_TYPES, export_events
from ml.simulate.exports import name_orders
from ml.simulate.randomness import name_customers
from ml.simulate.user_agents import BOTS
from ml.simulate.visits import BOT, ORDER, REGISTRATION


@pytest.fixture(scope="module")
def events(shop, chunk):
    """What a perfect tracker records of the first 2,000 people."""
    return export_events(chunk, shop.products, shop.demand, shop.preset, seed=shop.seed, number=0)


def kinds_of(events, chunk):
    return chunk.visits.kind[events["visit"].to_numpy()]


def test_every_type_of_event_comes_and_every_identifier_once(events):
    assert set(events["event_type"].unique()) == set(EVENT_TYPES)
    assert events["event_id"].is_unique().all()


def test_events_of_a_visit_follow_in_time(events):
    gaps = events.select(pl.col("occurred_at").diff().over("visit").dt.total_milliseconds()).to_series()
    assert gaps.min() >= 0


def test_every_order_of_a_visit_is_a_purchase_at_its_moment(events, chunk):
    purchases = events.filter(pl.col("event_type") == "purchase")
    ordered = chunk.visits.order[chunk.visits.kind == ORDER]
    told = [json.loads(text)["order_id"] for text in purchases["properties"].to_list()]
    assert sorted(told) == sorted(name_orders(chunk.orders, chunk.people).gather(ordered).to_list())


def test_a_purchase_costs_what_the_order_is_worth(events, chunk, part):
    purchases = events.filter(pl.col("event_type") == "purchase").with_columns(
        order_id=pl.col("properties").str.json_path_match("$.order_id")
    )
    both = purchases.join(part.truth["orders"], on="order_id")
    assert len(both) == len(purchases)
    assert (both["price"].cast(pl.Float64) - both["net_amount"]).abs().max() < 0.005


def test_the_tracker_knows_nobody_before_they_say_who_they_are(events, chunk):
    said = events.filter(pl.col("event_type") == "identify").select("visit", said_at="occurred_at")
    joined = events.join(said, on="visit")
    assert len(said) > 100
    early = joined.filter(pl.col("occurred_at") < pl.col("said_at"))
    assert early["customer_id"].null_count() == len(early) > 0
    late = joined.filter(pl.col("occurred_at") > pl.col("said_at"))
    assert late["customer_id"].null_count() == 0
    assert said["visit"].is_unique().all()


def test_who_is_remembered_is_known_without_saying_so(events, chunk):
    visit = events["visit"].to_numpy()
    remembered = events.filter(pl.Series(chunk.visits.is_remembered[visit]))
    assert remembered["customer_id"].null_count() == 0
    assert "identify" not in remembered["event_type"].to_list()


def test_the_known_customer_is_the_person(events, chunk):
    known = events.filter(pl.col("customer_id").is_not_null())
    person = chunk.visits.person[known["visit"].to_numpy()]
    assert known["customer_id"].to_list() == name_customers(chunk.people.number[person]).to_list()


def test_all_events_of_a_visit_are_of_its_browser(events, chunk):
    names = name_devices(chunk.people.number[chunk.visits.owner], chunk.visits.sequence)
    assert events["anonymous_id"].to_list() == names.gather(events["visit"]).to_list()


def test_an_account_is_opened_once_and_says_who_it_is(events, chunk):
    opened = events.filter(pl.col("event_type") == "sign_up")
    assert opened["customer_id"].null_count() == 0
    assert opened["customer_id"].is_unique().all()
    assert (kinds_of(opened, chunk) == REGISTRATION).all()


def test_bots_call_themselves_bots_or_browsers(events, chunk, shop):
    per_visit = events.unique("visit", maintain_order=True)
    is_bot = kinds_of(per_visit, chunk) == BOT
    calls_itself_one = per_visit["user_agent"].is_in(BOTS).to_numpy()
    assert not calls_itself_one[~is_bot].any()
    disguised = 1 - calls_itself_one[is_bot].mean()
    assert disguised == pytest.approx(shop.preset.families.tracking.bots_in_disguise, abs=0.12)


def test_global_privacy_control_is_said_with_the_first_event_of_a_visit(events, chunk):
    has_gpc = events.filter(pl.col("properties") == '{"gpc": true}')
    visits = chunk.visits
    own = visits.device >= 0
    expected = np.flatnonzero(own & chunk.devices.has_gpc[np.where(own, visits.device, 0)])
    assert has_gpc["visit"].to_list() == expected.tolist()


def test_what_only_some_events_have_is_null_for_the_others(events):
    by_type = events.group_by("event_type").agg(
        pl.col("product_id", "search_query", "content_id", "scroll_depth_percent", "price").is_not_null().mean()
    )
    told = {row["event_type"]: row for row in by_type.iter_rows(named=True)}
    for kind, row in told.items():
        is_product = kind in ("product_view", "add_to_cart", "remove_from_cart")
        assert row["product_id"] == float(is_product), kind
        assert row["search_query"] == float(kind == "search"), kind
        assert row["content_id"] == float(kind == "content_view"), kind
        assert row["scroll_depth_percent"] == float(kind == "scroll"), kind
        assert row["price"] == float(is_product or kind == "purchase"), kind


def test_a_page_is_looked_at_until_the_next_one(events):
    engaged = events.filter(pl.col("engaged_seconds").is_not_null())
    assert set(engaged["event_type"].unique()) == {"page_view", "product_view", "content_view"}
    assert engaged["engaged_seconds"].min() > 0
    last = events.filter(pl.col("event_type") == "purchase")
    assert last["engaged_seconds"].null_count() == len(last)
