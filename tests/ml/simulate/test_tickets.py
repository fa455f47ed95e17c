from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from ml.simulate.baskets import PARTLY_RETURNED, RETURNED
from ml.simulate.tickets import draw_tickets


def draw(shop, chunk, **values):
    support = replace(shop.preset.families.support, **values)
    preset = replace(shop.preset, families=replace(shop.preset.families, support=support))
    return draw_tickets(chunk.people, chunk.lives, chunk.orders, shop.demand, preset, seed=shop.seed, chunk=0)


def complained(tickets, orders):
    has_complaint = np.zeros(len(orders.person), bool)
    has_complaint[tickets.order[tickets.order >= 0]] = True
    return has_complaint


def in_files(shop, orders):
    """Orders whose complaint would surely lie in the files."""
    return (orders.at >= shop.demand.start) & (orders.at < shop.demand.end - 60)


def test_a_complaint_follows_its_order_and_is_the_customers_own(chunk):
    tickets, orders = chunk.tickets, chunk.orders
    complaint = tickets.order >= 0
    assert complaint.sum() > 50
    assert np.array_equal(orders.person[tickets.order[complaint]], tickets.person[complaint])
    assert (tickets.opened_at[complaint] >= np.floor(orders.at[tickets.order[complaint]])).all()


def test_complaints_come_as_often_as_their_chance_says(shop, chunk):
    """Over all orders, whether people left after them or not."""
    tickets = draw(shop, chunk, after_order=0.3, after_late=0.6, after_return=0.6)
    mine = in_files(shop, chunk.orders)
    expected = tickets.order_complaint_chance[mine].sum()
    assert complained(tickets, chunk.orders)[mine].sum() == pytest.approx(expected, rel=0.06)


def test_late_and_returned_orders_are_complained_about_more(shop, chunk):
    tickets, orders = chunk.tickets, chunk.orders
    mine, has_complaint = in_files(shop, orders), complained(chunk.tickets, chunk.orders)
    came_back = np.isin(orders.fate, (RETURNED, PARTLY_RETURNED)) & ~tickets.order_is_late
    share = [has_complaint[mine & group].mean() for group in (tickets.order_is_late, came_back)]
    smooth = has_complaint[mine & ~tickets.order_is_late & ~came_back].mean()
    assert min(share) > 4 * smooth


def test_whoever_complains_leaves_more_often(shop, chunk):
    """As often as the true chances say, in repeat orders of people who might stay."""
    orders = chunk.orders
    tickets = draw(shop, chunk, after_order=0.4, after_late=0.4, after_return=0.4)
    left = orders.at == chunk.lives.gone_at[orders.person]
    mine = in_files(shop, orders) & (orders.caused_by < 0)
    has_complaint = complained(tickets, orders)
    for group, chance in ((has_complaint, tickets.order_leave_with), (~has_complaint, tickets.order_leave_without)):
        expected = chance[mine & group].sum()
        assert left[mine & group].sum() == pytest.approx(expected, abs=4 * expected**0.5)
    assert tickets.order_leave_with[mine].mean() > 1.5 * tickets.order_leave_without[mine].mean()


def test_both_chances_to_leave_make_up_the_persons_own(shop, chunk):
    tickets, orders = chunk.tickets, chunk.orders
    chance = tickets.order_complaint_chance
    over_all = chance * tickets.order_leave_with + (1 - chance) * tickets.order_leave_without
    repeat = (orders.sequence > 0) & (orders.caused_by < 0)
    assert over_all[repeat] == pytest.approx(chunk.people.dropout[orders.person[repeat]])


def test_without_effect_complaints_do_not_depend_on_who_left(shop, chunk):
    tickets = draw(shop, chunk, churn_factor=1.0)
    assert tickets.order_leave_with == pytest.approx(tickets.order_leave_without)


def test_tickets_are_many_for_few_people(part):
    tickets = part.files["support_tickets"]
    per_customer = tickets.group_by("customer_id").len()["len"]
    assert 0.1 < per_customer.len() / len(part.files["customers"]) < 0.3
    assert per_customer.max() >= 8


def test_a_ticket_is_opened_without_an_end_and_closed_by_a_later_version(part):
    opened, versions = part.files["support_tickets"], part.files["support_tickets_update"]
    assert opened["closed_at"].null_count() == opened["csat_score"].null_count() == len(opened)
    assert opened["ticket_id"].is_unique().all()
    assert versions["closed_at"].null_count() == 0
    assert versions["closed_at"].equals(versions["received_at"].rename("closed_at"))
    assert versions.join(opened, on=["ticket_id", "opened_at"], how="anti").is_empty()
    assert (versions["closed_at"] > versions["opened_at"]).all()


def test_a_ticket_that_is_opened_again_is_closed_twice(part):
    closings = part.files["support_tickets_update"].group_by("ticket_id").len()["len"]
    assert set(closings.unique()) == {1, 2}
    assert (closings == 2).mean() == pytest.approx(0.011, abs=0.008)


def test_complaints_are_less_friendly_and_rated_lower(part):
    tickets = part.files["support_tickets_update"].with_columns(
        is_complaint=pl.col("category").is_in(["late delivery", "return and refund", "damaged or wrong item"])
    )
    means = tickets.group_by("is_complaint").agg(pl.col("csat_score", "sentiment_score").mean())
    by_kind = {row["is_complaint"]: row for row in means.iter_rows(named=True)}
    assert by_kind[True]["csat_score"] < by_kind[False]["csat_score"] - 0.8
    assert by_kind[True]["sentiment_score"] < 0 < by_kind[False]["sentiment_score"]
    assert tickets["sentiment_score"].is_between(-1, 1).all()
    assert set(tickets["csat_score"].drop_nulls().unique()) == {1, 2, 3, 4, 5}


def test_the_truth_says_who_complained(part):
    told = part.truth["complaints"]
    categories = ["late delivery", "return and refund", "damaged or wrong item"]
    complaints = part.files["support_tickets"].filter(pl.col("category").is_in(categories))
    assert told["has_complaint"].sum() == len(complaints)
    late = part.files["support_tickets"].filter(pl.col("category") == "late delivery")
    assert late.join(told.filter("is_late_delivery", "has_complaint"), on="customer_id", how="anti").is_empty()
