import numpy as np
import pytest

from ml.simulate.devices import draw_devices, name_devices


def test_everyone_has_a_main_browser_of_the_kind_they_order_with(chunk):
    devices = chunk.devices
    assert np.array_equal(devices.person[devices.first], np.arange(len(chunk.people)))
    assert np.array_equal(devices.kind[devices.first], chunk.people.device)
    assert np.array_equal(np.bincount(devices.person), devices.count)


def test_a_shared_browser_is_the_main_one_of_somebody_else(chunk):
    devices = chunk.devices
    shared = np.flatnonzero(devices.owner != devices.person)
    assert len(shared) > 5
    assert np.array_equal(devices.owner[shared], devices.person[shared] ^ 1)
    source = devices.first[devices.owner[shared]]
    for column in ("kind", "has_gpc", "refuses", "hours_off"):
        assert np.array_equal(getattr(devices, column)[shared], getattr(devices, column)[source])
    names = name_devices(chunk.people.number[devices.owner], devices.sequence)
    assert names.n_unique() == len(names) - len(shared)


def test_a_browser_with_global_privacy_control_is_not_asked(chunk):
    devices = chunk.devices
    assert devices.has_gpc.any()
    assert not (devices.has_gpc & devices.is_asked).any()
    assert not (devices.refuses & ~devices.is_asked).any()


def test_most_visits_are_with_the_main_browser(chunk):
    person = np.repeat(np.flatnonzero(chunk.devices.count >= 2)[:200], 50)
    chosen = chunk.devices.choose(person, 0.65, np.random.default_rng(0))
    assert np.array_equal(chunk.devices.person[chosen], person)
    assert (chosen == chunk.devices.first[person]).mean() == pytest.approx(0.65, abs=0.02)


def test_the_same_seed_gives_the_same_browsers(shop, chunk):
    again = draw_devices(chunk.people, shop.preset, seed=shop.seed, chunk=0)
    assert all(np.array_equal(column, getattr(again, name)) for name, column in vars(chunk.devices).items())
