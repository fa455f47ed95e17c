from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from ml.simulate.orders import find_registrations
from ml.simulate.visit_draws import draw_visits
from ml.simulate.visits import BOT, FROM_MAIL, MAIL, ORDER, PASSER_BY, REGISTRATION, RESEARCH, VISIT


def draw(shop, chunk, *, preset=None, mails=None):
    return draw_visits(
        chunk.people,
        chunk.lives,
        chunk.orders,
        mails or chunk.mails,
        chunk.devices,
        shop.demand,
        preset or shop.preset,
        seed=shop.seed,
        chunk=0,
    )


def with_families(preset, **parts):
    """The preset with other values in some families, e.g. ``visits={"research": 0}``."""
    changed = {name: replace(getattr(preset.families, name), **values) for name, values in parts.items()}
    return replace(preset, families=replace(preset.families, **changed))


def visits_per_person(part):
    sessions = part.truth["sessions"].filter(pl.col("visit_kind") == "visit").group_by("customer_id").len()
    people = (
        part.truth["customers"].join(sessions, on="customer_id", how="left").with_columns(pl.col("len").fill_null(0))
    )
    return dict(people.group_by("archetype").agg(pl.col("len").mean()).iter_rows())


def test_visits_lie_in_the_tracked_days(shop, chunk):
    begin = shop.demand.end - shop.preset.families.visits.tracked_days
    assert chunk.visits.at.min() >= begin
    assert chunk.visits.at.max() < shop.demand.end


def test_every_tracked_order_has_one_visit_with_the_main_browser(shop, chunk):
    everything = with_families(shop.preset, tracking={"untracked_orders": 0.0})
    visits = draw(shop, chunk, preset=everything)
    begin = shop.demand.end - shop.preset.families.visits.tracked_days
    orders = chunk.orders
    placed = visits.kind == ORDER
    expected = np.flatnonzero((orders.at >= begin) & (orders.at < shop.demand.end))
    assert np.array_equal(np.sort(visits.order[placed]), expected)
    assert np.array_equal(visits.at[placed], orders.at[visits.order[placed]])
    assert np.array_equal(visits.device[placed], chunk.devices.first[visits.person[placed]])


def test_a_share_of_orders_has_no_visit(shop, chunk):
    begin = shop.demand.end - shop.preset.families.visits.tracked_days
    count = ((chunk.orders.at >= begin) & (chunk.orders.at < shop.demand.end)).sum()
    share = 1 - (chunk.visits.kind == ORDER).sum() / count
    assert share == pytest.approx(shop.preset.families.tracking.untracked_orders, abs=0.02)


def test_research_comes_before_its_order(chunk):
    visits = chunk.visits
    research = visits.kind == RESEARCH
    assert research.sum() > 100
    assert (visits.at[research] < chunk.orders.at[visits.order[research]]).all()
    assert (chunk.orders.caused_by[visits.order[research]] < 0).all()


def test_nobody_is_known_before_they_have_an_account(chunk):
    visits = chunk.visits
    known = visits.is_known & (visits.kind != REGISTRATION)
    registered = find_registrations(chunk.people, chunk.lives)
    assert (visits.at[known] > registered[visits.person[known]]).all()
    assert visits.is_known[visits.kind == REGISTRATION].all()


def test_passers_by_and_bots_are_nobody(chunk):
    strangers = np.isin(chunk.visits.kind, (PASSER_BY, BOT))
    assert (chunk.visits.person[strangers] == -1).all()
    assert not chunk.visits.is_known[strangers].any()
    assert (chunk.visits.person[~strangers] == chunk.visits.slot[~strangers]).all()


def test_a_bot_comes_once_under_each_name(chunk):
    bots = chunk.visits.kind == BOT
    names = np.stack([chunk.visits.owner[bots], chunk.visits.sequence[bots]], axis=1)
    assert len(np.unique(names, axis=0)) == bots.sum()


def test_clicks_begin_visits_by_mail(chunk):
    visits, clicks = chunk.visits, chunk.mails.clicks
    by_mail = visits.kind == MAIL
    assert (visits.channel[by_mail] == FROM_MAIL).all()
    idle = clicks.at[clicks.order < 0]
    assert np.isin(visits.at[by_mail], idle).all()


def test_an_order_that_followed_a_click_says_its_campaign(chunk):
    visits = chunk.visits
    by_mail = (visits.kind == ORDER) & (visits.channel == FROM_MAIL)
    assert by_mail.sum() > 10
    assert np.array_equal(visits.campaign[by_mail], chunk.orders.caused_by[visits.order[by_mail]])
    assert (visits.longest[by_mail] < np.inf).all()


def test_high_frequency_browsers_come_most_and_style_browsers_often(part):
    mean = visits_per_person(part)
    assert mean["high-frequency browser"] > 5 * mean["plain"]
    assert mean["style browser"] > 2 * mean["plain"]
    assert mean["dormant discount responder"] < mean["plain"]


def test_whoever_is_gone_hardly_comes(shop, chunk):
    """Visits per day of the half-year after leaving, by those of people who are still there."""
    begin, end = shop.demand.end - shop.preset.families.visits.tracked_days, shop.demand.end
    gone = chunk.lives.gone_at
    own = chunk.visits.kind == VISIT
    person, at = chunk.visits.person[own], chunk.visits.at[own]
    days_after = np.clip(np.minimum(gone + 183, end) - np.maximum(gone, begin), 0, None).sum()
    days_before = np.clip(np.minimum(gone, end) - np.maximum(chunk.people.came, begin), 0, None).sum()
    after = (at > gone[person] + 1).sum() / days_after
    assert after / ((at <= gone[person] + 1).sum() / days_before) < 0.3


def test_visits_are_named_once(part):
    assert part.truth["sessions"]["session_id"].is_unique().all()


def test_mails_change_no_other_visit(shop, chunk):
    """The moments of orders' visits are the orders', whatever is clicked."""
    silent = replace(
        chunk.mails,
        clicks=replace(chunk.mails.clicks, **{name: column[:0] for name, column in vars(chunk.mails.clicks).items()}),
    )
    visits = draw(shop, chunk, mails=silent)
    own = [kinds.at[kinds.kind == VISIT] for kinds in (visits, chunk.visits)]
    assert np.array_equal(*own)
