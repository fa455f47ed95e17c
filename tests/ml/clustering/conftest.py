"""One fitted segmentation of planted customers, shared by the tests that only read it."""

import pytest

from ml.clustering.segmentation import fit_segmentation
from tests.factories import AS_OF, make_features, make_segmentation_config


@pytest.fixture(scope="package")
def planted():
    return make_features()


@pytest.fixture(scope="package")
def fit(planted):
    config = make_segmentation_config()
    return fit_segmentation(features=planted, outcomes=None, config=config, cut_off=AS_OF, previous=None, seed=1)
