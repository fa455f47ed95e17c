"""A small shop on disk and an empty warehouse in memory, for tests that load files."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from dagster_project.loading.load import load_sources
from dagster_project.loading.raw_schema import create_raw_schema
from dagster_project.loading.read_sources import read_sources
from dagster_project.loading.report import LoadReport, TableLoad

FIRST_LOAD_AT = datetime(2024, 6, 1, 2, 0)

ORDERS = {
    "files": "orders*.csv",
    "columns": {"order_id": "id", "customer_id": "customer", "ordered_at": "day", "net_amount": "amount"},
}


class Shop:
    """Files, the YAML that describes them, and the warehouse they are loaded into."""

    def __init__(self, folder: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.folder = folder
        self.connection = connection
        self._loads = 0

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def describe(self, tables: dict[str, Any], *, name: str = "shop", **keys: Any) -> Path:
        document = {
            "name": name,
            "title": "Shop",
            "folder": "files",
            "time_zone": "UTC",
            "currency": "EUR",
            "max_rejected_share": 1.0,
            "tables": tables,
        }
        path = self.folder / f"{name}.yml"
        path.write_text(yaml.safe_dump(document | keys, allow_unicode=True), encoding="utf-8")
        return path

    def load(self, *, at: datetime | None = None) -> LoadReport:
        self._loads += 1
        loaded_at = at or FIRST_LOAD_AT + timedelta(days=self._loads - 1)
        return load_sources(
            self.connection, read_sources(self.folder), loaded_at=loaded_at, load_id=f"load-{self._loads}"
        )

    def load_orders(self, rows: str, *, file: str = "orders.csv", at: datetime | None = None) -> TableLoad:
        """Load one CSV file of orders (id,customer,day,amount) written with ``rows`` as its content."""
        self.write(file, "id,customer,day,amount\n" + rows)
        if not (self.folder / "shop.yml").exists():
            self.describe({"orders": ORDERS})
        return self.load(at=at).tables[0]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(query).fetchall()


OpenShop = Callable[[], AbstractContextManager[Shop]]


@pytest.fixture(scope="session")
def open_shop(tmp_path_factory: pytest.TempPathFactory) -> OpenShop:
    """Opens a new shop; its empty tables are copied, because making them costs more than most tests."""
    template = tmp_path_factory.mktemp("warehouse") / "empty.duckdb"
    with duckdb.connect(str(template)) as opened:
        create_raw_schema(opened)

    @contextmanager
    def open_one() -> Iterator[Shop]:
        folder = tmp_path_factory.mktemp("shop")
        path = shutil.copy(template, folder / "warehouse.duckdb")
        with duckdb.connect(str(path), config={"threads": 1}) as connection:
            yield Shop(folder, connection)

    return open_one


@pytest.fixture
def shop(open_shop: OpenShop) -> Iterator[Shop]:
    with open_shop() as opened:
        yield opened


@pytest.fixture
def connection(shop: Shop) -> duckdb.DuckDBPyConnection:
    return shop.connection
