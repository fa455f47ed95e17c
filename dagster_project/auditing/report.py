"""The audit as a page that a person reads: state first, then the families, the models, and what was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dagster_project.auditing.findings import ABOUT_MODELS, NOTE, OK, PROBLEM, STATUSES, WARNING
from dagster_project.auditing.readiness import (
    DO_NOT_SUFFICE,
    LIMITED,
    NOT_JUDGED,
    NOT_POSSIBLE,
    READY,
    SUFFICE,
    SUFFICE_IN_PART,
)
from dagster_project.auditing.settings import AuditSettings, read_settings_of_audit

if TYPE_CHECKING:
    import polars as pl

# Signs that every font has; emoji are boxes on many a server.
_MARKS = {OK: "✓", NOTE: "•", WARNING: "▲", PROBLEM: "✖"}
_TITLES = {PROBLEM: "Problems", WARNING: "Warnings", NOTE: "Notes"}
_READINESS_MARKS = {READY: "●", LIMITED: "◐", NOT_POSSIBLE: "○", NOT_JUDGED: "?"}
_POSSIBLE_MARKS = {SUFFICE: "●", SUFFICE_IN_PART: "◐", DO_NOT_SUFFICE: "○"}
# Notes beyond these are for a query.
_NOTES_SHOWN = 25
# Kinds that have a section of their own.
_OWN_SECTION = (*ABOUT_MODELS, "warehouse")
# Kinds whose check says no more than that it was counted.
_SAID_BY_SUBJECT = ("feature", "rejection", "event_type")

_Row = Mapping[str, Any]


def write_report(table: pl.DataFrame, settings: AuditSettings | None = None) -> str:
    """The report as Markdown, from the rows of the audit's table."""
    rows = table.to_dicts()
    parts = [
        _say_state(rows),
        _tabulate_families(rows),
        _tabulate_models(rows, settings or read_settings_of_audit()),
        _list_findings(rows),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def say_readiness(rows: Iterable[_Row]) -> str:
    """Which models the data allow, in one line."""
    groups: dict[str, list[str]] = {value: [] for value in _READINESS_MARKS}
    for row in rows:
        if row["subject_kind"] == "model":
            groups[row["value"]].append(row["subject"])
    return "; ".join(f"{value}: {', '.join(models)}" for value, models in groups.items() if models)


def _say_state(rows: Sequence[_Row]) -> str:
    summary = next(row for row in rows if row["subject_kind"] == "warehouse" and row["check_name"] == "summary")
    found = _found(rows)
    counts = ", ".join(f"{sum(row['status'] == s for row in found):,} {_TITLES[s].lower()}" for s in _TITLES)
    leaks = next((row["sentence"] for row in rows if row["check_name"] == "leaks"), "")
    return (
        f"## {_MARKS[summary['status']]} {_say_verdict(summary['status'])}\n\n"
        f"As of {summary['as_of_date']}: {int(summary['figure']):,} checks, {counts}. {leaks}"
    )


def _say_verdict(status: str) -> str:
    return {
        OK: "The data are in order",
        NOTE: "The data are in order, with notes",
        WARNING: "Some of the data need a look",
        PROBLEM: "Some of the data should not be used as they are",
    }[status]


def _tabulate_families(rows: Sequence[_Row]) -> str:
    by_family = {row["family"]: row for row in rows if row["subject_kind"] == "family" and row["check_name"] == "rows"}
    loaded = [name for name, row in by_family.items() if row["figure"]]
    lines = [
        "### What there is",
        "",
        "| | family | rows | from | newest | repeated | rejected | time zone | gaps | unknown keys |",
        "|---|---|---:|---|---|---|---|---|---|---|",
    ]
    lines += [_family_line(name, [row for row in rows if row["family"] == name]) for name in loaded]
    empty = [name for name, row in by_family.items() if not row["figure"]]
    if empty:
        lines += ["", f"Without a row: {', '.join(empty)}."]
    return "\n".join(lines)


def _family_line(name: str, rows: Sequence[_Row]) -> str:
    checks = {row["check_name"]: row for row in rows if row["subject_kind"] == "family"}

    def show(check: str) -> str:
        row = checks.get(check)
        return "" if row is None else _short(row)

    orphans = [row for row in rows if row["check_name"] == "orphans" and row["status"] != OK]
    unknown = "; ".join(f"{row['subject'].split('.')[1]} {row['value'].split('(')[-1].rstrip(')')}" for row in orphans)
    status = max((row["status"] for row in rows), key=STATUSES.index)
    rows_cell, _, period = checks["rows"]["value"].partition(" rows")
    first, _, last = period.removeprefix(" from ").partition(" to ")
    cells = [_MARKS[status], name, rows_cell, first, last]
    cells += [*(show(check) for check in ("repeated_rows", "rejected_rows", "time_zone", "gaps")), unknown]
    return "| " + " | ".join(map(_escape, cells)) + " |"


def _short(row: _Row) -> str:
    """A share without its counts; the whole text where there is no share."""
    value = str(row["value"])
    return value.split("(")[-1].rstrip(")") if " of " in value else value


def _tabulate_models(rows: Sequence[_Row], settings: AuditSettings) -> str:
    models = [row for row in rows if row["subject_kind"] == "model"]
    lines = [
        "### What you can do with what you have",
        "",
        "| | model | | why | how to bring what is missing |",
        "|---|---|---|---|---|",
        *_model_lines(models, _READINESS_MARKS, settings),
    ]
    possible = [row for row in rows if row["subject_kind"] == "possible_model"]
    if possible:
        lines += [
            "",
            "### What the data would allow beside it",
            "",
            "None of these is a model of this project yet: nothing trains, scores or publishes it.",
            "",
            "| | what a model could say | | why | how to bring what is missing |",
            "|---|---|---|---|---|",
            *_model_lines(possible, _POSSIBLE_MARKS, settings),
        ]
    return "\n".join(lines)


def _model_lines(rows: Iterable[_Row], marks: Mapping[str, str], settings: AuditSettings) -> Iterator[str]:
    """A line a model, those that the data allow most first."""
    order, known = list(marks), list(settings.models)

    def place(row: _Row) -> tuple[int, int]:
        return order.index(row["value"]), known.index(row["subject"]) if row["subject"] in known else len(known)

    for row in sorted(rows, key=place):
        needs = settings.models.get(row["subject"])
        title = f"**{row['subject']}** {needs.title}" if needs else f"**{row['subject']}**"
        cells = [marks[row["value"]], title, row["value"], _say_why(row["sentence"]), row["remedy"] or ""]
        yield "| " + " | ".join(map(_escape, cells)) + " |"


def _say_why(sentence: str) -> str:
    """The reasons alone: title and verdict stand in cells of their own, and the absence of a model above."""
    for verdict in (*_READINESS_MARKS, *(value.split(";")[0] for value in _POSSIBLE_MARKS)):
        for joint in (" because ", ": "):
            _, is_there, why = sentence.partition(f". {verdict.capitalize()}{joint}")
            if is_there:
                return why.partition(" No such model is configured")[0]
    return sentence


def _list_findings(rows: Sequence[_Row]) -> str:
    found = _found(rows)
    sections = []
    for status in (PROBLEM, WARNING):
        own = [row for row in found if row["status"] == status]
        if own:
            lines = [
                f"- **{row['subject']}** ({_words(row['check_name'])}): {row['sentence']} *{row['remedy'] or ''}*"
                for row in own
            ]
            sections.append(f"### {_MARKS[status]} {_TITLES[status]}\n\n" + "\n".join(lines))
    notes = list(_gather_notes([row for row in found if row["status"] == NOTE]))
    if notes:
        more = len(notes) - _NOTES_SHOWN
        lines = [f"- {note}" for note in notes[:_NOTES_SHOWN]]
        lines += [f"- and {more:,} more in `segments.data_audit`"] if more > 0 else []
        sections.append(f"### {_MARKS[NOTE]} {_TITLES[NOTE]}\n\n" + "\n".join(lines))
    return "\n\n".join(sections)


def _gather_notes(notes: Sequence[_Row]) -> Iterator[str]:
    """Notes that say the same of several columns or features as one line; empty families are named above."""
    gathered: dict[tuple[str, str], list[str]] = {}
    for row in notes:
        name, sentence = row["subject"], row["sentence"]
        if row["subject_kind"] == "family" and row["check_name"] == "rows":
            continue
        if row["check_name"] == "null_share":
            name, sentence = row["subject"].split(".")[1], f"no row of {row['family']} has a value"
        elif row["subject_kind"] not in _SAID_BY_SUBJECT:
            sentence = f"({_words(row['check_name'])}) {sentence}"
        gathered.setdefault((row["subject_kind"], sentence), []).append(name)
    for (_, sentence), names in gathered.items():
        yield f"**{', '.join(names)}**: {sentence}"


def _found(rows: Iterable[_Row]) -> list[_Row]:
    return [row for row in rows if row["status"] != OK and row["subject_kind"] not in _OWN_SECTION]


def _words(check_name: str) -> str:
    return check_name.replace("_", " ")


def _escape(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
