"""dbt's own unit tests, and its data tests on a shop without a single row and on one with late ones."""

from pathlib import Path
from typing import Any

import pytest

from tests.dbt.warehouses import ALL_MARTS, Workshop

# The published tables need what the models of ml wrote.
BEFORE_SCORING = ("--exclude", "source:segmentation+")


@pytest.fixture(scope="module")
def without_rows(workshop: Workshop) -> Path:
    """All tables, empty: unit tests take only the columns from them."""
    return workshop.build(workshop.load(), select=ALL_MARTS)


def read_statuses(results: Any) -> set[str]:
    return {str(result.status) for result in results.results}


def test_unit_tests_of_all_models_pass(workshop, without_rows):
    results = workshop.dbt("test", without_rows, select=["test_type:unit"])
    assert len(results.results) > 60
    assert read_statuses(results) == {"pass"}


@pytest.mark.parametrize("warehouse", ["without_rows", "after_both_loads"])
def test_data_tests_pass(request, workshop, warehouse):
    built = request.getfixturevalue(warehouse)
    results = workshop.dbt("test", built, select=["test_type:data"], options=BEFORE_SCORING)
    assert len(results.results) > 40
    assert read_statuses(results) == {"pass"}
