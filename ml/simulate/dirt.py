"""What goes wrong with the files, at configured rates; what it does to a row is described with the rate.

Rows are damaged before the chunk is cut to the shop's size, so a customer's dirt is the same in every size.
"""

from datetime import timedelta

import numpy as np
import polars as pl

from ml.simulate.columns import to_moments
from ml.simulate.config import Dirt
from ml.simulate.demand import Demand

# The customer of orders that were placed without an account.
GUEST = "GUEST"

_LINE_AMOUNTS = ("net_amount", "discount_amount", "coupon_discount_amount")
_UNREADABLE_TIME = "0000-00-00 00:00:00"


def forget_guests(orders: pl.DataFrame, dirt: Dirt, rng: np.random.Generator) -> pl.DataFrame:
    """Orders of which a share were placed without logging in; later versions know no more."""
    position = orders["position"].to_numpy()
    is_guest = rng.random(position.max(initial=-1) + 1) < dirt.guests
    customer = pl.when(pl.Series(is_guest[position])).then(pl.lit(GUEST))
    return orders.with_columns(customer_id=customer.otherwise("customer_id"))


def delay_orders(orders: pl.DataFrame, demand: Demand, dirt: Dirt, rng: np.random.Generator) -> pl.DataFrame:
    """Orders of which a share arrive days late, in the updates; those not yet here at the end are left out."""
    shortest, longest = dirt.late_days
    is_late = pl.Series("is_late", rng.random(len(orders)) < dirt.late) & ~orders["is_return"]
    delay = pl.duration(
        days=pl.lit(pl.Series(rng.integers(shortest, longest, len(orders.filter(is_late)), endpoint=True)))
    )
    arrivals = orders.filter(is_late).select("position", arrived_at=pl.col("ordered_at") + delay)
    end = to_moments(np.array([float(demand.end)]), demand)[0]
    return (
        orders.join(arrivals, on="position", how="left", maintain_order="left")
        # A return is not known before its order is.
        .with_columns(
            received_at=pl.max_horizontal("received_at", "arrived_at"),
            is_update=pl.col("is_update") | pl.col("arrived_at").is_not_null(),
        )
        .filter(pl.col("received_at") < end)
        .drop("arrived_at")
    )


def correct_lines(lines: pl.DataFrame, demand: Demand, dirt: Dirt, rng: np.random.Generator) -> pl.DataFrame:
    """Lines of which a share was first entered with one unit too many, and is corrected two days later.

    Corrections that would come after the files end are in no file.
    """
    is_wrong = pl.Series(rng.random(len(lines)) < dirt.corrections) & ~lines["is_update"]
    right = lines.filter(is_wrong).with_columns(
        received_at=pl.col("received_at") + timedelta(days=2), is_update=pl.lit(True)
    )
    quantity = pl.col("quantity") + 1
    wrong = pl.when(is_wrong)
    entered = lines.with_columns(
        quantity=wrong.then(quantity).otherwise("quantity"),
        net_amount=wrong.then(pl.col("net_amount") + pl.col("unit_price")).otherwise("net_amount"),
    )
    end = to_moments(np.array([float(demand.end)]), demand)[0]
    return pl.concat([entered, right.filter(pl.col("received_at") < end)])


def repeat_lines(lines: pl.DataFrame, dirt: Dirt, rng: np.random.Generator) -> pl.DataFrame:
    """Lines, a share of them once more under another number, and with as many lines of nothing as configured."""
    again = _sample(lines, dirt.repeated_lines, rng).with_columns(line_number=pl.col("line_number") + 100)
    nothing = _sample(lines, dirt.zero_quantities, rng).with_columns(
        line_number=pl.col("line_number") + 200,
        quantity=pl.lit(0, pl.Int64),
        **{name: pl.lit(0).cast(lines.schema[name]) for name in _LINE_AMOUNTS},
    )
    return pl.concat([lines, again, nothing])


def break_orders(orders: pl.DataFrame, dirt: Dirt, rng: np.random.Generator) -> pl.DataFrame:
    """Orders as text times, of which a share has an unreadable time, no number or no customer."""
    damage = _draw_damage(orders, dirt.broken_orders, 3, rng)
    text = pl.col("ordered_at").dt.strftime("%Y-%m-%d %H:%M:%S")
    return orders.with_columns(
        ordered_at=pl.when(damage == 1).then(pl.lit(_UNREADABLE_TIME)).otherwise(text),
        order_id=pl.when(damage != 2).then("order_id"),
        customer_id=pl.when(damage != 3).then("customer_id"),
    )


def break_lines(lines: pl.DataFrame, dirt: Dirt, rng: np.random.Generator) -> pl.DataFrame:
    """Lines of which a share has no product or no quantity."""
    damage = _draw_damage(lines, dirt.broken_lines, 2, rng)
    return lines.with_columns(
        product_id=pl.when(damage != 1).then("product_id"), quantity=pl.when(damage != 2).then("quantity")
    )


def duplicate_rows(frame: pl.DataFrame, dirt: Dirt, rng: np.random.Generator) -> pl.DataFrame:
    """Rows, a share of them twice."""
    return pl.concat([frame, _sample(frame, dirt.duplicates, rng)])


def lose_redemptions(redemptions: pl.DataFrame, demand: Demand, dirt: Dirt) -> pl.DataFrame:
    """Redemptions without those of the days on which coupons were not tracked."""
    begin = float(demand.start + dirt.outage_from)
    lost_from, tracked_again = to_moments(np.array([begin, begin + dirt.outage_days]), demand)
    is_lost = (pl.col("redeemed_at") >= lost_from) & (pl.col("redeemed_at") < tracked_again)
    return redemptions.filter(~is_lost)


def _sample(frame: pl.DataFrame, share: float, rng: np.random.Generator) -> pl.DataFrame:
    is_chosen = pl.Series(rng.random(len(frame)) < share)
    return frame.filter(is_chosen & ~frame["is_update"] if "is_update" in frame.columns else is_chosen)


def _draw_damage(frame: pl.DataFrame, share: float, kinds: int, rng: np.random.Generator) -> pl.Series:
    """The kind of damage of each row, 1 to ``kinds``; 0 for none."""
    is_broken = rng.random(len(frame)) < share
    return pl.Series(np.where(is_broken, rng.integers(1, kinds, len(frame), endpoint=True), 0))
