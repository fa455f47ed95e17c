"""Mapping expressions: plain DuckDB expressions over one row of a file, and nothing else.

A source YAML is configuration, so it must not be able to read other files, run statements or bring in the
clock. The expression is parsed by DuckDB itself and only known kinds of node and functions pass.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from dagster_project.loading.errors import SourceError
from dagster_project.loading.source import IS_DELETED, Source
from dagster_project.loading.sql_text import quote_name
from dagster_project.loading.zone_calls import ZoneCalls

_ALLOWED_NODES = frozenset(
    (
        "BETWEEN",
        "CASE",
        "CAST",
        "COLLATE",
        "COLUMN_REF",
        "COMPARISON",
        "CONJUNCTION",
        "CONSTANT",
        "FUNCTION",
        "LAMBDA",
        "OPERATOR",
        "TYPE",
    )
)

_REMEDY = (
    "write a plain expression over the file's columns, such as `price * quantity`; "
    'a column whose name holds blanks or signs, or is a word of SQL, stands in double quotes, such as `"Order Date"`'
)
# With one argument; with more, make_timestamp takes year, month and day.
_EPOCH_FUNCTIONS = frozenset(("epoch_ms", "make_timestamp", "make_timestamp_ms", "make_timestamp_ns"))
# With one argument, which DuckDB takes for consistent: the time since then, by the clock.
_READ_THE_CLOCK = frozenset(("age",))
_SINGLE_WORD = re.compile(r"[^\W\d]\w*")
_LITERALS = frozenset(("null", "true", "false"))


@dataclass(frozen=True)
class Expression:
    """A checked expression: its text, the file columns it names, and the one it consists of, if so.

    ``functions`` are those it calls, in lower case; those of ``epoch_functions`` make a time without an offset from a
    number, and mean UTC by it; ``casts_to_instant`` says whether something is cast to a time with a zone. What is run
    is ``sql``: the text, but for calls that take a zone from the data.
    """

    text: str
    columns: frozenset[str]
    bare_column: str | None
    functions: frozenset[str] = frozenset()
    epoch_functions: frozenset[str] = frozenset()
    casts_to_instant: bool = False
    rewritten: str | None = None

    @property
    def sql(self) -> str:
        """What DuckDB is given to compute."""
        return self.rewritten or self.text

    @property
    def failure(self) -> str:
        """What is to be said of a row on which it fails."""
        advice = "; where its zone is not known, say what the word means under zone_words" if self.rewritten else ""
        return f"cannot be computed by {self.text}{advice}"


@dataclass(frozen=True)
class TableExpressions:
    """The checked expressions of a table: of its columns, of its ``where``, and of the list in ``each``.

    That of ``deleted`` stands among the columns, as IS_DELETED.
    """

    columns: Mapping[str, Expression]
    where: Expression | None
    each: tuple[str, Expression] | None


class ExpressionParser:
    """Checks expressions with DuckDB's own parser and its list of functions."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        # Scalar functions whose result depends on their arguments alone; aggregates, table functions,
        # the clock, settings and random numbers are none. Functions of instants depend on the session's zone too,
        # which a load sets to UTC.
        rows = connection.execute(
            "select lower(function_name) from duckdb_functions() "
            "where function_type in ('scalar', 'macro') and schema_name = 'main' and internal "
            "group by 1 having bool_and(coalesce(stability, 'CONSISTENT') = 'CONSISTENT' "
            "or (stability = 'CONSISTENT_WITHIN_QUERY' and (lower(function_name) in ('timezone', 'make_timestamptz') "
            "or list_has_any(parameter_types, ['TIMESTAMP WITH TIME ZONE', 'TIMESTAMPTZ_NS']))))"
        ).fetchall()
        self._functions = frozenset(row[0] for row in rows) - _READ_THE_CLOCK

    def parse(self, text: str, place: str, zone_words: Mapping[str, str] | None = None) -> Expression:
        """The expression in ``text``; raises SourceError naming ``place`` when it is not a plain one.

        ``zone_words`` are the words for zones that its source knows. A single word is a column, also where SQL has that
        word for itself (Order, Group, At).
        """
        if _SINGLE_WORD.fullmatch(text.strip()) and text.strip().lower() not in _LITERALS:
            return Expression(quote_name(text.strip()), frozenset([text.strip()]), text.strip())
        root = self._parse_tree(text, place)
        nodes = list(_walk(root))
        for node in nodes:
            self._check_node(node, text, place)
        parameters = {name for node in nodes if node["class"] == "LAMBDA" for name in _named_in(node["lhs"])}
        columns = frozenset(
            node["column_names"][0]
            for node in nodes
            if node["class"] == "COLUMN_REF" and node["column_names"][0] not in parameters
        )
        is_bare = root["class"] == "COLUMN_REF" and len(root["column_names"]) == 1
        calls = [node for node in nodes if node["class"] == "FUNCTION"]
        return Expression(
            text,
            columns,
            root["column_names"][0] if is_bare else None,
            functions=frozenset(node["function_name"].lower() for node in calls),
            epoch_functions=frozenset(name for node in calls if (name := _epoch_function(node))),
            casts_to_instant=any(_is_cast_to_instant(node) for node in nodes),
            rewritten=self._rewrite(root, text, place, zone_words or {}),
        )

    def _rewrite(self, root: dict[str, Any], text: str, place: str, zone_words: Mapping[str, str]) -> str | None:
        try:
            return ZoneCalls(self._to_sql, zone_words).write_anew(root)
        except SourceError as error:
            raise SourceError(f"{place}: {text!r}: {error}") from error

    def _to_sql(self, node: dict[str, Any]) -> str:
        template = self._connection.execute("select json_serialize_sql('select 1')").fetchall()[0][0]
        statement = json.loads(template)
        statement["statements"][0]["node"]["select_list"] = [node]
        row = self._connection.execute("select json_deserialize_sql(?::json)", [json.dumps(statement)]).fetchall()[0]
        return str(row[0]).removeprefix("SELECT ")

    def _parse_tree(self, text: str, place: str) -> dict[str, Any]:
        # The line breaks keep a trailing comment from swallowing the bracket.
        row = self._connection.execute("select json_serialize_sql(?)", [f"select (\n{text}\n)"]).fetchone()
        answer = json.loads(row[0]) if row else {}
        if answer.get("error", True):
            raise SourceError(f"{place}: {text!r} cannot be parsed: {answer.get('error_message')}; {_REMEDY}")
        nodes = [statement["node"] for statement in answer["statements"]]
        if len(nodes) != 1 or not _is_single_expression(nodes[0]):
            raise SourceError(f"{place}: {text!r} is more than one expression; {_REMEDY}")
        root: dict[str, Any] = nodes[0]["select_list"][0]
        return root

    def _check_node(self, node: dict[str, Any], text: str, place: str) -> None:
        kind = node["class"]
        if kind not in _ALLOWED_NODES:
            raise SourceError(f"{place}: {text!r} contains a {kind.lower()}; {_REMEDY}")
        if kind == "FUNCTION" and node["function_name"].lower() not in self._functions:
            name = node["function_name"]
            raise SourceError(
                f"{place}: {text!r} calls {name}, which is no function of one row's values alone; {_REMEDY}"
            )


def parse_expressions(parser: ExpressionParser, source: Source, table_name: str) -> TableExpressions:
    """Every expression of a table, checked; raises SourceError naming file and key."""
    config = source.tables[table_name]
    place = f"{source.yaml_path}: tables.{table_name}"
    words = source.zone_words
    columns = {name: parser.parse(text, f"{place}.columns.{name}", words) for name, text in config.columns.items()}
    where = parser.parse(config.where, f"{place}.where", words) if config.where else None
    each = [(name, parser.parse(text, f"{place}.each.{name}", words)) for name, text in (config.each or {}).items()]
    if config.deleted:
        columns[IS_DELETED] = parser.parse(config.deleted, f"{place}.deleted", words)
    return TableExpressions(columns, where, each[0] if each else None)


def _is_single_expression(node: dict[str, Any]) -> bool:
    # `1) from t where (2` closes our bracket and opens another: everything but the select list is empty.
    return (
        node["type"] == "SELECT_NODE"
        and len(node["select_list"]) == 1
        and node["from_table"]["type"] == "EMPTY"
        and not (node["where_clause"] or node["group_expressions"] or node["having"] or node["qualify"])
        and not node["modifiers"]
        and not node["cte_map"]["map"]
    )


def _walk(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "class" in value:
            yield value
        for child in value.values():
            yield from _walk(child)
    elif isinstance(value, list):
        for child in value:
            yield from _walk(child)


def _is_cast_to_instant(node: dict[str, Any]) -> bool:
    if node["class"] != "CAST":
        return False
    type_name = str(node["type_expr"]["type_name"]).lower()
    return type_name == "timestamptz" or type_name.endswith("with time zone")


def _epoch_function(call: dict[str, Any]) -> str | None:
    name = str(call["function_name"]).lower()
    return name if name in _EPOCH_FUNCTIONS and len(call["arguments"]) == 1 else None


def _named_in(node: dict[str, Any]) -> set[str]:
    return {child["column_names"][0] for child in _walk(node) if child["class"] == "COLUMN_REF"}
