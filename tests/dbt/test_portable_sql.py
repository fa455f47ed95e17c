"""The models keep to the SQL that DuckDB, PostgreSQL and Spark understand alike.

Checked in the compiled SQL, without what dbt's adapter for DuckDB writes for dbt's own macros: another
adapter writes its own.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError
from sqlglot.optimizer.qualify import qualify

from tests.dbt.warehouses import CompiledModel, Workshop, read

# Functions that one of the engines lacks, or that mean another thing there.
FORBIDDEN_FUNCTIONS = {
    "any_value", "approx_count_distinct", "arg_max", "arg_min", "array_agg", "count_if", "date_diff", "datediff",
    "dayofweek", "entropy", "epoch", "generate_series", "getdate", "list", "list_value", "max_by", "median", "min_by",
    "mode", "now", "quantile", "quantile_cont", "random", "range", "read_csv", "read_parquet", "strftime",
    "string_agg", "struct_pack", "sysdate", "today", "try_cast", "unnest",
}  # fmt: skip
CLOCKS = (exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTime, exp.CurrentDatetime)
FORBIDDEN_SYNTAX = {
    "array or list literal": exp.Array,
    "clock": CLOCKS,
    "lambda": exp.Lambda,
    "pivot": exp.Pivot,
    "qualify": exp.Qualify,
    "struct literal": exp.Struct,
    "try_cast": exp.TryCast,
    "unnest": (exp.Unnest, exp.Explode),
}
FORBIDDEN_TEXT = {
    "a cast with ::": r"::",
    "group by all": r"\bgroup\s+by\s+all\b",
    "order by all": r"\border\s+by\s+all\b",
    "select * exclude": r"\*\s*(exclude|except|replace)\b",
    "asof join": r"\basof\b",
    "select distinct on": r"\bdistinct\s+on\b",
    "from before select": r"\(\s*from\b",
}

# What dbt-duckdb writes for dbt.datediff and dbt.dateadd.
_ADAPTERS_OWN = (
    (r"\(date_diff\('(\w+)', (.+?)::timestamp, (.+?)::timestamp \)\)", r"days_from(\2, \3)"),
    (r"cast\((-?\d+) as bigint\) \* interval 1 (\w+)", r"interval '\1' \2"),
)


@pytest.fixture(scope="module")
def models(workshop: Workshop, after_scoring: Path) -> list[CompiledModel]:
    """Every model as it is compiled on a warehouse that has a history."""
    results = workshop.dbt("compile", after_scoring, select=["resource_type:model"])
    nodes = [result.node for result in results.results if result.node.resource_type == "model"]
    return [CompiledModel(node.name, node.relation_name, "", strip_adapters_own(node.compiled_code)) for node in nodes]


@pytest.fixture(scope="module")
def schema(after_scoring: Path) -> dict[str, dict[str, dict[str, dict[str, str]]]]:
    """The columns of every relation, by database, schema and name."""
    columns = read(after_scoring, "select schema_name, table_name, column_name, data_type from duckdb_columns()")
    tree: dict[str, dict[str, dict[str, str]]] = {}
    for schema_name, table, column, data_type in columns.iter_rows():
        tree.setdefault(schema_name, {}).setdefault(table, {})[column] = data_type
    return {"warehouse": tree}


def strip_adapters_own(sql: str) -> str:
    for pattern, replacement in _ADAPTERS_OWN:
        sql = re.sub(pattern, replacement, sql, flags=re.DOTALL)
    return sql


def find_forbidden(sql: str) -> set[str]:
    """Names of the forbidden idioms in a query."""
    tree = sqlglot.parse_one(sql, dialect="duckdb")
    found = {
        name
        for name, kinds in FORBIDDEN_SYNTAX.items()
        if tree.find(*(kinds if isinstance(kinds, tuple) else (kinds,)))
    }
    found |= {name for name, pattern in FORBIDDEN_TEXT.items() if re.search(pattern, sql, re.IGNORECASE)}
    called = {name.lower() for name in re.findall(r"\b(\w+)\s*\(", sql)}
    return found | (called & FORBIDDEN_FUNCTIONS)


def find_lateral_alias(sql: str, schema: Mapping[str, object]) -> str | None:
    """What sqlglot says of a column that is only known as an alias of the same select."""
    try:
        qualify(
            sqlglot.parse_one(sql, dialect="duckdb"),
            schema=schema,
            dialect="duckdb",
            expand_alias_refs=False,
            validate_qualify_columns=True,
        )
    except OptimizeError as error:
        return str(error)
    return None


@pytest.mark.parametrize(
    ("sql", "idiom"),
    [
        ("select a from t qualify row_number() over (order by a) = 1", "qualify"),
        ("select a, count(*) from t group by all", "group by all"),
        ("select * exclude (a) from t", "select * exclude"),
        ("select a::date from t", "a cast with ::"),
        ("select [1, 2] as a", "array or list literal"),
        ("select {'a': 1} as a", "struct literal"),
        ("select list_filter(a, x -> x > 1) from t", "lambda"),
        ("select arg_max(a, b) from t", "arg_max"),
        ("select count_if(a) from t", "count_if"),
        ("select median(a) from t", "median"),
        ("select quantile_cont(a, 0.5) from t", "quantile_cont"),
        ("select * from t asof join u on t.a >= u.a", "asof join"),
        ("pivot t on a using sum(b)", "pivot"),
        ("select string_agg(a, ',') from t", "string_agg"),
        ("select array_agg(a) from t", "array_agg"),
        ("select distinct on (a) b from t", "select distinct on"),
        ("with u as (from t) select * from u", "from before select"),
        ("select date_diff('day', a, b) from t", "date_diff"),
        ("select unnest(a) from t", "unnest"),
        ("select try_cast(a as date) from t", "try_cast"),
        ("select epoch(a) from t", "epoch"),
        ("select current_date as a", "clock"),
        ("select now() as a", "now"),
    ],
)
def test_forbidden_idiom_is_found(sql, idiom):
    assert idiom in find_forbidden(sql)


def test_lateral_alias_is_found(schema):
    sql = 'select order_count + 1 as more, more + 1 as most from "warehouse"."marts"."fct_customer_features"'
    assert "more" in (find_lateral_alias(sql, schema) or "")


def test_models_use_no_forbidden_idiom(models):
    assert len(models) > 30
    assert {model.name: found for model in models if (found := find_forbidden(model.sql))} == {}


def test_models_use_no_lateral_alias(models, schema):
    assert {model.name: found for model in models if (found := find_lateral_alias(model.sql, schema))} == {}


@pytest.mark.parametrize("dialect", ["postgres", "spark"])
def test_models_parse_in_other_dialects(models, dialect):
    for model in models:
        sqlglot.parse_one(model.sql, dialect=dialect)
