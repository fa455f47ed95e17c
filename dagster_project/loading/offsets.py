"""Times that lose their zone in an expression, told before they are taken for the shop's local time.

A bare column keeps its offset. An expression may lose it: a cast to a timestamp makes 12:00 of 12:00Z, and epoch_ms
gives UTC without saying so.
"""

from collections.abc import Mapping

from dagster_project.loading.conversion import is_instant, is_naive_time, is_text, trim
from dagster_project.loading.errors import SourceError
from dagster_project.loading.expressions import Expression
from dagster_project.loading.source import Source
from dagster_project.loading.sql_text import quote_text
from dagster_project.loading.times import ENDS_WITH_ZONE, utc_of_text


def require_epoch_in_utc(expression: Expression, mapped_type: str, source: Source) -> None:
    """Raise SourceError when an expression makes a time of an epoch number, and the time would be read as local."""
    is_read_as_local = is_naive_time(mapped_type) and source.naive_zone != "UTC" and not _says_zone(expression)
    if expression.epoch_functions and is_read_as_local:
        raise SourceError(
            f"{min(expression.epoch_functions)} gives UTC without saying so, and times without an offset are read as "
            f"{source.naive_zone}; write to_timestamp(...) around seconds, such as to_timestamp(milliseconds / 1000)"
        )


def texts_named(expression: Expression, types: Mapping[str, str], row: str) -> dict[str, str]:
    """By file column of text that ``expression`` names: SQL of its value, trimmed.

    ``row`` is SQL of the file's row, a struct with the columns of ``types``.
    """
    named = {name.lower() for name in expression.columns}
    texts = [name for name, type_ in types.items() if name.lower() in named and type_ == "VARCHAR"]
    return {name: trim(f"struct_extract({row}, {quote_text(name)})") for name in texts}


def find_lost_offsets(
    expression: Expression, mapped: str, mapped_type: str, texts: Mapping[str, str], source: Source
) -> dict[str, str]:
    """By column of ``texts``: SQL of whether ``mapped`` is the time in it without its offset or zone word.

    Only where that makes it another instant, or nobody knows.
    """
    if _says_zone(expression) or not (is_naive_time(mapped_type) or is_text(mapped_type)):
        return {}
    if is_text(mapped_type):
        # Text that still ends in its zone has lost nothing.
        ends_with_zone = f"regexp_matches({mapped}, {quote_text(ENDS_WITH_ZONE)})"
        mapped = f"case when not {ends_with_zone} then try_cast({mapped} as timestamp) end"
    taken_for = f"timezone({quote_text(source.naive_zone)}, {mapped})"
    return {name: _is_read_otherwise(text, "timestamp", mapped, taken_for, source) for name, text in texts.items()}


def find_misread_words(
    expression: Expression, mapped: str, mapped_type: str, texts: Mapping[str, str], source: Source
) -> dict[str, str]:
    """By column of ``texts``: SQL of whether ``mapped`` is DuckDB's guess at the zone word in it."""
    if not expression.casts_to_instant or not is_instant(mapped_type):
        return {}
    misread = {name: _is_read_otherwise(text, "timestamptz", mapped, mapped, source) for name, text in texts.items()}
    if source.naive_zone == "UTC":
        return misread
    # A text without a zone is the shop's time; the cast takes it for UTC.
    return {name: f"({condition}) or ({_is_taken_for_utc(texts[name], mapped)})" for name, condition in misread.items()}


def _is_taken_for_utc(text: str, mapped: str) -> str:
    return (
        f"try_cast({text} as timestamp) is not null and not regexp_matches({text}, {quote_text(ENDS_WITH_ZONE)}) "
        f"and timezone('UTC', {mapped}) = try_cast({text} as timestamp)"
    )


def _says_zone(expression: Expression) -> bool:
    # A bare column is converted with its offset; whoever calls timezone (`at time zone`) has thought of it.
    return expression.bare_column is not None or "timezone" in expression.functions


def _is_read_otherwise(text: str, type_: str, mapped: str, taken_for: str, source: Source) -> str:
    right = f"timezone('UTC', {utc_of_text(text, source)})"
    return (
        f"regexp_matches({text}, {quote_text(ENDS_WITH_ZONE)}) and not regexp_matches({text}, '(?i)[ap]m$') "
        f"and {mapped} = try_cast({text} as {type_}) and {taken_for} is distinct from {right}"
    )
