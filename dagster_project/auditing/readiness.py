"""What can be done with what is there: each model's needs against the data, requirement by requirement."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from dagster_project.auditing.features import LABELS, Coverage
from dagster_project.auditing.findings import NOTE, OK, WARNING, Finding
from dagster_project.auditing.profiles import FamilyProfile
from dagster_project.auditing.settings import (
    AuditSettings,
    CustomersNeeded,
    DatesNeeded,
    HistoryNeeded,
    ModelNeeds,
    OutcomesNeeded,
    Requirement,
    RowsNeeded,
    read_features_of,
)
from dagster_project.warehouse import Connection

READY, LIMITED, NOT_POSSIBLE, NOT_JUDGED = "ready", "limited", "not possible", "not judged"
# What cannot be done with the data is no defect of them.
_STATUS = {READY: OK, LIMITED: NOTE, NOT_POSSIBLE: WARNING}
# The same of a model that nobody has configured: in words that nobody takes for a model that is there.
SUFFICE, SUFFICE_IN_PART, DO_NOT_SUFFICE = (
    f"data {word}; no such model yet" for word in ("suffice", "suffice in part", "do not suffice")
)
_OF_POSSIBLE = {READY: SUFFICE, LIMITED: SUFFICE_IN_PART, NOT_POSSIBLE: DO_NOT_SUFFICE}
_FEATURES_NAMED = 4


@dataclass(frozen=True)
class Outcomes:
    """What followed past as-of dates within some days: whole dates, cases with an order and cases without."""

    dates: int = 0
    ordered: int = 0
    did_not: int = 0


@dataclass(frozen=True)
class Facts:
    """What the requirements are held against; ``outcomes`` by the days after the as-of date."""

    profiles: Mapping[str, FamilyProfile]
    coverage: Coverage = field(default_factory=Coverage)
    outcomes: Mapping[int, Outcomes] = field(default_factory=dict)


@dataclass(frozen=True)
class _Held:
    """A requirement held against the facts: what is there, in words, and how to bring what is missing."""

    is_met: bool
    figure: float
    said: str
    remedy: str


def read_outcomes(connection: Connection, settings: AuditSettings) -> dict[int, Outcomes]:
    """The outcomes for each number of days that a requirement names."""
    needed = {
        requirement.within_days
        for needs in settings.models.values()
        for requirement in needs.requirements.values()
        if isinstance(requirement, OutcomesNeeded | DatesNeeded)
    }
    return {days: _count_outcomes(connection, days) for days in sorted(needed)}


def judge_models(facts: Facts, settings: AuditSettings, configured: Collection[str]) -> Iterator[Finding]:
    """One finding per model for what the data allow, and one per requirement.

    A model of ``configured`` is a ``model`` with its readiness; another one of the settings is a
    ``possible_model``, which nobody can run.
    """
    for name in configured:
        if name not in settings.models:
            yield _say_not_judged(name)
    for name, needs in settings.models.items():
        held = {key: (requirement, _hold(requirement, facts)) for key, requirement in needs.requirements.items()}
        for key, (requirement, result) in held.items():
            yield _of_requirement(f"{name}: {key}", requirement, result)
        unmet = [(requirement, result) for requirement, result in held.values() if not result.is_met]
        finding = _of_model(name, needs, unmet, facts.coverage)
        yield finding if name in configured else _without_model(finding)


def _of_requirement(subject: str, requirement: Requirement, held: _Held) -> Finding:
    status = OK if held.is_met else NOTE if requirement.helpful else WARNING
    return Finding(
        "requirement", subject, "is_met", status,
        f"{held.said} ({_say_need(requirement)}).",
        "met" if held.is_met else "not met", held.figure, None if held.is_met else held.remedy,
    )  # fmt: skip


def _of_model(name: str, needs: ModelNeeds, unmet: list[tuple[Requirement, _Held]], coverage: Coverage) -> Finding:
    missing = [entry for entry in unmet if not entry[0].helpful]
    without = [feature for feature in read_features_of(needs) if not coverage.share(feature)]
    if missing:
        value, because = NOT_POSSIBLE, missing
    elif unmet or (without and coverage.customers):
        value, because = LIMITED, unmet
    else:
        value, because = READY, []
    reasons = [f"{held.said} ({_say_need(requirement)})" for requirement, held in because]
    remedies = [held.remedy for _, held in because]
    if without and coverage.customers and value != NOT_POSSIBLE:
        named = ", ".join(without[:_FEATURES_NAMED]) + (" and more" if len(without) > _FEATURES_NAMED else "")
        reasons.append(f"{len(without)} of its {len(read_features_of(needs))} features lack values ({named})")
        remedies.append("See what each feature without a value lacks.")
    sentence = f"{value.capitalize()}" + (
        f" because {'; '.join(reasons)}." if reasons else ": the data have what it needs."
    )
    remedy = " ".join(dict.fromkeys(remedies)) or None
    return Finding(
        "model", name, "readiness", _STATUS[value], f"{needs.title}. {sentence}", value, float(len(because)), remedy
    )


def _without_model(finding: Finding) -> Finding:
    """What is said of a model, as what the data would allow if there were one."""
    readiness = str(finding.value)
    value = _OF_POSSIBLE[readiness]
    sentence = finding.sentence.replace(f". {readiness.capitalize()}", f". {value.split(';')[0].capitalize()}", 1)
    return replace(
        finding,
        subject_kind="possible_model",
        check_name="data",
        status=OK if value == SUFFICE else NOTE,
        value=value,
        sentence=f"{sentence} No such model is configured: nothing trains, scores or publishes it.",
    )


def _say_not_judged(name: str) -> Finding:
    return Finding(
        "model", name, "readiness", NOTE, f"{name}. Not judged: nothing says what it needs of the data.", NOT_JUDGED,
        remedy=f"List its needs under models.{name} in dagster_project/auditing/audit.yml.",
    )  # fmt: skip


def _say_need(requirement: Requirement) -> str:
    if requirement.helpful:
        return f"at least {requirement.at_least:,} would add {requirement.brings}"
    return f"at least {requirement.at_least:,} needed for {requirement.brings}"


def _hold(requirement: Requirement, facts: Facts) -> _Held:
    if isinstance(requirement, RowsNeeded):
        return _hold_rows(requirement, facts)
    if isinstance(requirement, HistoryNeeded):
        return _hold_history(requirement, facts)
    if isinstance(requirement, CustomersNeeded):
        found = facts.coverage.customers
        remedy = "Load more customers with their orders; segments.revenue_waterfall says which rule takes any out."
        return _Held(found >= requirement.at_least, found, f"{found:,} customers can be profiled", remedy)
    outcomes = facts.outcomes.get(requirement.within_days, Outcomes())
    if isinstance(requirement, DatesNeeded):
        dates = f"{outcomes.dates:,} past as-of dates were" if outcomes.dates > 1 else "at most one past as-of date was"
        said = f"{dates} observed for {requirement.within_days} days"
        remedy = "Load a longer history of orders; every month that is complete adds a date."
        return _Held(outcomes.dates >= requirement.at_least, outcomes.dates, said, remedy)
    fewest = min(outcomes.ordered, outcomes.did_not)
    said = (
        f"{outcomes.ordered:,} cases ordered within {requirement.within_days} days of a past as-of date "
        f"and {outcomes.did_not:,} did not"
    )
    remedy = "Load a longer history of orders, or more customers."
    return _Held(fewest >= requirement.at_least, fewest, said, remedy)


def _hold_rows(requirement: RowsNeeded, facts: Facts) -> _Held:
    found = {family: _count_given(facts.profiles[family], requirement.columns) for family in requirement.families}
    best = max(found.values())
    tables = " or ".join(requirement.families)
    columns = " and ".join(requirement.columns)
    said = f"{_say_count(best)} of {tables}" + (f" with {columns}" if columns else "")
    table = facts.profiles[requirement.families[0]].table
    mapped = ", ".join(dict.fromkeys((*table.key, *table.required, *requirement.columns)))
    remedy = f"Bring {tables} with a source YAML (tables.{table.name}, with {mapped})."
    return _Held(best >= requirement.at_least, best, said, remedy)


def _hold_history(requirement: HistoryNeeded, facts: Facts) -> _Held:
    profiles = [facts.profiles[family] for family in requirement.families]
    first = [profile.first_at for profile in profiles if profile.first_at is not None]
    last = [profile.last_at for profile in profiles if profile.last_at is not None]
    days = (max(last) - min(first)).days if first and last else 0
    tables = " and ".join(requirement.families)
    remedy = f"Load older files of {requirement.families[0]}; a first load may reach back as far as they do."
    return _Held(days >= requirement.at_least, days, f"{tables} reach over {days:,} days", remedy)


def _say_count(rows: int) -> str:
    return f"{rows:,} row{'' if rows == 1 else 's'}" if rows else "no row"


def _count_given(profile: FamilyProfile, columns: tuple[str, ...]) -> int:
    if not profile.rows:
        return 0
    if not columns:
        return profile.rows
    return profile.given[columns[0]] if len(columns) == 1 else profile.together[columns]


def _count_outcomes(connection: Connection, days: int) -> Outcomes:
    row = connection.execute(
        f"select count(distinct as_of_date), count(*) filter (days_to_next_order <= {days}), count(*) "
        f"from {LABELS} where observed_days >= {days}"
    ).fetchall()[0]
    return Outcomes(row[0], row[1], row[2] - row[1])
