from dataclasses import replace

import numpy as np
import pytest

from ml.simulate.campaigns import Campaign, draw_responses, find_treatments


def without_effects(shop, chunk):
    """The responses of the same people had no campaign any effect."""
    silent = [replace(campaign, offer=replace(campaign.offer, relative_lift=0.0)) for campaign in shop.campaigns]
    kinds = tuple(replace(kind, offer_response=0.0) for kind in shop.preset.archetypes)
    preset = replace(shop.preset, archetypes=kinds)
    return draw_responses(
        chunk.people, chunk.lives, chunk.decisions, silent, shop.demand, preset, seed=shop.seed, chunk=0
    )


def test_campaigns_do_not_overlap_and_end_with_the_files(shop):
    for earlier, later in zip(shop.campaigns, shop.campaigns[1:], strict=False):
        assert earlier.ends <= later.starts
    assert shop.demand.start < shop.campaigns[0].starts
    assert shop.campaigns[-1].ends <= shop.demand.end


def test_offers_come_in_turn(shop):
    offers = [campaign.offer.offer_type for campaign in shop.campaigns[:4]]
    assert offers == ["percent_off", None, "percent_off", "percent_off"]


def test_the_control_arm_receives_no_effect(chunk):
    control = set(
        zip(
            chunk.responses.campaign[chunk.responses.is_control].tolist(),
            chunk.responses.person[chunk.responses.is_control].tolist(),
            strict=True,
        )
    )
    caused = set(zip(chunk.responses.caused_by.tolist(), chunk.responses.caused_person.tolist(), strict=True))
    assert len(control) > 1_000
    assert len(caused) > 50
    assert not control & caused
    assert chunk.responses.extra_probability[chunk.responses.is_control].max() == 0


def test_as_many_orders_are_caused_as_the_true_effects_say(chunk):
    expected = chunk.responses.extra_probability.sum()
    assert len(chunk.responses.caused_at) == pytest.approx(expected, abs=3 * expected**0.5)


def test_caused_orders_lie_in_their_campaign(shop, chunk):
    starts = np.array([campaign.starts for campaign in shop.campaigns])[chunk.responses.caused_by]
    ends = np.array([campaign.ends for campaign in shop.campaigns])[chunk.responses.caused_by]
    assert np.all((chunk.responses.caused_at >= starts) & (chunk.responses.caused_at < ends))


def test_arms_are_drawn_at_random(chunk):
    responses = chunk.responses
    assert responses.is_control.mean() == pytest.approx(0.2, abs=0.02)
    arms = [responses.expected_orders[responses.is_control == arm].mean() for arm in (True, False)]
    assert arms[0] == pytest.approx(arms[1], rel=0.15)


def test_nobody_is_a_member_before_they_came(shop, chunk):
    starts = np.array([campaign.starts for campaign in shop.campaigns])[chunk.responses.campaign]
    assert np.all(chunk.people.came[chunk.responses.person] < starts)


def test_nobody_is_written_to_while_they_refuse_contact(shop, chunk):
    contact, members = chunk.decisions.contact, chunk.responses
    starts = np.array([campaign.starts for campaign in shop.campaigns])[members.campaign]
    refuses = (contact.begins[members.person] < starts) & (starts <= contact.ends[members.person])
    assert not refuses.any()


def test_campaigns_without_effect_cause_nothing_and_address_the_same_people(shop, chunk):
    silent = without_effects(shop, chunk)
    assert len(silent.caused_at) == 0
    assert silent.person.tolist() == chunk.responses.person.tolist()
    assert silent.is_control.tolist() == chunk.responses.is_control.tolist()


def test_treatment_holds_for_members_of_the_arm_in_the_window(shop, chunk):
    offer = shop.campaigns[0].offer
    campaigns = [Campaign("K1", offer, 10, 12), Campaign("K2", offer, 20, 22)]
    responses = replace(
        chunk.responses,
        campaign=np.array([0, 0, 1]),
        person=np.array([0, 1, 1]),
        is_control=np.array([False, True, False]),
    )
    person, at = np.array([0, 0, 0, 1, 1]), np.array([9.9, 10.0, 12.0, 11.0, 21.9])
    found = find_treatments(campaigns, responses, person, at, days=30, people=2)
    assert found.tolist() == [-1, 0, -1, -1, 1]
