"""Which number of segments is offered, chosen, kept, and how it is said."""

from dataclasses import replace

import numpy as np
import pytest

from ml.clustering.candidates import Candidate, Outcomes, compare_candidates, judge_candidates, tabulate_candidates
from ml.errors import NotEnoughDataError
from ml.evaluate.variance import VarianceExplained
from tests.factories import make_segmentation_config

CONFIG = make_segmentation_config(segments={"minimum": 2, "maximum": 4}, smallest_share=0.05)


def make_candidate(count, *, silhouette=0.3, stability=0.8, smallest=0.1, revenue=None):
    explained = None if revenue is None else VarianceExplained(share=revenue, standard_error=0.02)
    return Candidate(count, np.empty((count, 2)), silhouette, stability, stability, smallest, explained)


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
    assert judged[3].reason == "Chosen: the best separated of the stable ones."
    assert judged[2].reason == "Less well separated than 3 segments (silhouette 0.200 against 0.400)."


def test_an_unstable_number_is_not_offered_however_well_separated():
    judged = judge(make_candidate(2), make_candidate(3, silhouette=0.9, stability=0.59))
    assert chosen_of(judged) == [2]
    assert not judged[3].is_offered
    assert "overlaps 0.59 with itself in resamples (0.60 is needed)" in judged[3].reason


def test_a_number_with_a_tiny_segment_is_not_offered():
    judged = judge(make_candidate(2), make_candidate(3, silhouette=0.9, smallest=0.012))
    assert chosen_of(judged) == [2]
    assert "its smallest segment holds 1.2% of customers (5.0% is needed)" in judged[3].reason


def test_later_revenue_decides_before_separation():
    judged = judge(make_candidate(2, silhouette=0.9, revenue=0.1), make_candidate(3, revenue=0.3))
    assert chosen_of(judged) == [3]
    assert judged[2].reason == "Explains 10.0% of later revenue; the best explains 30.0%."


def test_numbers_within_one_standard_error_are_equals_and_separation_decides():
    judged = judge(make_candidate(2, silhouette=0.9, revenue=0.285), make_candidate(3, revenue=0.3))
    assert chosen_of(judged) == [2]


def test_a_standing_number_of_segments_is_kept_among_equals():
    judged = judge(make_candidate(2, silhouette=0.9), make_candidate(3), standing_count=3)
    assert chosen_of(judged) == [3]
    assert judged[3].reason.startswith("Kept: the standing number of segments")
    assert judged[2].reason == "Does not do clearly better than the standing 3 segments."


def test_a_standing_number_that_is_no_longer_stable_goes():
    judged = judge(make_candidate(2), make_candidate(3, stability=0.3), standing_count=3)
    assert chosen_of(judged) == [2]


def test_without_any_offer_the_most_stable_is_used_and_says_so():
    judged = judge(make_candidate(2, stability=0.4), make_candidate(3, stability=0.5))
    assert chosen_of(judged) == [3]
    assert not judged[3].is_offered
    assert judged[3].reason.endswith("no number of segments can be offered.")


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


def test_fewer_kinds_of_customers_than_segments_are_reported():
    points = np.repeat([[0.0, 1.0], [1.0, 0.0]], 50, axis=0)
    with pytest.raises(NotEnoughDataError, match="100 customers of 2 different kinds cannot form 2 segments"):
        compare_candidates(points, None, CONFIG, seed=1)


def test_numbers_above_the_kinds_of_customers_are_not_tried():
    points = np.repeat([[0.0, 1.0], [1.0, 0.0], [5.0, 5.0], [9.0, 0.0]], 25, axis=0)
    wide = replace(CONFIG, segments=replace(CONFIG.segments, maximum=8))
    assert [c.segment_count for c in compare_candidates(points, None, wide, seed=1)] == [2, 3]
