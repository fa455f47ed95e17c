"""Revenue, orders and customers on every as-of date, against a dictionary of orders."""

import shutil
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.loading.load import load_sources
from dagster_project.loading.raw_schema import create_raw_schema
from dagster_project.loading.read_sources import read_sources
from tests.dbt.random_orders import RandomShop, write_source
from tests.dbt.warehouses import Workshop, read

SHOPS_AT_ONCE = 6


def load_shops(folder: Path, seeds: range) -> tuple[Path, list[RandomShop]]:
    """A warehouse with all nights of some shops, loaded one after the other."""
    shops = [RandomShop(seed) for seed in seeds]
    loads = [shop.deliver(folder / "deliveries") for shop in shops][0]
    source, warehouse = write_source(folder), folder / "warehouse.duckdb"
    (folder / "files").mkdir()
    with duckdb.connect(str(warehouse)) as connection:
        create_raw_schema(connection)
        for night, loaded_at in enumerate(loads):
            for file in (folder / "deliveries" / f"{night:02}").iterdir():
                shutil.copy(file, folder / "files")
            load_sources(connection, read_sources(source), loaded_at=loaded_at, load_id=f"night-{night}")
    return warehouse, shops


def expect(shops: list[RandomShop], day: date) -> dict[str, tuple[int, Decimal]]:
    """Orders and revenue by customer, of the orders that had been placed and were known by the end of a day."""
    orders: Counter[str] = Counter()
    revenue: Counter[str] = Counter()
    for shop in shops:
        for record in shop.records.values():
            order = record.known_by(day)
            if order is not None and order.day <= day and order.revenue is not None:
                orders[order.customer_id] += 1
                revenue[order.customer_id] += order.revenue
    return {customer: (count, Decimal(revenue[customer])) for customer, count in orders.items()}


def compare(workshop: Workshop, folder: Path, seeds: range) -> None:
    warehouse, shops = load_shops(folder, seeds)
    built = workshop.build(warehouse, select=("+int_order_features",))
    query = "select as_of_date, customer_id, order_count, net_revenue from intermediate.int_order_features"
    found: dict[date, dict[str, tuple[int, Decimal]]] = {}
    for day, customer, count, amount in read(built, query).rows():
        found.setdefault(day, {})[customer] = (count, amount)
    assert len(found) >= 3
    for day, customers in found.items():
        assert customers == expect(shops, day), f"as of {day}"


def test_revenue_orders_and_customers_are_those_of_a_dictionary_of_orders(workshop, tmp_path):
    compare(workshop, tmp_path, range(SHOPS_AT_ONCE))


@pytest.mark.soak
@pytest.mark.parametrize("first", range(100, 100 + 20 * SHOPS_AT_ONCE, SHOPS_AT_ONCE))
def test_many_more_shops_are_those_of_a_dictionary_of_orders(workshop, tmp_path, first):
    compare(workshop, tmp_path, range(first, first + SHOPS_AT_ONCE))
