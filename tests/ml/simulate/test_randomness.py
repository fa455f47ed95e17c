import numpy as np

from ml.simulate.randomness import count_within, name_customers, open_stream, scramble_ids


def test_the_same_purpose_and_chunk_give_the_same_numbers():
    assert open_stream(1, "orders", 3).random(4).tolist() == open_stream(1, "orders", 3).random(4).tolist()


def test_another_seed_purpose_or_chunk_gives_other_numbers():
    keys = [(1, "orders", 0), (2, "orders", 0), (1, "consents", 0), (1, "orders", 1)]
    assert len({open_stream(*key).random() for key in keys}) == 4


def test_identifiers_are_unique_over_customers_and_things():
    customers, sequence = np.repeat(np.arange(300), 100), np.tile(np.arange(100), 300)
    assert len(set(scramble_ids("O", customers, sequence))) == 30_000


def test_identifiers_do_not_tell_the_order_in_time():
    ids = scramble_ids("O", np.zeros(50, np.int64), np.arange(50))
    assert not ids.is_sorted()


def test_identifiers_have_one_length():
    ids = scramble_ids("O", np.array([0, 9_999_999]), np.array([0, 99_999]))
    assert {len(name) for name in ids} == {14}


def test_customers_are_named_by_number():
    assert name_customers(np.array([0, 42])).to_list() == ["C0000000", "C0000042"]


def test_positions_within_groups_begin_anew():
    assert count_within(np.array([4, 4, 4, 1, 7, 7])).tolist() == [0, 1, 2, 0, 0, 1]


def test_no_groups_have_no_positions():
    assert count_within(np.empty(0, np.int64)).tolist() == []
