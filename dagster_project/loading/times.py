"""Times of a file as times of the contract, in SQL: their zone is known or they are refused, their day is no default.

Text is taken apart before DuckDB sees it: its own cast drops an offset that it cannot read, and guesses at words.
"""

from dataclasses import dataclass

from dagster_project.loading.source import Source
from dagster_project.loading.sql_text import quote_text
from dagster_project.loading.zones import OFFSET, UTC_WORD, ZONE_NAME, explain_word, written_out, zone_of

EARLIEST_TIME = "1900-01-01"
LATEST_TIME = "2100-01-01"  # exclusive

# Days that systems write where they know none: the zero of Unix, of Excel and of SQL Server, the first and the last day
# of a calendar. Of each the whole day: 1970-01-01 00:00:01 and a time of day without a date are no better.
_DEFAULT_DAYS = (
    *("0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01"),
    *("2999-12-31", "9999-12-31"),
)
_DEFAULT_TEXTS = (*_DEFAULT_DAYS, "0000-00-00")

# Between these no time can be a default day, in whatever zone: nearly all rows are told by this alone.
_CLEARLY_AFTER, _CLEARLY_BEFORE = "1972-01-01", "2099-12-30"
_CLEAR_YEAR = r"(?:20[0-8]\d|19[89]\d)"

_DATE = r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{4}[.]\d{1,2}[.]\d{1,2})"
_CLOCK = r"(?:T|\s+)\d{1,2}:\d\d(?::\d\d(?:[.]\d+)?)?"
_CLEAR = rf"{_CLEAR_YEAR}-\d{{1,2}}-\d{{1,2}}{_CLOCK}"
_WORD = r"[A-Za-z][A-Za-z0-9_/+-]*"

# Whether something stands behind a time of day at the end of a text.
ENDS_WITH_ZONE = rf"\d:\d\d(?::\d\d(?:[.]\d+)?)?\s*(?:{OFFSET}|{_WORD})$"

_IS_CLEAR = quote_text(_CLEAR)
_IS_CLEAR_IN_UTC = quote_text(rf"{_CLEAR}\s*{UTC_WORD}")
_IS_CLEAR_WITH_OFFSET = quote_text(rf"{_CLEAR}\s?[+-](?:0\d|1[0-5]):?[0-5]\d")
_IS_DAY = quote_text(_DATE)
_IS_TIME = quote_text(_DATE + _CLOCK)
_HAS_OFFSET = quote_text(rf"(?i){_DATE}{_CLOCK}\s*{OFFSET}")
_HAS_ZONE = quote_text(rf"{_DATE}{_CLOCK}\s*(?:{ZONE_NAME}|{_WORD})")
_BODY = quote_text("^" + _DATE + _CLOCK)
_OFFSET_AT_END = quote_text(f"(?i){OFFSET}$")
_WORD_AT_END = quote_text(rf"^.*\d:\d\d(?::\d\d(?:[.]\d+)?)?\s*({_WORD})$")


@dataclass(frozen=True)
class TimeRule:
    """SQL of a time in UTC, of whether there is a default day in its place, and of what to say of one that is none."""

    value: str
    is_default: str
    fault: str


def read_typed_time(mapped: str, family: str, source: Source) -> TimeRule:
    """How a value of a type of dates (``family`` date), times (time) or instants (instant) is read."""
    if family == "instant":
        plain = utc = f"timezone('UTC', {mapped})"
        local = _local(utc, source.time_zone)
    else:
        plain = local = f"cast({mapped} as timestamp)"
        utc = _to_utc(plain, source.time_zone if family == "date" else source.naive_zone)
    is_clear = f"{plain} >= timestamp '{_CLEARLY_AFTER}' and {plain} < timestamp '{_CLEARLY_BEFORE}'"
    is_default = f"(not ({is_clear}) and ({_on_default_day(utc)} or {_on_default_day(local)}))"
    is_in_range = f"{utc} >= timestamp '{EARLIEST_TIME}' and {utc} < timestamp '{LATEST_TIME}'"
    value = f"case when {is_clear} then {utc} when {is_in_range} and not {is_default} then {utc} end"
    return TimeRule(value, f"coalesce({is_default}, false)", _NO_TIME)


def read_text_time(text: str, source: Source) -> TimeRule:
    """How ``text``, SQL of a trimmed text, is read: year first, an offset or a known zone behind it or none."""
    wall = f"try_cast({text} as timestamp)"  # the cast looks at no zone
    joined = f"replace(replace({text}, ' +', '+'), ' -', '-')"  # the cast knows no blank before an offset
    utc = utc_of_text(text, source)
    starts_as_default = rf"(?i)^(epoch$|({'|'.join(_any_separator(day) for day in _DEFAULT_TEXTS)})(\D|$))"
    is_old = f"left({text}, 2) = '19' and coalesce({_on_default_day(utc)}, false)"
    is_default = f"(regexp_matches({text}, {quote_text(starts_as_default)}) or ({is_old}))"
    value = f"""case
        when regexp_full_match({text}, {_IS_CLEAR}) then {_to_utc(wall, source.naive_zone)}
        when regexp_full_match({text}, {_IS_CLEAR_IN_UTC}) then {wall}
        when regexp_full_match({text}, {_IS_CLEAR_WITH_OFFSET}) then timezone('UTC', try_cast({joined} as timestamptz))
        when {is_default} or not regexp_matches({text}, '^(19|20)') then null
        else {utc}
    end"""
    word = zone_word_of(text)
    is_known = f"coalesce({zone_of(word, source.zone_words)}, '') <> ''"
    # AM and PM are no zones but a form that only strptime reads.
    has_unknown_word = f"{word} <> '' and not {is_known} and not regexp_full_match({word}, '(?i)[ap]m')"
    fault = f"case when {has_unknown_word} then {explain_word(word)} else {_NO_TIME} end"
    return TimeRule(value, is_default, fault)


def utc_of_text(text: str, source: Source) -> str:
    """SQL of the time in UTC that ``text`` says, year first; NULL where it is none or its zone is not known."""
    dashed = f"regexp_replace({text}, '^(....)[/.](..?)[/.](..?)', {_DASHED})"
    undivided = f"left({text}, 4) || '-' || substring({text}, 5, 2) || '-' || right({text}, 2)"
    body, offset = f"regexp_extract({dashed}, {_BODY})", f"regexp_extract({text}, {_OFFSET_AT_END})"
    zone = zone_of(zone_word_of(text), source.zone_words)
    wall = f"try_cast({body} as timestamp)"
    return f"""case
        when regexp_full_match({text}, {_IS_DAY}) then {_to_utc(f"try_cast({dashed} as timestamp)", source.time_zone)}
        when regexp_full_match({text}, '[0-9]{{8}}')
            then {_to_utc(f"try_cast({undivided} as timestamp)", source.time_zone)}
        when regexp_full_match({text}, {_IS_TIME}) then {_to_utc(wall, source.naive_zone)}
        when regexp_full_match({text}, {_HAS_OFFSET})
            then timezone('UTC', try_cast({body} || {written_out(offset)} as timestamptz))
        when regexp_full_match({text}, {_HAS_ZONE}) then timezone('UTC', timezone({zone}, {wall}))
    end"""


def zone_word_of(text: str) -> str:
    """SQL of the word or the name behind the time of day in ``text``; empty where there is none."""
    return f"regexp_extract({text}, {_WORD_AT_END}, 1)"


_DASHED = quote_text(r"\1-\2-\3")
_NO_TIME = f"'is no time between {EARLIEST_TIME[:4]} and {int(LATEST_TIME[:4]) - 1}'"


def _any_separator(day: str) -> str:
    year, month, date = day.split("-")
    return f"{year}[-/.]?0?{int(month)}[-/.]?0?{int(date)}"


def _on_default_day(time: str) -> str:
    days = ", ".join(f"date '{day}'" for day in _DEFAULT_DAYS)
    return f"cast({time} as date) in ({days})"


def _to_utc(naive: str, zone: str) -> str:
    # ICU moves a time that a clock change skips forward, and takes the later of two that it repeats.
    return naive if zone == "UTC" else f"timezone('UTC', timezone({quote_text(zone)}, {naive}))"


def _local(utc: str, zone: str) -> str:
    return utc if zone == "UTC" else f"timezone({quote_text(zone)}, timezone('UTC', {utc}))"
