"""Compares what two warehouses say of the same as-of dates, and builds anew only what a changed model reaches."""

import shutil
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from tests.dbt.warehouses import FEATURES, CompiledModel, read

KEY = ["customer_id", "as_of_date"]


def list_differences(warehouse: Path, other: Path, *, through: date) -> dict[str, list[str]]:
    """Customers of whom the two say something else up to a date, by feature; `row` where one has none of them.

    As-of dates that only one of them has are left out: a month is looked at when anybody is known to have ordered in
    it, and a late order may be the first. Raises AssertionError where ``through`` itself cannot be compared.
    """
    features, others = (
        read(path, f"select * from {FEATURES} where as_of_date <= date '{through}'").drop("is_current")
        for path in (warehouse, other)
    )
    features, others = (
        one.join(another, on="as_of_date", how="semi") for one, another in ((features, others), (others, features))
    )
    assert through in features["as_of_date"], f"there are no features as of {through} to compare"
    keys, other_keys = features.select(KEY), others.select(KEY)
    unpaired = [keys.join(other_keys, on=KEY, how="anti"), other_keys.join(keys, on=KEY, how="anti")]
    differences = {"row": pl.concat(unpaired)}
    both = features.join(others, on=KEY, how="inner", suffix=" of the other")
    for feature in features.columns:
        if feature not in KEY:
            differences[feature] = both.filter(pl.col(feature).ne_missing(pl.col(f"{feature} of the other")))
    return {feature: sorted(set(rows["customer_id"].to_list())) for feature, rows in differences.items() if rows.height}


def describe(differences: dict[str, list[str]]) -> str:
    """A line a feature: how many customers, and the first three."""
    return "\n".join(
        f"{feature}: {len(customers)} customers, e.g. {customers[:3]}" for feature, customers in differences.items()
    )


def with_change(
    warehouse: Path,
    folder: Path,
    compiled: Sequence[CompiledModel],
    model_name: str,
    change: Callable[[str], str],
) -> Path:
    """A copy of a built warehouse in ``folder``: one model runs other SQL, and all that reads it is built again."""
    # The compiled SQL names the database, which is called after its file.
    target = folder / warehouse.name
    shutil.copy(warehouse, target)
    changed: list[str] = []
    with duckdb.connect(str(target)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        for model in compiled:
            if model.name == model_name:
                sql = change(model.sql)
                assert sql != model.sql, f"{model_name} does not say what the test would change"
            elif any(relation in model.sql for relation in changed):
                sql = model.sql
            else:
                continue
            changed.append(model.relation)
            connection.execute(f"create or replace {model.kind} {model.relation} as {sql}")
    return target
