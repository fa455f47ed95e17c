"""The months that models can be trained for: those the feature mart has an as-of date in."""

from collections.abc import Iterable
from datetime import date

import dagster as dg

# Dynamic, because the months are the data's: a fixed grid from any start to today would be mostly empty.
AS_OF_MONTHS = dg.DynamicPartitionsDefinition(name="as_of_month")


def month_of(as_of_date: date) -> str:
    """The partition key of a day's month, e.g. 2017-12."""
    return f"{as_of_date:%Y-%m}"


def add_months(instance: dg.DagsterInstance, as_of_dates: Iterable[date]) -> list[str]:
    """Registers the months of ``as_of_dates`` that are not known yet, oldest first; returns all known ones."""
    known = set(known_months(instance))
    new = sorted({month_of(day) for day in as_of_dates} - known)
    if new:
        instance.add_dynamic_partitions(str(AS_OF_MONTHS.name), new)
    return sorted(known | set(new))


def known_months(instance: dg.DagsterInstance) -> list[str]:
    """Months that can be trained for, oldest first."""
    return sorted(instance.get_dynamic_partitions(str(AS_OF_MONTHS.name)))


def newest_month(instance: dg.DagsterInstance) -> str:
    """The newest month that can be trained for; raises LookupError when there is none."""
    months = known_months(instance)
    if not months:
        raise LookupError(
            "the feature mart has no as-of date: no complete day with an order is known. Either no order was "
            "loaded (the load's metadata and schema quarantine say why), or all orders lie on the newest day, "
            "which may be incomplete, or none is worth anything (a source without prices can count items: "
            "`net_amount: 1`), or AS_OF_DATE lies before the first order"
        )
    return months[-1]
