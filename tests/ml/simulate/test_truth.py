from dataclasses import replace
from datetime import date, datetime

import numpy as np
import polars as pl
import pytest

from ml.simulate import truth
from ml.simulate.baskets import CANCELLED, PLACED


def live_three_orders(chunk, demand, fate=PLACED):
    """The first person of the chunk with orders on 10 August, 28 September and 27 October 2024, then gone."""
    days = [(date(2024, month, day) - demand.first_date).days + 0.5 for month, day in ((8, 10), (9, 28), (10, 27))]
    gone_at = chunk.lives.gone_at.copy()
    gone_at[0] = days[-1]
    return replace(
        chunk,
        lives=replace(chunk.lives, gone_at=gone_at),
        orders=replace(
            chunk.orders, person=np.zeros(3, np.int64), at=np.array(days), fate=np.array([PLACED, PLACED, fate])
        ),
    )


def outcomes_of_first(chunk, demand):
    outcomes = truth.list_outcomes(chunk, demand).filter(pl.col("customer_number") == 0)
    return {row["month_end"]: (row["is_there"], row["has_churned"]) for row in outcomes.iter_rows(named=True)}


def test_an_order_on_the_28th_day_is_no_churn(chunk, shop):
    outcomes = outcomes_of_first(live_three_orders(chunk, shop.demand), shop.demand)
    assert date(2024, 7, 31) not in outcomes
    # 28 September is the 28th day after 31 August, 27 October the 27th after 30 September.
    assert outcomes[date(2024, 8, 31)] == (True, False)
    assert outcomes[date(2024, 9, 30)] == (True, False)
    assert outcomes[date(2024, 10, 31)] == (False, True)


def test_a_cancelled_order_is_no_return_of_the_customer(chunk, shop):
    outcomes = outcomes_of_first(live_three_orders(chunk, shop.demand, fate=CANCELLED), shop.demand)
    assert outcomes[date(2024, 9, 30)] == (True, True)


def test_the_last_month_end_has_a_true_outcome(part, shop):
    last = part.truth["outcomes"].filter(pl.col("month_end") == pl.lit(date(2026, 6, 30)))
    assert 0.02 < 1 - last["has_churned"].mean() < 0.3
    assert part.truth["outcomes"]["month_end"].n_unique() == 24


def test_nobody_who_is_gone_comes_back(part):
    gone = part.truth["outcomes"].filter(~pl.col("is_there"))
    assert gone["has_churned"].all()
    assert gone["expected_orders"].max() == 0


def test_expected_orders_come_on_average(part):
    """Among those who are there; some of them leave within the 28 days, so slightly fewer come."""
    orders = part.truth["orders"].filter(pl.col("caused_by").is_null())
    ends = part.truth["outcomes"]
    came = 0
    for month_end in ends["month_end"].unique().sort().to_list()[:12]:
        begin = datetime.combine(month_end, datetime.min.time())
        known = ends.filter(pl.col("month_end") == pl.lit(month_end)).select("customer_id")
        in_horizon = orders.filter(
            pl.col("ordered_at").is_between(begin + pl.duration(days=1), begin + pl.duration(days=29), closed="left")
        )
        came += len(in_horizon.join(known, on="customer_id", how="semi"))
    expected = ends.filter(pl.col("month_end") < pl.lit(date(2025, 7, 1)))["expected_orders"].sum()
    assert came / expected == pytest.approx(0.93, abs=0.1)


def test_whoever_is_gone_is_worth_nothing(part, shop):
    lives = part.truth["customers"]
    end = datetime.combine(shop.preset.end, datetime.min.time())
    assert lives.filter(pl.col("gone_at") < end)["expected_revenue_90d"].max() == 0
    assert lives.filter(pl.col("gone_at").is_null(), pl.col("came_at") < end)["expected_revenue_90d"].sum() > 0


def test_expected_revenue_is_rate_times_demand_times_value(part, shop):
    plain = part.truth["customers"].filter(
        pl.col("archetype") == "plain", pl.col("gone_at").is_null(), pl.col("expected_revenue_90d") > 0
    )
    row = plain.row(0, named=True)
    demand = shop.demand.daily[0, shop.demand.end : shop.demand.end + 90].sum()
    expected = row["orders_per_year"] / 365.25 * demand * row["expected_order_value"]
    assert row["expected_revenue_90d"] == pytest.approx(expected)


def test_effects_of_parts_add_up(part):
    members = part.truth["campaign_members"]
    whole = truth.sum_effects(members)
    halves = [truth.sum_effects(members[:5_000]), truth.sum_effects(members[5_000:])]
    again = truth.sum_effects(pl.concat(halves))
    assert again.drop("expected_orders", "would_respond", "extra_orders").equals(
        whole.drop("expected_orders", "would_respond", "extra_orders")
    )
    assert again["extra_orders"].to_list() == pytest.approx(whole["extra_orders"].to_list())


def test_control_arms_have_no_effect_in_the_truth(part):
    control = truth.sum_effects(part.truth["campaign_members"]).filter(pl.col("arm") == "control")
    assert len(control) == 34
    assert control["extra_orders"].sum() == 0
    assert control["caused_orders"].sum() == 0
    assert control["would_respond"].sum() > 0
