"""Identifiers as examples in a finding: enough to recognise one that you look for, too little to name a person.

The audit is published and stays in the orchestrator's record, where nobody is erased from.
"""

import unicodedata

# Up to so many characters a few of them would give the value away.
_SHORT = 5
_EXAMPLES = 3
# Blanks, and characters that nobody sees.
_UNSEEN_CATEGORIES = ("Cf", "Cc", "Zl", "Zp", "Zs")


def mask_identifier(value: str, *, is_no_person: bool = False) -> str:
    """``value`` cut to its first three characters and its last one; a short one to its first.

    ``is_no_person`` shows a short value whole: what is far too busy to be a person is probably a word. Blanks
    and invisible characters are shown by their number.
    """
    if len(value) > _SHORT:
        return f"{_show(value[:3])}…{_show(value[-1])}"
    if is_no_person:
        return _show(value)
    return f"{_show(value[:1])}…" if len(value) > 1 else "…"


def mask_examples(values: list[str], *, is_no_person: bool = False) -> str:
    """The first three of ``values``, masked."""
    return ", ".join(f"'{mask_identifier(value, is_no_person=is_no_person)}'" for value in values[:_EXAMPLES])


def _show(text: str) -> str:
    return "".join(
        f"U+{ord(character):04X}" if unicodedata.category(character) in _UNSEEN_CATEGORIES else character
        for character in text
    )
