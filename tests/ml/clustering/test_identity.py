"""Segment identities across fits."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ml.clustering.identity import match_segments, number_segments


def test_fresh_segments_are_numbered_by_size():
    identities = number_segments(np.array([0, 1, 1, 2, 2, 2]), 3)
    assert identities.segment_ids == (3, 2, 1)
    assert identities.next_id == 4


def test_the_same_groups_keep_their_identities_under_other_cluster_numbers():
    standing = np.array([0, 0, 1, 1, 2, 2])
    identities = match_segments(np.array([2, 2, 0, 0, 1, 1]), 3, standing, (4, 7, 9), next_id=10)
    assert identities.segment_ids == (7, 9, 4)
    assert identities.next_id == 10
    assert identities.overlaps == {4: 1.0, 7: 1.0, 9: 1.0}


def test_a_new_group_gets_an_identity_that_was_never_used():
    # The old group 1 splits: four of its six members stay together and keep the identity.
    standing = np.array([0, 0, 0, 0, 0, 0, 1, 1])
    identities = match_segments(np.array([0, 0, 0, 0, 2, 2, 1, 1]), 3, standing, (1, 2), next_id=6)
    assert identities.segment_ids == (1, 2, 6)
    assert identities.next_id == 7


def test_a_group_halved_exactly_counts_as_dissolved():
    standing = np.array([0, 0, 0, 0, 1, 1])
    identities = match_segments(np.array([0, 0, 1, 1, 2, 2]), 3, standing, (1, 2), next_id=3)
    assert identities.segment_ids == (3, 4, 2)
    assert identities.overlaps == {2: 1.0}


def test_pairs_are_matched_for_the_largest_overlap_in_all():
    # New 0 overlaps old 0 best, but old 1 has nobody else; only pairs above one half are kept.
    standing = np.array([0, 0, 0, 1, 1, 1, 1, 1])
    identities = match_segments(np.array([0, 0, 0, 1, 1, 1, 1, 0]), 2, standing, (5, 6), next_id=7)
    assert identities.segment_ids == (5, 6)
    assert identities.overlaps == {5: 3 / 4, 6: 4 / 5}


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=60),
    st.integers(4, 50),
)
def test_identities_are_never_shared_and_new_ones_never_reused(pairs, next_id):
    clusters, standing = (np.array(side) for side in zip(*pairs, strict=True))
    identities = match_segments(clusters, 4, standing, (1, 2, 3), next_id=next_id)
    assert len(set(identities.segment_ids)) == 4
    new = set(identities.segment_ids) - {1, 2, 3}
    assert new == set(range(next_id, identities.next_id))
