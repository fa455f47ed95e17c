"""A picture of how much of each family there is, week by week: where data begin, stop and pause."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from dagster_project.auditing.activity import Activity

_DOTS_PER_INCH = 100
_BLUE, _GREY = "#2f6db3", "#8a9099"
_WEEK_DAYS = 7


def draw_weeks(activities: Mapping[str, Activity]) -> bytes | None:
    """A PNG with a strip a family over a common calendar, each scaled to its own busiest week.

    None where no family has a time. The week at either end is drawn as far as it is there.
    """
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.figure import Figure

    if not activities:
        return None
    # The object interface only: pyplot keeps global state and asks for a display.
    figure = Figure(figsize=(9.5, 0.6 + 0.55 * len(activities)), dpi=_DOTS_PER_INCH, layout="constrained")
    strips = figure.subplots(len(activities), 1, sharex=True, squeeze=False)[:, 0]
    for strip, (family, activity) in zip(strips, activities.items(), strict=True):
        starts, rows = sum_weeks(activity)
        strip.fill_between(starts, rows / max(rows.max(), 1), step="post", color=_BLUE, linewidth=0)
        strip.set_ylim(0, 1.05)
        strip.set_yticks([])
        strip.spines[["top", "right", "left"]].set_visible(False)
        label = f"{family}\nup to {int(rows.max()):,} a week"
        strip.set_ylabel(label, rotation=0, ha="right", va="center", fontsize=8, color=_GREY)
    locator = AutoDateLocator()
    strips[-1].xaxis.set_major_locator(locator)
    strips[-1].xaxis.set_major_formatter(ConciseDateFormatter(locator))
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def sum_weeks(activity: Activity) -> tuple[list[date], NDArray[np.int64]]:
    """First days and rows of the weeks from the first day on, and the day behind the last one with its rows again."""
    places = np.arange(0, len(activity.days), _WEEK_DAYS)
    rows = np.add.reduceat(activity.days, places)
    ends = np.append(places, len(activity.days))
    starts = [date.fromordinal(activity.first_day.toordinal() + int(place)) for place in ends]
    return starts, np.append(rows, rows[-1])
