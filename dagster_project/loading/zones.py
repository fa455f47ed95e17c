"""Zones and offsets of times, in SQL: what is an offset, what a word for a zone means, and what means nothing.

A word such as BST or CST names several zones. DuckDB takes one of them (BST is Bangladesh's), so no word is left to it:
it means what the source's YAML says, or nothing. UTC, GMT, Z and names such as Europe/London mean one thing only.
"""

import re
from collections.abc import Mapping

from dagster_project.loading.sql_text import quote_text

# `-3` is an offset too; three digits without a colon could be read in two ways.
_HOURS = r"(?:1[0-5]|0?\d)"
_BARE_OFFSET = rf"[+-](?:{_HOURS}(?::[0-5]\d)?|(?:1[0-5]|0\d)[0-5]\d)"
OFFSET = rf"(?:UTC|GMT)?{_BARE_OFFSET}"
UTC_WORD = r"(?:Z|UTC|GMT)"
ZONE_NAME = r"[A-Za-z][A-Za-z_]*(?:/[A-Za-z0-9_+-]+)+"

_REMEDY = "say what it means under zone_words, such as {CEST: Europe/Berlin} or {CEST: +02:00}"


def is_offset(text: str) -> bool:
    """Whether ``text`` is an offset from UTC, such as +02:00."""
    return re.fullmatch(_BARE_OFFSET, text) is not None


def written_out(offset: str) -> str:
    """SQL of an offset as DuckDB reads it everywhere: a sign, two digits of hours, a colon, two of minutes."""
    bare = f"regexp_replace({offset}, '^(UTC|GMT)', '', 'i')"
    digits = f"replace(substring({bare}, 2), ':', '')"
    four = f"case when length({digits}) <= 2 then lpad({digits}, 2, '0') || '00' else lpad({digits}, 4, '0') end"
    return f"(left({bare}, 1) || left({four}, 2) || ':' || right({four}, 2))"


def zone_of(word: str, zone_words: Mapping[str, str]) -> str:
    """SQL of the zone that ``word`` means, as DuckDB's timezone takes it; NULL where nobody knows."""
    said = [f"when {is_word(word, name)} then {quote_text(_as_zone(meaning))}" for name, meaning in zone_words.items()]
    is_known = f"try_cast('2000-01-01 00:00:00 ' || {word} as timestamptz) is not null"
    return (
        f"case {' '.join(said)} when regexp_full_match({word}, '(?i){UTC_WORD}') then 'UTC' "
        f"when regexp_full_match({word}, {quote_text('(?i)' + OFFSET)}) then 'GMT' || {written_out(word)} "
        f"when regexp_full_match({word}, {quote_text(ZONE_NAME)}) and {is_known} then {word} end"
    )


def zone_or_failure(word: str, zone_words: Mapping[str, str]) -> str:
    """The same; where nobody knows, the expression around it fails on the row in a way that `try` can catch."""
    # Of an unknown zone, DuckDB's timezone ends the whole query, and its error function may not stand within `try`.
    failure = f"cast(cast('no zone ' || {word} as timestamptz) as varchar)"
    return f"coalesce({zone_of(word, zone_words)}, {failure})"


def meaning_of(word: str, zone_words: Mapping[str, str]) -> str | None:
    """The zone that a word of an expression means, as DuckDB's timezone takes it; None where nobody knows."""
    if re.fullmatch(OFFSET, word, re.IGNORECASE):
        return _as_zone(re.sub("^(UTC|GMT)", "", word.upper()))
    return next((_as_zone(zone) for name, zone in zone_words.items() if name.upper() == word.upper()), None)


def is_word(word: str, name: str) -> str:
    """SQL of whether ``word`` is ``name``, in whatever letters."""
    return f"upper({word}) = {quote_text(name.upper())}"


def explain_word(word: str) -> str:
    """SQL of what is to be said of a word that nobody knows."""
    return f"'ends in the zone word ' || {word} || {quote_text(', which names no one zone: ' + _REMEDY)}"


def _as_zone(meaning: str) -> str:
    if not is_offset(meaning):
        return meaning
    digits = meaning[1:].replace(":", "")
    four = digits.zfill(2) + "00" if len(digits) <= 2 else digits.zfill(4)
    return f"GMT{meaning[0]}{four[:2]}:{four[2:]}"
