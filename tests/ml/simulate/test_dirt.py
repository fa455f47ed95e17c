from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from ml.simulate import dirt
from ml.simulate.presets import BRAND_SHOP

CLEAN = replace(
    BRAND_SHOP.dirt,
    guests=0.0,
    duplicates=0.0,
    repeated_lines=0.0,
    zero_quantities=0.0,
    broken_orders=0.0,
    broken_lines=0.0,
    late=0.0,
    corrections=0.0,
)
NOON = datetime(2025, 3, 1, 12)


def make_orders(count):
    """Orders of one moment; every second one comes with a version that says what was given back."""
    return pl.DataFrame(
        {
            "position": [place for place in range(count) for _ in range(2 - place % 2)],
            "order_id": [f"O{place}" for place in range(count) for _ in range(2 - place % 2)],
            "customer_id": "C1",
            "ordered_at": NOON,
            "received_at": [NOON + timedelta(days=3 * v) for place in range(count) for v in range(2 - place % 2)],
            "is_return": [v == 1 for place in range(count) for v in range(2 - place % 2)],
            "is_update": [v == 1 for place in range(count) for v in range(2 - place % 2)],
        }
    ).with_columns(pl.col("ordered_at", "received_at").cast(pl.Datetime("ms")))


def make_lines(count):
    money = pl.Decimal(18, 2)
    return pl.DataFrame(
        {
            "order_id": [f"O{place}" for place in range(count)],
            "line_number": [1] * count,
            "product_id": "P1",
            "quantity": [2] * count,
            "received_at": [NOON] * count,
            "is_update": [False] * count,
        }
    ).with_columns(
        unit_price=pl.lit(Decimal("5.00")).cast(money),
        net_amount=pl.lit(Decimal("9.00")).cast(money),
        discount_amount=pl.lit(Decimal("1.00")).cast(money),
        coupon_discount_amount=pl.lit(Decimal("0.00")).cast(money),
    )


def rng():
    return np.random.default_rng(5)


def test_a_guest_is_one_in_every_version_of_the_order():
    orders = dirt.forget_guests(make_orders(2_000), replace(CLEAN, guests=0.3), rng())
    per_order = orders.group_by("order_id").agg((pl.col("customer_id") == dirt.GUEST).alias("guest"))["guest"]
    assert {tuple(set(versions)) for versions in per_order.to_list()} == {(True,), (False,)}
    assert per_order.list.first().mean() == pytest.approx(0.3, abs=0.04)


def test_a_late_order_comes_in_the_updates_after_its_delay(shop):
    late = dirt.delay_orders(make_orders(400), shop.demand, replace(CLEAN, late=1.0, late_days=(5, 5)), rng())
    placed = late.filter(~pl.col("is_return"))
    assert placed["is_update"].all()
    assert set(placed["received_at"].to_list()) == {NOON + timedelta(days=5)}


def test_a_return_is_not_known_before_its_order(shop):
    late = dirt.delay_orders(make_orders(400), shop.demand, replace(CLEAN, late=1.0, late_days=(5, 5)), rng())
    # The return was known three days after the order, which arrived after five.
    assert set(late.filter("is_return")["received_at"].to_list()) == {NOON + timedelta(days=5)}


def test_what_arrives_after_the_end_is_in_no_file(shop):
    far = replace(CLEAN, late=1.0, late_days=(900, 900))
    assert len(dirt.delay_orders(make_orders(10), shop.demand, far, rng())) == 0


def test_a_corrected_line_was_entered_with_one_unit_too_many(shop):
    lines = dirt.correct_lines(make_lines(1), shop.demand, replace(CLEAN, corrections=1.0), rng())
    told = lines.select("quantity", "net_amount", "received_at", "is_update").rows()
    assert told == [
        (3, Decimal("14.00"), NOON, False),
        (2, Decimal("9.00"), NOON + timedelta(days=2), True),
    ]


def test_a_repeated_line_differs_in_its_number_only():
    lines = dirt.repeat_lines(make_lines(1), replace(CLEAN, repeated_lines=1.0), rng())
    assert lines["line_number"].to_list() == [1, 101]
    assert lines.drop("line_number").n_unique() == 1


def test_a_line_of_nothing_is_worth_nothing():
    nothing = dirt.repeat_lines(make_lines(1), replace(CLEAN, zero_quantities=1.0), rng())[1]
    assert nothing.select("line_number", "quantity", "net_amount", "discount_amount").rows() == [
        (201, 0, Decimal("0.00"), Decimal("0.00"))
    ]


def test_broken_orders_miss_one_thing_each():
    broken = dirt.break_orders(make_orders(300), replace(CLEAN, broken_orders=1.0), rng())
    damage = broken.select(
        (pl.col("ordered_at") == "0000-00-00 00:00:00").cast(int)
        + pl.col("order_id").is_null().cast(int)
        + pl.col("customer_id").is_null().cast(int)
    ).to_series()
    assert damage.unique().to_list() == [1]


def test_broken_lines_miss_product_or_quantity():
    broken = dirt.break_lines(make_lines(300), replace(CLEAN, broken_lines=1.0), rng())
    assert (broken["product_id"].is_null() ^ broken["quantity"].is_null()).all()


def test_duplicates_are_alike_in_everything():
    twice = dirt.duplicate_rows(make_lines(50), replace(CLEAN, duplicates=1.0), rng())
    assert len(twice) == 100
    assert len(twice.unique()) == 50


def test_clean_rates_leave_the_rows_as_they_are(shop):
    lines = make_lines(200)
    assert dirt.correct_lines(lines, shop.demand, CLEAN, rng()).equals(lines)
    steps = (dirt.repeat_lines, dirt.break_lines, dirt.duplicate_rows)
    for step in steps:
        assert step(lines, CLEAN, rng()).equals(lines)


def test_no_coupon_is_tracked_during_the_outage(part, shop):
    rates, begin = shop.preset.dirt, datetime.combine(shop.preset.start, datetime.min.time())
    lost_from = begin + timedelta(days=rates.outage_from)
    lost = pl.col("redeemed_at").is_between(lost_from, lost_from + timedelta(days=rates.outage_days), closed="left")
    assert part.files["coupon_redemptions"].filter(lost).is_empty()
    used = part.files["orders"].filter(
        pl.col("coupon_code").is_not_null(),
        pl.col("ordered_at").str.to_datetime(strict=False).is_between(lost_from, lost_from + timedelta(days=18)),
    )
    assert len(used) > 10


@pytest.mark.parametrize(
    ("table", "is_dirty", "rate"),
    [
        ("orders", pl.col("customer_id") == dirt.GUEST, BRAND_SHOP.dirt.guests),
        (
            "orders",
            (pl.col("ordered_at") == "0000-00-00 00:00:00")
            | pl.any_horizontal(pl.col("order_id", "customer_id").is_null()),
            BRAND_SHOP.dirt.broken_orders,
        ),
        (
            "order_lines",
            pl.any_horizontal(pl.col("product_id", "quantity").is_null()),
            BRAND_SHOP.dirt.broken_lines,
        ),
        ("order_lines", pl.col("quantity") == 0, BRAND_SHOP.dirt.zero_quantities),
        ("order_lines", pl.col("line_number").is_between(100, 199), BRAND_SHOP.dirt.repeated_lines),
    ],
)
def test_the_files_are_as_dirty_as_configured(part, table, is_dirty, rate):
    rows = part.files[table]
    expected = rate * len(rows)
    assert len(rows.filter(is_dirty)) == pytest.approx(expected, abs=4 * expected**0.5)
