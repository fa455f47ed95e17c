import numpy as np
import polars as pl
import pytest

from ml.simulate.business import LOST, WON, draw_business, list_stage_changes
from ml.simulate.orders import find_registrations


def test_every_contact_has_an_account_that_was_there_before_them(chunk):
    business = chunk.business
    contact = np.flatnonzero(business.account_of >= 0)
    registered = find_registrations(chunk.people, chunk.lives)[contact]
    assert (business.accounts.created_at[business.account_of[contact]] <= registered).all()
    assert (business.accounts.slot[business.account_of[contact]] <= contact).all()


def test_the_contacts_of_the_files_are_those_of_accounts_in_the_files(part):
    contacts = part.files["customers"].filter(pl.col("account_id").is_not_null())
    assert len(contacts) / len(part.files["customers"]) == pytest.approx(0.04, abs=0.01)
    assert contacts.join(part.files["accounts"], on="account_id", how="anti").is_empty()


@pytest.mark.parametrize("table", ["deals", "deals_update", "calls", "rep_activities"])
def test_everything_belongs_to_an_account(part, table):
    assert len(part.files[table]) > 100
    assert part.files[table].join(part.files["accounts"], on="account_id", how="anti").is_empty()


def test_calls_and_activities_are_about_deals_of_their_account(part):
    deals = part.files["deals"].select("deal_id", "account_id")
    for table in ("calls", "rep_activities"):
        about = part.files[table].filter(pl.col("deal_id").is_not_null())
        assert about.join(deals, on=["deal_id", "account_id"], how="anti").is_empty(), table


def test_people_spoken_to_buy_for_the_account(part):
    contacts = part.files["customers"].select("customer_id", "account_id")
    for table in ("calls", "rep_activities"):
        known = part.files[table].filter(pl.col("customer_id").is_not_null())
        assert len(known) > 100
        assert known.join(contacts, on=["customer_id", "account_id"], how="anti").is_empty(), table


def test_identifiers_are_given_once(part):
    keys = {"accounts": "account_id", "deals": "deal_id", "calls": "call_id", "rep_activities": "activity_id"}
    for table, key in {**keys, "deal_stage_changes": "stage_change_id"}.items():
        assert part.files[table][key].is_unique().all(), table


def test_a_deal_is_closed_by_a_later_version(part):
    opened, closed = part.files["deals"], part.files["deals_update"]
    assert set(opened["stage"].unique()) == {"lead"}
    assert opened["closed_at"].null_count() == len(opened)
    assert set(closed["stage"].unique()) == {"won", "lost"}
    assert (closed["closed_at"] == closed["received_at"]).all()
    assert (
        closed.join(part.truth["deals"], on="deal_id")
        .select((pl.col("stage") == "won").eq(pl.col("is_won")).all())
        .item()
    )


def test_stages_are_passed_in_order_and_lead_to_the_end(chunk):
    deals = chunk.business.deals
    deal, stage, at = list_stage_changes(deals)
    same = deal[1:] == deal[:-1]
    assert (np.diff(at)[same] > 0).all()
    assert (np.diff(stage)[same] >= 1).all()
    assert np.array_equal(at[np.r_[True, ~same]], deals.created_at)
    last = np.r_[~same, True]
    assert np.array_equal(stage[last], np.where(deals.is_won, WON, LOST))
    assert at[last] == pytest.approx(deals.ends_at)


def test_stage_changes_agree_with_the_closed_deals(part):
    ends = part.files["deal_stage_changes"].filter(pl.col("stage").is_in(["won", "lost"]))
    both = ends.join(part.files["deals_update"], on=["deal_id", "stage"])
    assert len(both) == len(ends) == len(part.files["deals_update"])
    assert (both["changed_at"] == both["closed_at"]).all()
    assert (both["amount"] == both["amount_right"]).all()


def test_fitting_accounts_win_more_and_speak_friendlier(chunk):
    deals, calls, fit = chunk.business.deals, chunk.business.calls, chunk.business.accounts.fit
    assert np.corrcoef(fit[deals.account], deals.chance)[0, 1] > 0.8
    assert np.corrcoef(fit[calls.account], calls.sentiment)[0, 1] > 0.3


def test_deals_are_won_with_their_true_chance(part):
    deals = part.truth["deals"]
    expected = deals["win_chance"].sum()
    assert deals["is_won"].sum() == pytest.approx(expected, abs=4 * expected**0.5)


def test_business_is_done_on_weekdays(part):
    assert part.files["calls"]["occurred_at"].dt.weekday().max() <= 5
    assert part.files["calls"]["occurred_at"].dt.hour().is_between(8, 17).all()


def test_a_message_of_the_account_is_answered(part):
    acts = part.files["rep_activities"]
    inbound = acts.filter(pl.col("kind") == "inbound")
    mails = acts.filter(pl.col("kind") == "email").select("deal_id", answered_at="occurred_at")
    answers = inbound.join(mails, on="deal_id").filter(pl.col("answered_at") > pl.col("occurred_at"))
    assert answers["activity_id"].n_unique() / len(inbound) > 0.95


def test_the_same_seed_gives_the_same_business(shop, chunk):
    again = draw_business(chunk.people, chunk.lives, shop.demand, shop.preset, seed=shop.seed, chunk=0)
    assert np.array_equal(again.deals.amount, chunk.business.deals.amount)
    assert np.array_equal(again.calls.at, chunk.business.calls.at)
