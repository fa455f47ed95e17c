"""Simulated shops that several tests look at; none changes them."""

import pytest

from ml.simulate.exports import Chunk
from ml.simulate.presets import BRAND_SHOP
from ml.simulate.shop import Part, Shop, live_chunk, open_shop, simulate_parts

SEED = 7


@pytest.fixture(scope="session")
def shop() -> Shop:
    return open_shop(BRAND_SHOP, seed=SEED)


@pytest.fixture(scope="session")
def chunk(shop) -> Chunk:
    """The lives of the first 2,000 people."""
    return live_chunk(shop, 0)


@pytest.fixture(scope="session")
def part(shop) -> Part:
    """Files and truth of 6,000 customers."""
    (only,) = simulate_parts(shop, customers=6_000)
    return only
