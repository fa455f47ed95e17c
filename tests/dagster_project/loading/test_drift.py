"""Schema drift: whatever an export becomes from one day to the next is named before anything is published.

The day before is loaded first. Then the changed file is either refused, with the column or the line named and nothing
stored, or loaded with its change in the report, and then every value is the one that an unchanged file would have
brought: no value that is there becomes an empty one without a word.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.loading.columns import Kind
from dagster_project.loading.contract import TABLES
from dagster_project.loading.errors import LoadError, SourceError
from tests.dagster_project.loading.conftest import OpenShop, Shop
from tests.dagster_project.loading.drift import MUTATORS, Sheet, Target
from tests.dagster_project.loading.good_rows import describe_table, make_rows

ROWS = 12
FORMATS = ("csv", "jsonl", "parquet")


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
                shop.load()
                stored = _values(shop, case.table_name)
                shop.connection.execute("checkpoint")
                shutil.copytree(shop.folder, folder, dirs_exist_ok=True)
                shop.write(f"day2.{case.after.ending}", case.after.write())
                shop.load()
                eves[name] = Eve(folder, stored, _values(shop, case.table_name))
        return eves[name]

    return make


def _cases() -> list[Any]:
    """Every table in one format, and some in all; `make soak` tries all of them in all formats."""
    cases = []
    for mutator, config in MUTATORS.items():
        for place, table in enumerate(TABLES):
            for ending in config.endings:
                is_short = table == "orders" or ending == config.endings[place % len(config.endings)]
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
        assert any(fragment in outcome for fragment in _FRAGMENTS.get(mutator, (case.target.mapped,))), outcome
        assert values == eve.stored
        return True
    named = MUTATORS[mutator].named or f"{case.target.mapped} holds"
    assert any(change.startswith(f"{file.name}: ") and named in change for change in outcome), outcome
    if mutator in ("retyped column", "nullable column"):
        assert _count_empty(values) == _count_empty(eve.expected) + (mutator == "nullable column")
    else:
        assert values == eve.expected
    return False


def _try_load(shop: Shop, table_name: str) -> str | tuple[str, ...]:
    """What the report says has changed, or why the load was refused."""
    try:
        report = shop.load()
    except (LoadError, SourceError) as error:
        return str(error)
    return next(load.changes for load in report.tables if load.table_name == table_name)


_FRAGMENTS = {
    "other encoding": ("bytes are not in the file's encoding",),
    "empty header": ("does not have; its columns are column_1", "the same but for case", "key '' is given twice"),
}


def _orders(table_name: str) -> dict[str, Any]:
    columns = {"order_id": "id", "customer_id": "customer", "ordered_at": "day"}
    needed = table_name not in ("orders", "order_lines")
    return {"orders": {"files": "orders_of_the_test.txt", "columns": columns}} if needed else {}


def _values(shop: Shop, table_name: str) -> list[tuple[Any, ...]]:
    return sorted(shop.rows(f"select {', '.join(TABLES[table_name].column_names)} from raw.{table_name}"), key=repr)


def _count_empty(rows: list[tuple[Any, ...]]) -> int:
    return sum(value is None for row in rows for value in row)
