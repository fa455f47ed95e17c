"""A finding of the audit, and all of them as the published table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

OK, NOTE, WARNING, PROBLEM = "ok", "note", "warning", "problem"
# From harmless to grave.
STATUSES = (OK, NOTE, WARNING, PROBLEM)
# Kinds of subjects that say what can be done with the data, and nothing of the data themselves.
ABOUT_MODELS = ("model", "possible_model", "requirement")


@dataclass(frozen=True)
class Finding:
    """What one check says of one subject.

    ``value`` is the result as text and ``figure`` as a number, where there is one; ``family`` names the raw
    table it is about. ``sentence`` says it to a person and ``remedy`` what to do about it.
    """

    subject_kind: str
    subject: str
    check_name: str
    status: str
    sentence: str
    value: str | None = None
    figure: float | None = None
    remedy: str | None = None
    family: str | None = None


def tabulate_findings(findings: Sequence[Finding], *, as_of_date: date, computed_at: datetime) -> pl.DataFrame:
    """One row per subject kind, subject and check; in that order, all columns there even without a finding."""
    import polars as pl

    names = ("subject_kind", "subject", "check_name", "family", "status", "value", "figure", "sentence", "remedy")
    schema = pl.Schema({name: pl.Float64() if name == "figure" else pl.String() for name in names})
    rows = [[getattr(finding, name) for name in schema] for finding in findings]
    return (
        pl.DataFrame(rows, schema=schema, orient="row")
        .select(pl.lit(as_of_date).alias("as_of_date"), pl.all(), pl.lit(computed_at).alias("computed_at"))
        .sort("subject_kind", "subject", "check_name")
    )


def worst_status(findings: Iterable[Finding]) -> str:
    """The gravest status among ``findings``; ok where there is none."""
    return max((finding.status for finding in findings), key=STATUSES.index, default=OK)


def grade(figure: float, *, note: float = 0.0, warning: float, problem: float | None = None) -> str:
    """The status of a share: a note above ``note``, a warning from ``warning`` on, a problem from ``problem`` on."""
    if problem is not None and figure >= problem:
        return PROBLEM
    if figure >= warning:
        return WARNING
    return NOTE if figure > note else OK


def say_share(part: int, whole: int) -> str:
    """A count with its share: ``412 of 9,870 (4.2 %)``; tiny shares are not rounded to nothing."""
    share = part / whole if whole else 0.0
    percent = f"{100 * share:.1f} %" if share >= 0.001 or part == 0 else "less than 0.1 %"
    return f"{part:,} of {whole:,} ({percent})"


def say_money(amount: Decimal | float) -> str:
    """An amount with two decimals and without a currency: ``48,977.50``."""
    return f"{amount:,.2f}"


def say_change(amount: Decimal | float) -> str:
    """A difference in words: ``48,977.50 less``, ``77.00 more``."""
    return f"{say_money(-amount)} less" if amount < 0 else f"{say_money(amount)} more"


def say_count(number: int, thing: str) -> str:
    """A number of things: ``1 row``, ``2,040 rows``."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
