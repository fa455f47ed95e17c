"""Schema drift: whatever an export becomes from one day to the next is named before anything is published.

The day before is loaded first. Then the changed file is either refused, with the column or the line named and nothing
stored, or loaded with its change in the report, and then every value is the one that an unchanged file would have
brought: no value that is there becomes an empty one without a word.
"""

import csv
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest
import yaml

import dagster_project
from dagster_project.loading.columns import Kind
from dagster_project.loading.contract import TABLES
from dagster_project.loading.errors import LoadError, SourceError
from dagster_project.simulate_shop import main as simulate
from tests.dagster_project.loading.conftest import OpenShop, Shop
from tests.dagster_project.loading.drift import MUTATORS, Sheet, Target
from tests.dagster_project.loading.good_rows import describe_table, make_rows

ROWS = 12
# After the newest day of every source.
LOADED_AT = datetime(2026, 11, 1)
SOURCES = Path(dagster_project.__file__).parent / "sources"
SHARED_DATA = SOURCES.parents[1].parent / "shared" / "data"


@dataclass(frozen=True)
class Case:
    """A mapping of one table with the file of one day and that of the next, and the columns that are changed."""

    table_name: str
    mapping: dict[str, Any]
    source: dict[str, Any]
    before: Sheet
    after: Sheet
    target: Target


@dataclass(frozen=True)
class Eve:
    """A warehouse on the eve of the change: its folder, what is stored, and what an unchanged file would add to it."""

    folder: Path
    stored: list[tuple[Any, ...]]
    expected: list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def eve_of(open_shop: OpenShop, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[], Case]], Eve]:
    """The eve of a case by its name, made once: it costs more than what is done with it."""
    eves: dict[str, Eve] = {}

    def make(name: str, make_case: Callable[[], Case]) -> Eve:
        if name not in eves:
            case, folder = make_case(), tmp_path_factory.mktemp("eve")
            with open_shop() as shop:
                shop.describe({case.table_name: case.mapping} | _orders(case.table_name), **case.source)
                shop.write("orders_of_the_test.txt", "id,customer,day\n1,c,2016-01-01\n")
                shop.write(f"day1.{case.before.ending}", case.before.write())
                shop.load(at=LOADED_AT)
                stored = _values(shop, case.table_name)
                shop.connection.execute("checkpoint")
                shutil.copytree(shop.folder, folder, dirs_exist_ok=True)
                shop.write(f"day2.{case.after.ending}", case.after.write())
                shop.load(at=LOADED_AT)
                eves[name] = Eve(folder, stored, _values(shop, case.table_name))
        return eves[name]

    return make


def _cases() -> list[Any]:
    """Every mutator on a third of the tables, and on orders in all formats; `make soak` tries all in all formats."""
    cases = []
    for number, (mutator, config) in enumerate(MUTATORS.items()):
        for place, table in enumerate(TABLES):
            for ending in config.endings:
                is_turn = (place + number) % 3 == 0 and ending == config.endings[place % len(config.endings)]
                is_short = table == "orders" or is_turn
                marks = () if is_short else pytest.mark.soak
                cases.append(pytest.param(mutator, table, ending, id=f"{mutator}-{table}-{ending}", marks=marks))
    return cases


@pytest.mark.parametrize(("mutator", "table_name", "ending"), _cases())
def test_a_changed_file_is_named_and_no_value_is_lost(eve_of, tmp_path, mutator, table_name, ending):
    case = _generated(table_name, ending)
    eve = eve_of(f"{table_name}.{ending}", lambda: case)
    # E-mail events have no column that a row may lack.
    is_refusable = MUTATORS[mutator].named is None or (mutator == "nullable column" and case.target.optional is None)
    assert _judge(eve, case, tmp_path, mutator) == is_refusable


def _generated(table_name: str, ending: str) -> Case:
    table = TABLES[table_name]
    rows = [tuple(row.values()) for row in make_rows(table, 2 * ROWS)]
    optional = [name for name in table.column_names if name not in table.key + table.required + table.any_of]
    numbers = [column.name for column in table.columns if column.kind not in (Kind.TEXT, Kind.JSON, Kind.BOOLEAN)]
    return Case(
        table_name=table_name,
        mapping=describe_table(table, ending) | {"files": f"*.{ending}"},
        source={"max_rejected_share": 0.02},
        before=Sheet(table.column_names, tuple(rows[:ROWS]), ending),
        after=Sheet(table.column_names, tuple(rows[ROWS:]), ending),
        target=Target(numbers[0], optional[-1] if optional else None),
    )


def _judge(eve: Eve, case: Case, folder: Path, mutator: str) -> bool:
    """Load the changed file and look at what came of it; whether it was refused."""
    shutil.copytree(eve.folder, folder, dirs_exist_ok=True)
    changed = MUTATORS[mutator].change(case.after, case.target)
    with duckdb.connect(str(folder / "warehouse.duckdb"), config={"threads": 1}) as connection:
        shop = Shop(folder, connection)
        file = shop.write(f"day2.{changed.ending}", changed.write())
        outcome = _try_load(shop, case.table_name)
        values = _values(shop, case.table_name)
    if isinstance(outcome, str):
        assert file.name in outcome
        assert any(fragment in outcome for fragment in _FRAGMENTS.get(mutator, _names_of_target(case))), outcome
        assert values == eve.stored
        return True
    named = MUTATORS[mutator].named or f"{case.target.mapped} holds"
    assert any(change.startswith(f"{file.name}: ") and named in change for change in outcome), outcome
    if mutator in ("retyped column", "nullable column"):
        emptied = _emptied_columns(values) - _emptied_columns(eve.expected)
        assert len(emptied) <= (mutator == "nullable column")
    else:
        assert values == eve.expected
    return False


def _try_load(shop: Shop, table_name: str) -> str | tuple[str, ...]:
    """What the report says has changed, or why the load was refused."""
    try:
        report = shop.load(at=LOADED_AT)
    except (LoadError, SourceError) as error:
        return str(error)
    return next(load.changes for load in report.tables if load.table_name == table_name)


_FRAGMENTS = {
    "other encoding": ("bytes are not in the encoding of the file",),
    "empty header": ("does not have; its columns are column_1", "the same but for case", "key '' is given twice"),
}


def _orders(table_name: str) -> dict[str, Any]:
    columns = {"order_id": "id", "customer_id": "customer", "ordered_at": "day"}
    needed = table_name not in ("orders", "order_lines")
    return {"orders": {"files": "orders_of_the_test.txt", "columns": columns}} if needed else {}


def _values(shop: Shop, table_name: str) -> list[tuple[Any, ...]]:
    return sorted(shop.rows(f"select {', '.join(TABLES[table_name].column_names)} from raw.{table_name}"), key=repr)


def _emptied_columns(rows: list[tuple[Any, ...]]) -> set[int]:
    return {place for row in rows for place, value in enumerate(row) if value is None}


def _names_of_target(case: Case) -> list[str]:
    """The changed column, and what the contract calls that which is made from it."""
    made = [name for name, expression in case.mapping["columns"].items() if case.target.mapped in expression]
    return [case.target.mapped, *(f"{name} '" for name in made), *(f"{name} is missing" for name in made)]


# Of every table the column that is changed, and one that a row may lack.
SHIPPED = {
    "complete_journey": {
        "customers": Target("household_id", "age"),
        "order_lines": Target("transaction_timestamp", "coupon_disc"),
        "products": Target("product_id", "brand"),
        "campaigns": Target("start_date", "campaign_type"),
        "campaign_members": Target("campaign_id", None),
        "coupon_redemptions": Target("redemption_date", "coupon_upc"),
    },
    "online_retail": {
        "customers": Target("Customer ID", "Country"),
        "order_lines": Target("InvoiceDate", "Customer ID"),
    },
    "cdnow": {"orders": Target("dollar_value", None)},
    "incident_event_log": {"support_tickets": Target("opened_at", "category")},
    "simulated_shop": {
        "customers": Target("created_at", "age_band"),
        "orders": Target("ordered_at", "channel"),
        "order_lines": Target("quantity", "unit_price"),
        "products": Target("list_price", "brand"),
        "campaigns": Target("started_at", None),
        "campaign_members": Target("assigned_at", "arm"),
        "coupon_redemptions": Target("redeemed_at", "coupon_code"),
        "consents": Target("occurred_at", "source"),
    },
}


def _shipped_cases() -> list[Any]:
    # All text of the simulated shop is ASCII, which is the same in either encoding.
    mutators = {name: config for name, config in MUTATORS.items() if name != "other encoding"}
    return [
        pytest.param(mutator, name, table, id=f"{mutator}-{name}-{table}")
        for mutator, config in mutators.items()
        for name, tables in SHIPPED.items()
        for table in tables
        if ("csv" if (name, table) == ("simulated_shop", "orders") else "parquet") in config.endings
    ]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a small simulated shop."""
    folder = tmp_path_factory.mktemp("simulated") / "files"
    assert simulate(["--customers", "150", "--folder", str(folder)]) == 0
    return folder


@pytest.mark.parametrize(("mutator", "source_name", "table_name"), _shipped_cases())
def test_a_changed_file_of_a_shipped_source_is_named(eve_of, simulated, tmp_path, mutator, source_name, table_name):
    source = yaml.safe_load((SOURCES / f"{source_name}.yml").read_text())
    path = _find_file(source, table_name, simulated)
    case = _shipped(source, table_name, path)
    _judge(eve_of(f"{source_name}.{table_name}", lambda: case), case, tmp_path, mutator)


def _find_file(source: dict[str, Any], table_name: str, simulated: Path) -> Path:
    folder = simulated if source["name"] == "simulated_shop" else SHARED_DATA
    if source["folder"].startswith("package:"):
        spec = find_spec(source["folder"].removeprefix("package:").partition("/")[0])
        folder = Path(spec.submodule_search_locations[0]) / "data"
    patterns = source["tables"][table_name]["files"]
    found = sorted(folder.glob(patterns if isinstance(patterns, str) else patterns[0]))
    if not found:
        pytest.skip(f"{patterns} is not here: the real data lie beside the repository")
    return found[0]


def _shipped(source: dict[str, Any], table_name: str, path: Path) -> Case:
    """Two days of a real file, some rows each, under the shipped mapping."""
    ending = path.suffix.removeprefix(".")
    if ending == "csv":
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = islice(csv.reader(file), 2 * ROWS)
    else:
        batch = next(pq.ParquetFile(path).iter_batches(batch_size=2 * ROWS))
        header, rows = batch.schema.names, [tuple(row.values()) for row in batch.to_pylist()]
    middle = len(rows) // 2
    return Case(
        table_name=table_name,
        mapping=source["tables"][table_name] | {"files": f"*.{ending}"},
        source={key: source[key] for key in ("time_zone", "currency")} | {"max_rejected_share": 0.02},
        before=Sheet(tuple(header), tuple(map(tuple, rows[:middle])), ending),
        after=Sheet(tuple(header), tuple(map(tuple, rows[middle:])), ending),
        target=SHIPPED[source["name"]][table_name],
    )
