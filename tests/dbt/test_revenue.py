"""The data test of revenue passes on sound tables and fails on tables that lost or gained money."""

import shutil
from pathlib import Path

import duckdb
import pytest

from dagster_project.dbt_build import DbtError

REVENUE_TEST = ("revenue_is_equal_from_files_to_features",)


@pytest.fixture
def warehouse(tmp_path: Path, after_both_loads: Path) -> Path:
    """A copy that a test may break."""
    return Path(shutil.copy(after_both_loads, tmp_path / "warehouse.duckdb"))


def change(warehouse: Path, statement: str) -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(statement)


def test_sound_tables_pass(workshop, warehouse):
    results = workshop.dbt("test", warehouse, select=REVENUE_TEST)
    assert [str(result.status) for result in results.results] == ["pass"]


@pytest.mark.parametrize(
    "statement",
    [
        "delete from marts.fct_orders where order_id = (select min(order_id) from marts.fct_orders)",
        "insert into marts.fct_orders select * from marts.fct_orders limit 1",
        "update marts.fct_customer_features set net_revenue = net_revenue + 0.0001 where customer_id = 'c01'",
        "delete from marts.fct_customer_features where is_current and customer_id = 'c01'",
    ],
    ids=["an order is lost", "an order is doubled", "a hundredth of a cent appears", "a customer is lost"],
)
def test_tables_with_other_revenue_fail(workshop, warehouse, statement):
    change(warehouse, statement)
    with pytest.raises(DbtError, match="revenue_is_equal_from_files_to_features"):
        workshop.dbt("test", warehouse, select=REVENUE_TEST)
