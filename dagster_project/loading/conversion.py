"""Values of a file as values of the contract, in SQL: what fits is converted, what does not is named.

A value that is there but does not fit must never become a silent NULL, so every conversion comes with the
condition that there was a value, and with what to say of it when nothing came out.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from dagster_project.loading.columns import Column, Kind
from dagster_project.loading.errors import SourceError
from dagster_project.loading.identifiers import IDENTIFIER_COLUMNS, is_placeholder
from dagster_project.loading.source import CsvOptions, Source
from dagster_project.loading.sql_text import quote_text
from dagster_project.loading.times import EARLIEST_TIME, LATEST_TIME, read_text_time, read_typed_time

# Blanks around a value that mean nothing: space, tab, line ends, the no-break space of web exports, what nobody sees.
_BLANKS = (
    "' ' || chr(9) || chr(10) || chr(13) || chr(160) || chr(8203) || chr(8205) || chr(8288) || chr(65279) || "
    "chr(8194) || chr(8195) || chr(8201) || chr(8239) || chr(12288)"
)

# Doubles hold whole numbers exactly up to here; identifiers beyond it are damaged already.
_LARGEST_EXACT_WHOLE_DOUBLE = 9_007_199_254_740_992

_LONGEST_QUOTED_VALUE = 40

_NO_IDENTIFIER = "names nobody; where it does, say so under is_identifier"
DEFAULT_DAY = "is a default date, which systems write where they know none"

# What is said of a row in which placeholders stand for everybody whom it could name.
NAMES_NOBODY = "names anybody"

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
    """SQL of a converted value, of whether there was one to convert, and of what to say if it did not fit.

    ``is_emptied`` is SQL of whether there was a placeholder that was taken for no value, never NULL, and
    ``emptied_word`` of that placeholder, in lower case. What is emptied does not count as present. ``text`` is SQL of
    the trimmed value, which the others name as ``text_name``: they look at it many times, and each would be planned.
    """

    value: str
    is_present: str
    complaint: str
    is_emptied: str = "false"
    emptied_word: str = "null"
    text: str | None = None
    text_name: str = ""


def convert(
    column: Column, mapped: str, mapped_type: str, source: Source, csv: CsvOptions, *, may_be_emptied: bool = True
) -> Conversion:
    """How ``mapped``, SQL of type ``mapped_type``, becomes a value of ``column``.

    An identifier that is a placeholder and a time that is a default day become no value; where the column
    must have one (not ``may_be_emptied``), they are values that do not fit.

    Raises SourceError when no value of that type can be one of the column.
    """
    written = _convert(column, mapped, mapped_type, source, csv, may_be_emptied=may_be_emptied)
    if _family(mapped_type) != "text":
        return written
    text, name = trim(mapped), f'"__text_{column.name}"'
    value, is_present, complaint, is_emptied, word = (
        part.replace(text, name)
        for part in (written.value, written.is_present, written.complaint, written.is_emptied, written.emptied_word)
    )
    return Conversion(value, is_present, complaint, is_emptied, word, text, name)


def _convert(
    column: Column, mapped: str, mapped_type: str, source: Source, csv: CsvOptions, *, may_be_emptied: bool
) -> Conversion:
    family = _family(mapped_type)
    if family == "null":
        return Conversion(f"cast(null as {column.kind.value})", "false", "null")
    rule = _RULES.get(column.kind, _number)
    read = rule(column, mapped, family, _Setting(source, csv))
    if read is None:
        raise SourceError(
            f"{column.name} needs a {_NOUNS[column.kind]}, the expression gives {mapped_type}; "
            f"cast it in the expression{_SECONDS if column.kind is Kind.TIME else ''}"
        )
    is_present = f"{trim(mapped)} <> ''" if family == "text" else f"{mapped} is not null"
    noun = f"none of {', '.join(column.values)}" if column.values else f"no {_NOUNS[column.kind]}"
    fault = read.fault or quote_text(f"is {noun}")
    shown = f"left(cast({mapped} as varchar), {_LONGEST_QUOTED_VALUE})"
    said = f"{quote_text(column.name + ' ')} || '''' || {shown} || ''' ' || "
    if read.is_emptied is None:
        return Conversion(read.value, is_present, said + fault)
    if not may_be_emptied:
        why = f"case when {read.is_emptied} then {quote_text(read.why_emptied)} else {fault} end"
        return Conversion(read.value, is_present, said + why)
    word = f"case when {read.is_emptied} then lower({trim(shown)}) end"
    return Conversion(read.value, f"{is_present} and not {read.is_emptied}", said + fault, read.is_emptied, word)


def is_naive_time(mapped_type: str) -> bool:
    """Whether values of a type are times that do not say which zone they are in."""
    return _family(mapped_type) == "time"


def is_text(mapped_type: str) -> bool:
    """Whether values of a type are text."""
    return _family(mapped_type) == "text"


def is_instant(mapped_type: str) -> bool:
    """Whether values of a type are times that say which zone they are in."""
    return _family(mapped_type) == "instant"


def trim(mapped: str) -> str:
    """SQL of ``mapped`` as text without the blanks around it."""
    return f"trim(cast({mapped} as varchar), {_BLANKS})"


@dataclass(frozen=True)
class _Setting:
    source: Source
    csv: CsvOptions


@dataclass(frozen=True)
class _Reading:
    """SQL of a value; of what to say of one that does not fit, where a noun is not enough; of whether it means none."""

    value: str
    fault: str | None = None
    is_emptied: str | None = None
    why_emptied: str = ""


_Rule = Callable[[Column, str, str, _Setting], "_Reading | None"]


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


def _text(column: Column, mapped: str, family: str, setting: _Setting) -> _Reading | None:
    if family in ("nested", "other"):
        return None
    if family == "double":
        # Spreadsheets and pandas turn identifiers into doubles: 17850.0 means 17850, and NaN nothing.
        whole = f"{mapped} = trunc({mapped}) and abs({mapped}) <= {_LARGEST_EXACT_WHOLE_DOUBLE}"
        exact = f"cast(try_cast({mapped} as bigint) as varchar)"
        text = f"case when {whole} then {exact} when isfinite({mapped}) then cast({mapped} as varchar) end"
    else:
        text = f"nullif({trim(mapped)}, '')" if family == "text" else f"cast({mapped} as varchar)"
    if column.values:
        allowed = ", ".join(quote_text(value) for value in column.values)
        return _Reading(f"case when lower({text}) in ({allowed}) then lower({text}) end")
    if column.name not in IDENTIFIER_COLUMNS:
        return _Reading(text)
    is_none = is_placeholder(text, setting.source)
    return _Reading(f"case when not {is_none} then {text} end", None, is_none, _NO_IDENTIFIER)


def _number(column: Column, mapped: str, family: str, setting: _Setting) -> _Reading | None:
    if family not in ("text", "whole", "decimal", "double"):
        return None
    number = _plain_number(mapped, setting.csv) if family == "text" else mapped
    if column.kind is not Kind.WHOLE_NUMBER or family == "whole":
        return _Reading(f"try_cast({number} as {column.kind.value})")
    # A cast to BIGINT would round 1.5 to 2.
    exact = f"try_cast({number} as decimal(38,6))"
    return _Reading(f"case when {exact} = trunc({exact}) then try_cast({exact} as bigint) end")


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


def _time(_column: Column, mapped: str, family: str, setting: _Setting) -> _Reading | None:
    if family not in ("text", "date", "time", "instant"):
        return None
    if family == "text":
        rule = read_text_time(trim(mapped), setting.source)
    else:
        rule = read_typed_time(mapped, family, setting.source)
    return _Reading(rule.value, rule.fault, rule.is_default, DEFAULT_DAY)


def _boolean(_column: Column, mapped: str, family: str, _setting: _Setting) -> _Reading | None:
    if family == "text":
        return _Reading(f"try_cast({trim(mapped)} as boolean)")
    return _Reading(f"try_cast({mapped} as boolean)") if family in ("boolean", "whole") else None


def _json(_column: Column, mapped: str, family: str, _setting: _Setting) -> _Reading | None:
    if family == "text":
        return _Reading(f"try_cast({trim(mapped)} as json)")
    return _Reading(f"to_json({mapped})") if family == "nested" else None


_RULES: dict[Kind, _Rule] = {Kind.TEXT: _text, Kind.TIME: _time, Kind.BOOLEAN: _boolean, Kind.JSON: _json}
