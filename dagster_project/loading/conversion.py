"""Values of a file as values of the contract, in SQL: what fits is converted, what does not is named.

A value that is there but does not fit must never become a silent NULL, so every conversion comes with the
condition that there was a value, and with what to say of it when nothing came out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from dagster_project.loading.columns import Column, Kind
from dagster_project.loading.errors import SourceError
from dagster_project.loading.source import CsvOptions, Source
from dagster_project.loading.sql_text import quote_text

EARLIEST_TIME = "1900-01-01"
LATEST_TIME = "2100-01-01"  # exclusive

# Blanks around a value that mean nothing: space, tab, line ends and the no-break space of web exports.
_BLANKS = "' ' || chr(9) || chr(10) || chr(13) || chr(160)"

# A time of day followed by an offset or by the name of a zone.
_HAS_OFFSET = r"\d:\d\d(:\d\d([.]\d+)?)?\s*([A-Za-z][A-Za-z0-9_/+-]*|[+-]\d\d(:?\d\d)?)$"
_IS_DATE = r"\d{4}-\d{1,2}-\d{1,2}"

# Doubles hold whole numbers exactly up to here; identifiers beyond it are damaged already.
_LARGEST_EXACT_WHOLE_DOUBLE = 9_007_199_254_740_992

_LONGEST_QUOTED_VALUE = 40

_SECONDS = ", or write to_timestamp(...) around a number of seconds since 1970"

_NOUNS = {
    Kind.TEXT: "text",
    Kind.MONEY: "number of money",
    Kind.QUANTITY: "number",
    Kind.PERCENT: "number",
    Kind.WHOLE_NUMBER: "whole number",
    Kind.TIME: f"time between {EARLIEST_TIME[:4]} and {int(LATEST_TIME[:4]) - 1}",
    Kind.BOOLEAN: "yes or no",
    Kind.JSON: "JSON",
}


@dataclass(frozen=True)
class Conversion:
    """SQL of a converted value, of whether there was one to convert, and of what to say if it did not fit."""

    value: str
    is_present: str
    complaint: str


def convert(column: Column, mapped: str, mapped_type: str, source: Source, csv: CsvOptions) -> Conversion:
    """How ``mapped``, SQL of type ``mapped_type``, becomes a value of ``column``.

    Raises SourceError when no value of that type can be one of the column.
    """
    family = _family(mapped_type)
    if family == "null":
        return Conversion(f"cast(null as {column.kind.value})", "false", "null")
    rule = _RULES.get(column.kind, _number)
    value = rule(column, mapped, family, _Setting(source, csv))
    if value is None:
        raise SourceError(
            f"{column.name} needs a {_NOUNS[column.kind]}, the expression gives {mapped_type}; "
            f"cast it in the expression{_SECONDS if column.kind is Kind.TIME else ''}"
        )
    is_present = f"{trim(mapped)} <> ''" if family == "text" else f"{mapped} is not null"
    noun = f"none of {', '.join(column.values)}" if column.values else f"no {_NOUNS[column.kind]}"
    shown = f"left(cast({mapped} as varchar), {_LONGEST_QUOTED_VALUE})"
    complaint = f"{quote_text(column.name + ' ')} || '''' || {shown} || ''' is {noun}'"
    return Conversion(value, is_present, complaint)


def is_naive_time(mapped_type: str) -> bool:
    """Whether values of a type are times that do not say which zone they are in."""
    return _family(mapped_type) == "time"


def trim(mapped: str) -> str:
    """SQL of ``mapped`` as text without the blanks around it."""
    return f"trim(cast({mapped} as varchar), {_BLANKS})"


@dataclass(frozen=True)
class _Setting:
    source: Source
    csv: CsvOptions


_Rule = Callable[[Column, str, str, _Setting], "str | None"]


def _family(mapped_type: str) -> str:
    """The types that are converted alike; an unknown type is nested."""
    name = mapped_type.upper()
    if name == '"NULL"':
        return "null"
    for pattern, family in _FAMILIES:
        if re.fullmatch(pattern, name):
            return family
    return "nested"


_FAMILIES = (
    (r"VARCHAR|ENUM\(.*\)|UUID", "text"),
    (r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|BIGNUM", "whole"),
    (r"DECIMAL\(\d+,\s*\d+\)", "decimal"),
    (r"DOUBLE|FLOAT", "double"),
    (r"BOOLEAN", "boolean"),
    (r"DATE", "date"),
    (r"TIMESTAMP(_S|_MS|_NS)?", "time"),
    (r"TIMESTAMP(_NS)? WITH TIME ZONE", "instant"),
    (r"TIME|TIME_NS|TIME WITH TIME ZONE|INTERVAL|BLOB|BIT", "other"),
)


def _text(column: Column, mapped: str, family: str, _setting: _Setting) -> str | None:
    if family in ("nested", "other"):
        return None
    if family == "double":
        # Spreadsheets and pandas turn identifiers into doubles: 17850.0 means 17850, and NaN nothing.
        whole = f"{mapped} = trunc({mapped}) and abs({mapped}) <= {_LARGEST_EXACT_WHOLE_DOUBLE}"
        exact = f"cast(try_cast({mapped} as bigint) as varchar)"
        return f"case when {whole} then {exact} when isfinite({mapped}) then cast({mapped} as varchar) end"
    text = f"nullif({trim(mapped)}, '')" if family == "text" else f"cast({mapped} as varchar)"
    if not column.values:
        return text
    allowed = ", ".join(quote_text(value) for value in column.values)
    return f"case when lower({text}) in ({allowed}) then lower({text}) end"


def _number(column: Column, mapped: str, family: str, setting: _Setting) -> str | None:
    if family not in ("text", "whole", "decimal", "double"):
        return None
    number = _plain_number(mapped, setting.csv) if family == "text" else mapped
    if column.kind is not Kind.WHOLE_NUMBER or family == "whole":
        return f"try_cast({number} as {column.kind.value})"
    # A cast to BIGINT would round 1.5 to 2.
    exact = f"try_cast({number} as decimal(38,6))"
    return f"case when {exact} = trunc({exact}) then try_cast({exact} as bigint) end"


def _plain_number(mapped: str, csv: CsvOptions) -> str:
    """Text as DuckDB reads numbers: no thousands separators, a point before the decimals."""
    text = trim(mapped)
    if csv.decimal == "." and csv.thousands is None:
        return text
    decimal, thousands = re.escape(csv.decimal), re.escape(csv.thousands or "")
    grouped = rf"|[0-9]{{1,3}}({thousands}[0-9]{{3}})+" if thousands else ""
    pattern = rf"[+-]?([0-9]+{grouped})({decimal}[0-9]*)?"
    plain = f"replace({text}, {quote_text(csv.thousands)}, '')" if csv.thousands else text
    plain = f"replace({plain}, {quote_text(csv.decimal)}, '.')"
    # Checked before it is rewritten: with decimal commas, dropping the points of 12.50 would make it 1250.
    return f"case when regexp_full_match({text}, {quote_text(pattern)}) then {plain} end"


def _time(_column: Column, mapped: str, family: str, setting: _Setting) -> str | None:
    source = setting.source
    by_family = {
        "date": _to_utc(f"cast({mapped} as timestamp)", source.time_zone),
        "time": _to_utc(f"cast({mapped} as timestamp)", source.naive_zone),
        "instant": f"timezone('UTC', {mapped})",
        "text": _time_from_text(mapped, source),
    }
    if family not in by_family:
        return None
    utc = by_family[family]
    return f"case when {utc} >= timestamp '{EARLIEST_TIME}' and {utc} < timestamp '{LATEST_TIME}' then {utc} end"


def _time_from_text(mapped: str, source: Source) -> str:
    text = trim(mapped)
    naive = f"try_cast({text} as timestamp)"
    return (
        f"case when regexp_matches({text}, {quote_text(_HAS_OFFSET)}) "
        f"then timezone('UTC', try_cast({text} as timestamptz)) "
        f"when regexp_full_match({text}, {quote_text(_IS_DATE)}) then {_to_utc(naive, source.time_zone)} "
        f"else {_to_utc(naive, source.naive_zone)} end"
    )


def _to_utc(naive: str, zone: str) -> str:
    # ICU moves a time that a clock change skips forward, and takes the later of two that it repeats.
    return naive if zone == "UTC" else f"timezone('UTC', timezone({quote_text(zone)}, {naive}))"


def _boolean(_column: Column, mapped: str, family: str, _setting: _Setting) -> str | None:
    if family == "text":
        return f"try_cast({trim(mapped)} as boolean)"
    return f"try_cast({mapped} as boolean)" if family in ("boolean", "whole") else None


def _json(_column: Column, mapped: str, family: str, _setting: _Setting) -> str | None:
    if family == "text":
        return f"try_cast({trim(mapped)} as json)"
    return f"to_json({mapped})" if family == "nested" else None


_RULES: dict[Kind, _Rule] = {Kind.TEXT: _text, Kind.TIME: _time, Kind.BOOLEAN: _boolean, Kind.JSON: _json}
