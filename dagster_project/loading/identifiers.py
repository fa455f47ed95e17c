"""Identifiers that are none: the words and signs that exports and trackers write where they know nobody.

Taken for people or devices they would be the best customer of the shop and the busiest visitor, made of everybody else.
"""

import re

from dagster_project.loading.source import Source
from dagster_project.loading.sql_text import quote_text

# The columns that name a person or a device. Of other keys a placeholder is a broken row, or the shop's own business.
IDENTIFIER_COLUMNS = ("customer_id", "anonymous_id")

# What databases, spreadsheets, JavaScript, pandas, Google Analytics and shop systems write. No word is on the list that
# somebody might be called; `test` is not, nor is a single letter.
PLACEHOLDERS = (
    *("\\N", "null", "(null)", "<null>", "[null]", "nil", "none", "(none)", "nan", "<na>", "na", "n/a", "#n/a"),
    *("#ref!", "#value!", "undefined", "[object object]", "false", "unknown", "(unknown)", "anonymous", "anon"),
    *("guest", "(not set)", "not set", "(not provided)", "not provided", "not available", "-1", "-1.0", "0.0"),
)

# The zero advertising id, 0 and dashes; fields of a template that nobody filled in: {{id}}, ${id}, *|ID|*, %%id%%.
_PATTERNS = ("[0-]+", r"\{\{.*\}\}", r"\$\{.*\}", r"\*\|.*\|\*", "%%.*%%")

_PATTERN_STARTS = ("0", "-", "{", "$", "*", "%")


def is_placeholder(text: str, source: Source) -> str:
    """SQL of whether ``text``, SQL of a trimmed identifier, is none; false where it is NULL."""
    words = [re.escape(word) for word in (*PLACEHOLDERS, *source.no_identifier)]
    pattern = quote_text(f"(?i){'|'.join([*_PATTERNS, *words])}")
    # The first character decides for nearly every identifier, at a fifth of what the pattern costs.
    firsts = {word.strip()[:1].lower() for word in (*PLACEHOLDERS, *_PATTERN_STARTS, *source.no_identifier)}
    may_be = f"lower(left({text}, 1)) in ({', '.join(quote_text(first) for first in sorted(firsts))})"
    found = f"case when {may_be} then regexp_full_match({text}, {pattern}) else false end"
    if not source.is_identifier:
        return found
    kept = ", ".join(quote_text(word.strip().lower()) for word in source.is_identifier)
    return f"({found} and lower({text}) not in ({kept}))"
