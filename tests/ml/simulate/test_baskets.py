from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from ml.simulate.baskets import Lines, fill_baskets, sum_orders


def test_an_order_holds_a_product_once(chunk):
    pairs = np.stack([chunk.lines.order, chunk.lines.product], axis=1)
    assert len(np.unique(pairs, axis=0)) == len(pairs)


def test_every_order_has_a_line(chunk):
    assert np.bincount(chunk.lines.order, minlength=len(chunk.orders.person)).min() >= 1


def test_gross_is_quantity_at_list_price(chunk, shop):
    assert np.array_equal(chunk.lines.gross, chunk.lines.quantity * shop.products.cents[chunk.lines.product])


def test_orders_are_worth_their_lines_less_the_discounts():
    lines = Lines(
        order=np.array([0, 0, 2]),
        product=np.array([1, 2, 1]),
        quantity=np.array([1, 1, 2]),
        gross=np.array([999, 500, 1998]),
        discount=np.array([99, 50, 0]),
    )
    assert sum_orders(lines, 3).tolist() == [1350, 0, 1998]


def test_discounts_are_whole_cents_rounded_down(chunk):
    percent = chunk.orders.discount_percent[chunk.lines.order]
    assert np.array_equal(chunk.lines.discount, chunk.lines.gross * percent // 100)


def test_coupons_are_used_in_campaigns_with_an_offer_only(chunk, shop):
    used = np.unique(chunk.orders.campaign[chunk.orders.has_coupon])
    assert all(shop.campaigns[position].has_offer for position in used)


def test_every_order_that_an_offer_caused_uses_its_coupon(chunk, shop):
    offers = [position for position, campaign in enumerate(shop.campaigns) if campaign.has_offer]
    caused = np.isin(chunk.orders.caused_by, offers)
    assert caused.sum() > 20
    assert np.array_equal(chunk.orders.campaign[caused], chunk.orders.caused_by[caused])


def test_big_spenders_spend_more_and_discount_seekers_save_more(part):
    orders = part.truth["orders"].join(part.truth["customers"], on="customer_id").group_by("archetype")
    value = dict(orders.agg(pl.col("net_amount").mean()).iter_rows())
    assert value["one-time big spender"] > 2.5 * value["plain"]
    lines = part.files["order_lines"].join(part.truth["customers"], on="customer_id").group_by("archetype")
    discount = dict(lines.agg(pl.col("discount_amount").sum() / pl.col("net_amount").sum()).iter_rows())
    assert discount["discount seeker"] > 2 * discount["style browser"]


def test_gift_buyers_buy_in_the_fourth_quarter(part):
    orders = part.truth["orders"].join(part.truth["customers"], on="customer_id").group_by("archetype")
    share = dict(orders.agg((pl.col("ordered_at").dt.quarter() == 4).mean()).iter_rows())
    assert share["seasonal gift buyer"] > 0.75
    assert share["plain"] < 0.45


def test_value_follows_the_person(chunk, shop):
    rich = replace(chunk.people, log_value=chunk.people.log_value + np.log(4.0))
    lines = fill_baskets(chunk.orders, rich, shop.products, shop.preset, seed=shop.seed, chunk=0)
    assert lines.gross.sum() / chunk.lines.gross.sum() == pytest.approx(4.0, rel=0.15)
