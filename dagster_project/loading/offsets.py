"""Times that lose their zone in an expression, told before they are taken for the shop's local time.

A bare column keeps its offset. An expression may lose it: a cast to a timestamp makes 12:00 of 12:00Z, and epoch_ms
gives UTC without saying so.
"""

from collections.abc import Mapping

from dagster_project.loading.conversion import is_naive_time, trim
from dagster_project.loading.errors import SourceError
from dagster_project.loading.expressions import Expression
from dagster_project.loading.source import Source
from dagster_project.loading.sql_text import quote_text

# Behind a time of day. Names of zones other than UTC's do not come in exports, and `PM` is none.
_ENDS_WITH_OFFSET = r"\d:\d\d(:\d\d([.]\d+)?)?\s*(Z|UTC|GMT|[+-]\d\d(:?\d\d)?)$"


def require_epoch_in_utc(expression: Expression, mapped_type: str, source: Source) -> None:
    """Raise SourceError when an expression makes a time of an epoch number, and the time would be read as local."""
    is_read_as_local = is_naive_time(mapped_type) and source.naive_zone != "UTC" and not _says_zone(expression)
    if expression.epoch_functions and is_read_as_local:
        raise SourceError(
            f"{min(expression.epoch_functions)} gives UTC without saying so, and times without an offset are read as "
            f"{source.naive_zone}; write to_timestamp(...) around seconds, such as to_timestamp(milliseconds / 1000)"
        )


def find_lost_offsets(
    expression: Expression, mapped: str, mapped_type: str, types: Mapping[str, str], row: str, source: Source
) -> dict[str, str]:
    """By file column that ``expression`` names: SQL of whether ``mapped`` is the time in it without its offset.

    Only where that makes it another instant. ``row`` is SQL of the file's row, a struct with the columns of ``types``.
    """
    if not is_naive_time(mapped_type) or _says_zone(expression):
        return {}
    named = {name.lower() for name in expression.columns}
    texts = [name for name, type_ in types.items() if name.lower() in named and type_ == "VARCHAR"]
    return {name: _is_lost(trim(f"struct_extract({row}, {quote_text(name)})"), mapped, source) for name in texts}


def _says_zone(expression: Expression) -> bool:
    # A bare column is converted with its offset; whoever calls timezone (`at time zone`) has thought of it.
    return expression.bare_column is not None or "timezone" in expression.functions


def _is_lost(text: str, mapped: str, source: Source) -> str:
    taken_for = f"timezone({quote_text(source.naive_zone)}, {mapped})"
    return (
        f"regexp_matches({text}, {quote_text(_ENDS_WITH_OFFSET)}) and {mapped} = try_cast({text} as timestamp) "
        f"and {taken_for} <> try_cast({text} as timestamptz)"
    )
