"""Records of a delimited file that are no rows of its table: the header again, and lines of totals.

Files that were put together hold the header of each, and reports end with a sum. In a table that needs little more than
a key, such a line would be loaded as a product called Total.
"""

import re
from collections.abc import Sequence

from dagster_project.loading.sql_text import quote_name, quote_text

# Behind which a colon or a full stop may stand, in the languages whose exports are met most.
_TOTALS = (
    *("total", "totals", "grand total", "sub total", "subtotal", "sub-total", "sum", "totaal", "totale", "suma"),
    *("total general", "total général", "total generale", "somme", "summe", "gesamt", "gesamtsumme", "endsumme"),
    *("zwischensumme", "insgesamt", "итого", "合計"),
)
_TOTAL = rf"(?i)\s*(?:{'|'.join(_TOTALS)})\s*[:.]?\s*"
# A number of any writing: digits, their separators, signs, percent and currency. A row with words is no total.
_NUMBER = r"[-+\d\s.,'%€$£¥()]*(?:[A-Z]{3})?"

# So many columns are looked at before all of them are.
_FIRST_COLUMNS = 3

HEADER_AGAIN = "the header again"
TOTAL_LINE = "a line of totals"


def name_intruder(fields: Sequence[str], names: Sequence[str]) -> str | None:
    """What a record is when it is no row of a file with the columns ``names``; None for a row."""
    values = [value.strip() for value in fields]
    if 2 * sum(value == name for value, name in zip(values, names, strict=True)) > len(names):
        return HEADER_AGAIN
    said = [value for value in values if value]
    if not 0 < len(said) < len(names) or not re.fullmatch(_TOTAL, said[0]):
        return None
    return TOTAL_LINE if all(re.fullmatch(_NUMBER, value) for value in said[1:]) else None


def has_intruder(names: Sequence[str]) -> str:
    """SQL of whether a record with the columns ``names``, all of them text, is no row; false or NULL for nearly all."""
    equal = [f"trim({quote_name(name)}) = {quote_text(name)}" for name in names]
    matches = " + ".join(f"coalesce(cast({condition} as integer), 0)" for condition in equal)
    is_header = f"(({' or '.join(equal[:_FIRST_COLUMNS])}) and 2 * ({matches}) > {len(names)})"
    said = [f"nullif(trim({quote_name(name)}), '')" for name in names]
    first = f"coalesce({', '.join(said)})"
    return f"({is_header} or regexp_full_match({first}, {quote_text(_TOTAL)}))"
