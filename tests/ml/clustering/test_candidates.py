"""Which number of segments is offered, chosen, kept, and how it is said."""

from dataclasses import replace

import numpy as np
import pytest

from ml.clustering.candidates import Candidate, Outcomes, compare_candidates, judge_candidates, tabulate_candidates
from ml.evaluate.variance import VarianceExplained
from tests.factories import make_segmentation_config

CONFIG = make_segmentation_config(segments={"minimum": 2, "maximum": 4}, smallest_share=0.05)


def make_candidate(count, *, silhouette=0.3, stability=0.8, smallest=0.1, revenue=None, customers=1_000):
    explained = None if revenue is None else VarianceExplained(share=revenue, standard_error=0.02)
    return Candidate(
        segment_count=count,
        centroids=np.empty((count, 2)),
        silhouette=silhouette,
        stability_mean=stability,
        stability_min=stability,
        smallest_share=smallest,
        smallest_customers=round(smallest * customers),
        revenue=explained,
    )


def judge(*candidates, standing_count=0):
    return {judged.segment_count: judged for judged in judge_candidates(candidates, CONFIG, standing_count)}


def chosen_of(judged):
    return [count for count, candidate in judged.items() if candidate.is_chosen]


@pytest.fixture
def three_groups():
    generator = np.random.default_rng(1)
    return np.vstack([generator.normal(centre, 0.5, (40, 2)) for centre in ((0, 0), (9, 0), (0, 9))])


def test_the_best_separated_of_the_offered_is_chosen():
    judged = judge(make_candidate(2, silhouette=0.2), make_candidate(3, silhouette=0.4))
    assert chosen_of(judged) == [3]
    assert judged[3].reason == (
        "Chosen: of the numbers that can be offered, 3 segments are the most clearly separated."
    )
    assert judged[2].reason == ("Its segments are less clearly separated than with 3 (silhouette 0.200 against 0.400).")


def test_an_unstable_number_is_not_offered_however_well_separated():
    judged = judge(make_candidate(2), make_candidate(3, silhouette=0.9, stability=0.59))
    assert chosen_of(judged) == [2]
    assert not judged[3].is_offered
    assert judged[3].reason == (
        "Not offered: its least stable segment overlaps only 59.0 % with itself when the customers are drawn again "
        "(60.0 % is needed)."
    )
    assert judged[2].reason == "Chosen: no other number than 2 can be offered."


def test_a_figure_just_below_its_bar_is_told_with_the_digits_that_show_it():
    judged = judge(make_candidate(2), make_candidate(3, stability=0.59996), make_candidate(4, smallest=0.0499))
    assert "only 59.996 % with itself" in judged[3].reason
    assert "only 4.99 % of the customers (5.0 % is needed)" in judged[4].reason


def test_a_number_with_a_segment_of_a_handful_of_customers_is_not_offered():
    judged = judge(make_candidate(2), make_candidate(3, silhouette=0.9, customers=290))
    assert chosen_of(judged) == [2]
    assert judged[3].reason == "Not offered: its smallest segment has only 29 customers (30 are needed)."


def test_a_segment_of_exactly_the_fewest_customers_is_offered():
    assert judge(make_candidate(2, customers=300))[2].is_offered


def test_a_number_with_a_segment_of_a_handful_of_customers_is_not_used_without_an_offer_either():
    judged = judge(make_candidate(2, stability=0.3), make_candidate(3, stability=0.5, customers=290))
    assert chosen_of(judged) == [2]
    assert chosen_of(judge(make_candidate(3, stability=0.5, customers=290))) == []


def test_a_number_with_a_tiny_segment_is_not_offered():
    judged = judge(make_candidate(2), make_candidate(3, silhouette=0.9, smallest=0.012))
    assert chosen_of(judged) == [2]
    assert "its smallest segment holds only 1.2 % of the customers (5.0 % is needed)" in judged[3].reason


def test_later_revenue_decides_before_separation():
    judged = judge(make_candidate(2, silhouette=0.9, revenue=0.1), make_candidate(3, revenue=0.3))
    assert chosen_of(judged) == [3]
    assert judged[3].reason == (
        "Chosen: of the numbers that can be offered, 3 segments explain later revenue clearly best."
    )
    assert judged[2].reason == "Explains 10.0 % of the differences in later revenue; the best number explains 30.0 %."


def test_numbers_within_one_standard_error_are_equals_and_separation_decides():
    judged = judge(make_candidate(2, silhouette=0.9, revenue=0.285), make_candidate(3, revenue=0.3))
    assert chosen_of(judged) == [2]
    assert judged[2].reason == (
        "Chosen: several numbers of segments explain later revenue about equally well; "
        "of these, 2 are the most clearly separated."
    )


def test_a_standing_number_of_segments_is_kept_among_equals():
    judged = judge(make_candidate(2, silhouette=0.9), make_candidate(3), standing_count=3)
    assert chosen_of(judged) == [3]
    assert judged[3].reason == "Kept: there have been 3 segments so far, and no other number does clearly better."
    assert judged[2].reason == "Does not do clearly better than the 3 segments there have been so far."


def test_a_standing_number_that_is_no_longer_stable_goes():
    judged = judge(make_candidate(2), make_candidate(3, stability=0.3), standing_count=3)
    assert chosen_of(judged) == [2]


def test_without_any_offer_the_most_stable_is_used_and_says_so():
    judged = judge(make_candidate(2, stability=0.4), make_candidate(3, stability=0.5))
    assert chosen_of(judged) == [3]
    assert not judged[3].is_offered
    assert judged[3].reason.endswith("no number of segments can be offered, and this is the most stable.")


def test_planted_groups_are_counted(three_groups):
    candidates = compare_candidates(three_groups, None, CONFIG, seed=1)
    assert chosen_of({candidate.segment_count: candidate for candidate in candidates}) == [3]


def test_the_table_has_one_row_a_number_and_one_choice(three_groups):
    outcomes = Outcomes(points=three_groups, revenue=np.repeat([1.0, 5.0, 9.0], 40))
    table = tabulate_candidates(compare_candidates(three_groups, outcomes, CONFIG, seed=1))
    assert table["segment_count"].to_list() == [2, 3, 4]
    assert table["is_chosen"].sum() == 1
    assert table["revenue_variance_explained"][1] == pytest.approx(1.0)


def test_standing_segments_are_carried_on_while_a_fresh_fit_is_no_tighter(three_groups):
    standing = np.repeat([2, 0, 1], 40)
    fresh = compare_candidates(three_groups, None, CONFIG, seed=1)[1]
    continued = compare_candidates(three_groups, None, CONFIG, standing=standing, seed=1)[1]
    assert fresh.centroids.tobytes() == continued.centroids.tobytes()


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        (np.repeat([[0.0, 1.0], [1.0, 0.0]], 50, axis=0), "the customers are of only 2 different kinds, too few for 2"),
        (np.zeros((59, 2)), "2 segments of at least 30 customers need 60 customers, and 59 can be segmented."),
        (np.arange(100.0)[:, None], "only one feature tells the customers apart, and 2 are needed."),
        (np.empty((100, 0)), "no feature tells the customers apart, and 2 are needed."),
    ],
)
def test_customers_who_cannot_be_told_apart_are_one_segment_with_the_reason(points, reason):
    (everyone,) = compare_candidates(points, None, CONFIG, seed=1)
    assert (everyone.segment_count, everyone.is_chosen, everyone.is_offered) == (1, True, False)
    assert everyone.reason.startswith(f"All customers are one segment: {reason}")
    np.testing.assert_array_equal(everyone.centroids, points.mean(axis=0, keepdims=True))


def test_a_handful_beside_everyone_else_leaves_one_segment_and_keeps_the_figures(three_groups):
    points = np.vstack([three_groups[:40], three_groups[40:45]])
    candidates = compare_candidates(points, None, replace(CONFIG, smallest_customers=20), seed=1)
    assert [(one.segment_count, one.is_chosen) for one in candidates] == [(1, True), (2, False)]
    assert candidates[0].reason == (
        "All customers are one segment: however they are split, some segment has fewer than 20 customers."
    )
    assert "has only 5 customers (20 are needed)" in candidates[1].reason
    assert tabulate_candidates(candidates)["segment_count"].to_list() == [1, 2]


def test_numbers_that_the_customers_cannot_fill_are_not_tried(three_groups):
    candidates = compare_candidates(three_groups, None, replace(CONFIG, smallest_customers=40), seed=1)
    assert [candidate.segment_count for candidate in candidates] == [2, 3]


def test_numbers_above_the_kinds_of_customers_are_not_tried():
    points = np.repeat([[0.0, 1.0], [1.0, 0.0], [5.0, 5.0], [9.0, 0.0]], 25, axis=0)
    wide = replace(CONFIG, segments=replace(CONFIG.segments, maximum=8), smallest_customers=1)
    assert [c.segment_count for c in compare_candidates(points, None, wide, seed=1)] == [2, 3]
