import numpy as np
import polars as pl

from ml.simulate.pages import ACCOUNT, CHECKOUT, CONTENT, PRODUCT, THANKS
from ml.simulate.visits import BOT, ORDER, REGISTRATION, RESEARCH


def ends_of(chunk):
    """The first and the last page of each visit."""
    visit = chunk.pages.visit
    positions = np.arange(len(chunk.visits))
    return np.searchsorted(visit, positions), np.searchsorted(visit, positions, side="right") - 1


def test_every_visit_has_pages_in_order_of_time(chunk):
    pages = chunk.pages
    assert np.array_equal(np.unique(pages.visit), np.arange(len(chunk.visits)))
    same = pages.visit[1:] == pages.visit[:-1]
    assert (np.diff(pages.begins)[same] == pages.gap[:-1][same]).all()
    assert (np.diff(pages.slot)[same] == 1).all()


def test_a_visit_never_pauses_as_long_as_ends_a_session(chunk):
    assert chunk.pages.gap.max() < 30 * 60 * 1000


def test_an_order_is_thanked_for_at_its_moment_after_a_checkout(chunk):
    visits, pages, (_, last) = chunk.visits, chunk.pages, ends_of(chunk)
    order = visits.kind == ORDER
    assert (pages.kind[last[order]] == THANKS).all()
    assert (pages.kind[last[order] - 1] == CHECKOUT).all()
    assert np.array_equal(pages.begins[last[order]], np.rint(visits.at[order] * 86_400_000).astype(np.int64))
    assert (pages.kind == THANKS).sum() == order.sum()


def test_an_account_is_opened_at_its_moment(chunk):
    visits, pages, (_, last) = chunk.visits, chunk.pages, ends_of(chunk)
    opened = visits.kind == REGISTRATION
    assert np.array_equal(pages.begins[last[opened]], np.rint(visits.at[opened] * 86_400_000).astype(np.int64))
    assert (pages.kind[pages.slot > 0][opened[pages.visit[pages.slot > 0]]] == ACCOUNT).all()


def test_other_visits_begin_at_their_moment(chunk):
    visits, pages, (first, _) = chunk.visits, chunk.pages, ends_of(chunk)
    others = ~np.isin(visits.kind, (ORDER, REGISTRATION))
    assert np.array_equal(pages.begins[first[others]], np.rint(visits.at[others] * 86_400_000).astype(np.int64))


def test_a_visit_that_follows_a_click_begins_after_it(chunk):
    visits, pages, (first, last) = chunk.visits, chunk.pages, ends_of(chunk)
    clicked = np.isfinite(visits.longest)
    seconds = (pages.begins[last] - pages.begins[first])[clicked] / 1000
    assert (seconds <= visits.longest[clicked]).all()


def test_products_in_the_cart_of_an_order_are_those_bought(chunk):
    pages, visits, lines = chunk.pages, chunk.visits, chunk.lines
    added = pages.adds & (visits.kind[pages.visit] == ORDER)
    bought = set(zip(lines.order.tolist(), lines.product.tolist(), strict=True))
    pairs = set(zip(visits.order[pages.visit[added]].tolist(), pages.product[added].tolist(), strict=True))
    assert len(pairs) > 1_000
    assert pairs <= bought
    assert set(visits.order[visits.kind == ORDER].tolist()) == {order for order, _ in pairs}


def test_only_products_go_into_the_cart_and_only_what_is_there_is_removed(chunk):
    pages = chunk.pages
    assert (pages.kind[pages.adds] == PRODUCT).all()
    assert not (pages.removes & ~pages.adds).any()
    assert ((pages.product >= 0) == (pages.kind == PRODUCT)).all()


def test_research_looks_at_what_is_bought_then(chunk):
    pages, visits, lines = chunk.pages, chunk.visits, chunk.lines
    seen = (visits.kind[pages.visit] == RESEARCH) & (pages.kind == PRODUCT)
    bought = set(zip(lines.order.tolist(), lines.product.tolist(), strict=True))
    pairs = zip(visits.order[pages.visit[seen]].tolist(), pages.product[seen].tolist(), strict=True)
    assert 0.35 < np.mean([pair in bought for pair in pairs]) < 0.55


def test_bots_are_faster_than_people(chunk):
    is_bot = (chunk.visits.kind == BOT)[chunk.pages.visit]
    assert np.median(chunk.pages.gap[is_bot]) < 3_000 < np.median(chunk.pages.gap[~is_bot])


def test_style_browsers_read_most(chunk, shop):
    pages, visits = chunk.pages, chunk.visits
    mine = visits.person[pages.visit] >= 0
    names = np.array([kind.name for kind in shop.preset.archetypes])
    frame = pl.DataFrame(
        {
            "archetype": names[chunk.people.archetype[visits.person[pages.visit[mine]]]],
            "reads": pages.kind[mine] == CONTENT,
        }
    )
    share = dict(frame.group_by("archetype").agg(pl.col("reads").mean()).iter_rows())
    assert share["style browser"] > 3 * share["plain"]
