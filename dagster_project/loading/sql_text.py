"""Names and texts as SQL: the one place where this package quotes."""

from collections.abc import Iterable


def quote_name(name: str) -> str:
    """``name`` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """``text`` as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def name_list(names: Iterable[str]) -> str:
    """``names`` as identifiers with commas between."""
    return ", ".join(quote_name(name) for name in names)
