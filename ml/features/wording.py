"""Feature values in plain words: the one place where a number becomes a text that people read.

Explanations, segment names and profiles all speak through these functions, so that a feature is never
shown under its column name and a value never without its unit.
"""

import math
from collections.abc import Callable

from ml.config import FeatureSpec

# A ratio of two quarters above this says "many times" better than a percentage does.
_MANY_TIMES = 10.0
_SAME_TENTH, _SAME_POINTS = 0.1, 0.02
_MOST_DIGITS = 12


def format_value(value: float | None, spec: FeatureSpec) -> str:
    """``value`` with the feature's unit (``twice``, ``12 days``, ``4 %``), or ``not known`` for None."""
    if value is None or math.isnan(value):
        return "not known"
    return _FORMATS[spec.format](value)


def describe_value(value: float | None, spec: FeatureSpec) -> str:
    """The start of a sentence about one customer: ``Ordered 12 times in the last 90 days``."""
    if value is None or math.isnan(value):
        return capitalise(f"{spec.label}: not known")
    return capitalise(spec.phrase.format(value=format_value(value, spec)))


def describe_figure(value: float | None, spec: FeatureSpec) -> str:
    """``value`` beside a label: like ``format_value``, but a plain number where the label counts times."""
    if value is not None and not math.isnan(value) and spec.format == "times":
        return format_number(value)
    return format_value(value, spec)


def is_about_equal(value: float, usual: float, spec: FeatureSpec) -> bool:
    """Whether a reader takes ``value`` and ``usual`` for the same: a tenth apart, or two points of a share."""
    points = _SAME_POINTS if spec.format in {"share", "against"} else 0.0
    return abs(value - usual) <= max(_SAME_TENTH * max(abs(value), abs(usual)), points)


def format_below(value: float, bar: float, digits: int) -> str:
    """``value`` with ``digits`` decimals, or as many more as it takes to read as less than ``bar``."""
    while digits < _MOST_DIGITS and value < bar and round(value, digits) >= round(bar, digits):
        digits += 1
    return f"{value:.{digits}f}"


def capitalise(text: str) -> str:
    """``text`` with its first letter as a capital and the rest untouched."""
    return text[:1].upper() + text[1:]


def format_number(value: float) -> str:
    """A whole number with thousands separators, or one decimal where the fraction matters."""
    if abs(value) >= 100 or abs(value - round(value)) < 0.05:
        return f"{round(value):,}"
    return f"{value:,.1f}"


def format_money(value: float) -> str:
    """An amount in the shop's currency: two decimals below 100, none above."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"


def format_share(value: float) -> str:
    """A share as a percentage: ``12 %``, or ``under 1 %`` where rounding would show none."""
    return "under 1 %" if 0 < value < 0.01 else f"{round(100 * value):,} %"


def _format_times(value: float) -> str:
    return {0.0: "not once", 1.0: "once", 2.0: "twice"}.get(value, f"{format_number(value)} times")


def _format_days(value: float) -> str:
    return "1 day" if value == 1 else f"{format_number(value)} days"


def _format_against(value: float) -> str:
    """The later period against the one before, from (later - before) / (later + before)."""
    if value >= 1:
        return "up from nothing"
    ratio = (1 + value) / (1 - value)
    if ratio > _MANY_TIMES:
        return f"{format_number(ratio)} times as much"
    change = round(100 * (ratio - 1))
    if change == 0:
        return "unchanged"
    return f"up {change} %" if change > 0 else f"down {-change} %"


_FORMATS: dict[str, Callable[[float], str]] = {
    "times": _format_times,
    "count": format_number,
    "days": _format_days,
    "money": format_money,
    "share": format_share,
    "against": _format_against,
    "number": lambda value: f"{value:,.2f}",
}
