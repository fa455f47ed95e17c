from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from ml.simulate.emails import CLICKED, DELIVERED, OPENED, SENT, UNSUBSCRIBED, draw_mails


def draw(shop, chunk, **values):
    mailing = replace(shop.preset.families.mailing, **values)
    preset = replace(shop.preset, families=replace(shop.preset.families, mailing=mailing))
    return draw_mails(
        chunk.people,
        chunk.responses,
        chunk.decisions,
        chunk.orders,
        shop.campaigns,
        preset,
        seed=shop.seed,
        chunk=0,
    )


def events_of(mails, kind):
    """Mail and moment of all events of a kind."""
    mine = mails.events.kind == kind
    return mails.events.mail[mine], mails.events.at[mine]


def test_a_mail_goes_to_everyone_treated_and_to_nobody_else(shop, chunk):
    treated = ~chunk.responses.is_control
    mails = draw(shop, chunk, lost_addresses=1e-12)
    expected = zip(chunk.responses.person[treated].tolist(), chunk.responses.campaign[treated].tolist(), strict=True)
    assert sorted(zip(mails.person.tolist(), mails.campaign.tolist(), strict=True)) == sorted(expected)


def test_a_dead_address_gets_one_more_mail_that_comes_back(shop, chunk):
    mails = draw(shop, chunk, lost_addresses=0.9, soft_bounces=0.0)
    bounced = np.flatnonzero(~mails.is_delivered)
    assert len(bounced) > 100
    assert len(np.unique(mails.person[bounced])) == len(bounced)
    is_last = np.r_[mails.person[1:] != mails.person[:-1], True]
    assert is_last[bounced].all()


def test_mails_leave_in_the_morning_of_their_campaign(shop, chunk):
    hours = 24 * (chunk.mails.sent_at - np.floor(chunk.mails.sent_at))
    starts = np.array([campaign.starts for campaign in shop.campaigns])
    assert np.array_equal(np.floor(chunk.mails.sent_at), starts[chunk.mails.campaign])
    assert 8 < hours.min() < hours.max() < 11


def test_only_what_arrived_is_opened_and_only_what_was_opened_is_clicked(chunk):
    mails = chunk.mails
    opened, clicked = set(events_of(mails, OPENED)[0].tolist()), set(events_of(mails, CLICKED)[0].tolist())
    assert clicked <= opened <= set(events_of(mails, DELIVERED)[0].tolist())
    first_open = np.full(len(mails.person), np.inf)
    np.minimum.at(first_open, *events_of(mails, OPENED))
    mail, at = events_of(mails, CLICKED)
    assert (at > first_open[mail]).all()
    mail, at = events_of(mails, OPENED)
    assert (at > mails.sent_at[mail]).all()


def test_mails_are_opened_with_their_true_chance(chunk):
    mails = chunk.mails
    free = mails.is_delivered & ~mails.is_read
    unsubscribed = np.unique(events_of(mails, UNSUBSCRIBED)[0])
    opened = np.setdiff1d(np.unique(events_of(mails, OPENED)[0]), unsubscribed)
    expected = mails.chance[free].sum()
    assert free[opened].sum() == pytest.approx(expected, abs=4 * expected**0.5)


def test_a_few_people_open_most(chunk):
    chance = np.sort(chunk.mails.chance)[::-1]
    assert chance[: len(chance) // 5].sum() / chance.sum() > 0.75


def test_a_used_coupon_was_mostly_read_in_a_mail(shop, chunk):
    used = (chunk.orders.campaign >= 0) & (chunk.orders.caused_by < 0)
    pairs = np.unique(np.stack([chunk.orders.campaign[used], chunk.orders.person[used]], axis=1), axis=0)
    mails = draw(shop, chunk, coupons_read=1.0)
    opened = np.unique(events_of(mails, OPENED)[0])
    read = set(zip(mails.campaign[opened].tolist(), mails.person[opened].tolist(), strict=True))
    sent = set(zip(mails.campaign[mails.is_delivered].tolist(), mails.person[mails.is_delivered].tolist(), strict=True))
    wanted = {tuple(pair) for pair in pairs.tolist()} & sent
    assert len(wanted) > 100
    assert wanted <= read


def test_a_click_before_an_order_is_the_customers_own(chunk):
    clicks, orders = chunk.mails.clicks, chunk.orders
    led = clicks.order >= 0
    assert led.sum() > 20
    assert np.array_equal(orders.person[clicks.order[led]], clicks.person[led])
    assert np.array_equal(orders.caused_by[clicks.order[led]], clicks.campaign[led])
    minutes = (orders.at[clicks.order[led]] - clicks.at[led]) * 1_440
    assert 4 < minutes.min() < minutes.max() < 26


def test_unsubscribing_is_the_withdrawal_of_contact(chunk):
    mail, at = events_of(chunk.mails, UNSUBSCRIBED)
    assert len(mail) > 3
    assert np.array_equal(at, chunk.decisions.contact.begins[chunk.mails.person[mail]])
    assert (at > chunk.mails.sent_at[mail]).all()


def test_what_people_do_with_mails_changes_no_mail(shop, chunk):
    eager = draw(shop, chunk, clicks=1.0, level=1.0)
    assert np.array_equal(eager.sent_at, chunk.mails.sent_at)
    assert events_of(eager, SENT)[0].tolist() == events_of(chunk.mails, SENT)[0].tolist()


def test_exported_events_are_named_once_and_end_with_the_files(part, shop):
    events = part.files["email_events"].unique()
    assert events["event_id"].is_unique().all()
    assert events["occurred_at"].max().date() < shop.preset.end
    known = part.files["campaign_members"].filter(pl.col("arm") == "treatment")
    assert events.join(known, on=["customer_id", "campaign_id"], how="anti").is_empty()
