"""One simulated shop and its labelled rows, shared by the tests that only read them."""

import pytest

from ml.supervised.labels import label_rows
from tests.factories import make_history


@pytest.fixture(scope="package")
def shop():
    return make_history()


@pytest.fixture(scope="package")
def labelled(shop):
    return label_rows(shop.features, shop.labels, horizon_days=28, known_on=shop.as_of_dates[-1])
