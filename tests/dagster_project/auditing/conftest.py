import pytest

from tests.dagster_project.auditing.planted import Found, Frames, audit, clean_shop


@pytest.fixture(scope="session")
def shop() -> Frames:
    return clean_shop()


@pytest.fixture(scope="session")
def clean(shop: Frames) -> Found:
    """The audit of the shop as it is."""
    return audit(shop)
