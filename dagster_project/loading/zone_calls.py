"""Calls in an expression that take a zone from the data: written anew so that no zone word is left to DuckDB.

DuckDB ends the whole query at a zone that it does not know, which `try` cannot catch, and reads words such as BST as
the first zone of that name. Written anew, a word means what the source says, and an unknown one fails on its row.
"""

from collections.abc import Callable, Mapping
from typing import Any

from dagster_project.loading.errors import SourceError
from dagster_project.loading.sql_text import quote_text
from dagster_project.loading.zones import meaning_of, zone_of, zone_or_failure

Node = dict[str, Any]

_PARSERS = ("strptime", "try_strptime")
# By function, which argument is the zone, and how many arguments there are when one is.
_ZONE_ARGUMENTS = {"timezone": (0, 2), "make_timestamptz": (6, 7)}

_ZONE_AT_END = r"([A-Za-z][A-Za-z0-9_/+-]*)$"


class ZoneCalls:
    """Writes an expression anew; ``to_sql`` gives the SQL of a node of its tree."""

    def __init__(self, to_sql: Callable[[Node], str], zone_words: Mapping[str, str]) -> None:
        self._to_sql = to_sql
        self._zone_words = zone_words
        self._written: list[str] = []

    def write_anew(self, root: Node) -> str | None:
        """The SQL of ``root``, or None where no call in it takes a zone that is not known to be one.

        Raises SourceError where a zone is taken in a way that cannot be told apart.
        """
        changed = self._change(root)
        if not self._written:
            return None
        sql = self._to_sql(changed)
        for position in reversed(range(len(self._written))):  # a call within another was written before it
            sql = sql.replace(_placeholder(position), self._written[position])
        return sql

    def _change(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._change(part) for part in value]
        if not isinstance(value, dict):
            return value
        node = {key: self._change(part) for key, part in value.items()}
        call = self._call(node) if node.get("class") == "FUNCTION" else None
        if call is None:
            return node
        self._written.append(f"({call})")
        name = _placeholder(len(self._written) - 1)
        column = {"class": "COLUMN_REF", "type": "COLUMN_REF", "column_names": [name]}
        return {"alias": "", "query_location": 0, "query_location_length": 0} | column

    def _call(self, node: Node) -> str | None:
        name = str(node["function_name"]).lower()
        arguments = [argument["expression"] for argument in node["arguments"]]
        if name in _PARSERS and len(arguments) == 2:
            return self._parser_call(name, *arguments)
        position, count = _ZONE_ARGUMENTS.get(name, (0, -1))
        if len(arguments) != count:
            return None
        zone = self._zone(arguments[position])
        if zone is None:
            return None
        parts = [zone if place == position else self._to_sql(part) for place, part in enumerate(arguments)]
        return f"{name}({', '.join(parts)})"

    def _zone(self, node: Node) -> str | None:
        """The zone of a call, or None where it stands in the expression and means one thing."""
        word = _constant(node)
        if word is None:
            return zone_or_failure(f"({self._to_sql(node)})", self._zone_words)
        if "/" in word or word.upper() in ("UTC", "GMT", "Z"):
            return None
        meaning = meaning_of(word, self._zone_words)
        if meaning is None:
            raise SourceError(f"{word} names no one zone; write a name such as Europe/London, or GMT+02:00")
        return quote_text(meaning)

    def _parser_call(self, name: str, text: Node, format_: Node) -> str | None:
        written = _constant(format_)
        if written is None and "%Z" in str(format_):
            raise SourceError("%Z stands among several formats; write one format for each row, with `case`")
        if written is None or "%Z" not in written:
            return None
        value = f"trim({self._to_sql(text)})"
        rest, zone, bare = _without_zone(written, value)
        known = zone_of if name == "try_strptime" else zone_or_failure
        return f"timezone({known(zone, self._zone_words)}, {name}({bare}, {quote_text(rest)}))"


def _without_zone(format_: str, value: str) -> tuple[str, str, str]:
    """A format without its zone, and SQL of the zone in ``value`` and of what is left of it."""
    tokens = format_.split()
    if format_.count("%Z") == 1 and "%z" not in format_:
        if format_.rstrip().endswith("%Z"):
            pattern = quote_text(_ZONE_AT_END)
            rest = format_.rstrip().removesuffix("%Z").rstrip()
            return rest, f"regexp_extract({value}, {pattern}, 1)", f"rtrim(regexp_replace({value}, {pattern}, ''))"
        if "%Z" in tokens:
            place = tokens.index("%Z")
            parts = f"regexp_split_to_array({value}, '\\s+')"
            rest = " ".join(tokens[:place] + tokens[place + 1 :])
            bare = f"array_to_string({parts}[:{place}] || {parts}[{place + 2}:], ' ')"
            return rest, f"coalesce({parts}[{place + 1}], '')", bare
    raise SourceError(f"in the format {format_!r} the zone cannot be told apart; let %Z stand alone between blanks")


def _constant(node: Node) -> str | None:
    literal = node.get("literal") if node["class"] == "CONSTANT" else None
    return str(literal["text"]) if isinstance(literal, dict) and literal.get("kind") == "STRING" else None


def _placeholder(position: int) -> str:
    return f"__zone_call_{position}__"
