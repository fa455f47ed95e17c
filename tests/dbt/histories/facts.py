"""A fact as a generated history knows it: what happened, when, when it arrived, and in which load it was stored.

The end of a day is worked out here from the calendar alone, so that the tests share no line with the SQL.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.dbt.corner_shop import TIME_ZONE

FIRST_DAY = datetime(2024, 1, 3)
# The first load is the shop's history; the others bring what is new by then, and news of old days.
LOADED_AT = (datetime(2024, 7, 2, 6), datetime(2024, 9, 16, 6), datetime(2024, 11, 20, 6))
LAST_LOAD = len(LOADED_AT) - 1

# What a row says ahead of time of its own end, and what it says instead as long as the end has not come.
_ENDS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "support_tickets": ("closed_at", {"closed_at": None, "csat_score": None}),
    "deals": ("closed_at", {"closed_at": None, "stage": "open"}),
}
# What the record of an open deal says as long as its export has not been made.
_EARLIER_STAGE = "lead"
# Who may be profiled is decided as of now for every as-of date (docs/decisions/0010-consent-gate.md).
GATE_TABLES = frozenset({"consents", "erasure_requests"})

Row = dict[str, Any]


@dataclass(frozen=True)
class Fact:
    """One version of a raw row. Without ``arrived_at`` it was known when it occurred, or, without a time, always."""

    table: str
    row: Row
    occurred_at: datetime | None
    arrived_at: datetime | None
    load: int
    is_correction: bool = False

    def was_known_by(self, end: datetime) -> bool:
        """Whether it had occurred and arrived before ``end``.

        What takes an earlier version back is news as soon as it arrives, even if it says that the thing is still to
        come: nobody believes the earlier version any more.
        """
        has_arrived = self.arrived_at is None or self.arrived_at < end
        has_occurred = self.occurred_at is None or self.occurred_at < end
        return has_arrived and (has_occurred or (self.is_correction and self.arrived_at is not None))

    def without_what_follows(self, end: datetime) -> "Fact":
        """The same row without an end that it names ahead of time, and without what only its export knew."""
        if self.table not in _ENDS:
            return self
        ended_at, unended = _ENDS[self.table]
        if self.row[ended_at] is not None and self.row[ended_at] >= end:
            return replace(self, row={**self.row, **unended})
        if self.row[ended_at] is None and self.table == "deals" and self._stage_known_at() >= end:
            return replace(self, row={**self.row, "stage": _EARLIER_STAGE})
        return self

    def _stage_known_at(self) -> datetime:
        """When the stage of a deal's own record could be known: an export of the history names that of its own day."""
        created_at = self.row["created_at"]
        if self.arrived_at is None or (created_at is not None and self.arrived_at <= created_at):
            return LOADED_AT[self.load]
        return self.arrived_at


def end_of(day: date) -> datetime:
    """The first second after ``day`` in the business time zone, in UTC without an offset."""
    midnight = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(TIME_ZONE))
    return midnight.astimezone(UTC).replace(tzinfo=None)


def known_by(facts: Iterable[Fact], day: date) -> list[Fact]:
    """What of ``facts`` had occurred and arrived by the end of ``day``, and all that the consent gate reads."""
    end = end_of(day)
    return [fact.without_what_follows(end) for fact in facts if fact.table in GATE_TABLES or fact.was_known_by(end)]


@dataclass
class Teller:
    """Tells facts of one customer: draws when each arrived, and sometimes corrects it, moves it in time or deletes it."""

    name: str
    seed: int
    facts: list[Fact] = field(default_factory=list)
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed} {self.name}")

    def chance(self, share: float) -> bool:
        """True in ``share`` of all cases."""
        return self.random.random() < share

    def moment(self, after: datetime = FIRST_DAY, before: datetime = LOADED_AT[LAST_LOAD]) -> datetime:
        """Any second between two times."""
        return after + timedelta(seconds=self.random.randrange(max(int((before - after).total_seconds()), 1)))

    def soon(self, after: datetime, *, days: float) -> datetime:
        """A second within ``days`` after a time."""
        return after + timedelta(seconds=1 + self.random.randrange(int(days * 86_400)))

    def tell(self, table: str, row: Row, occurred_at: datetime | None, *, is_tracked: bool = False) -> Fact | None:
        """A new fact, one in 25 of which leaves later; ``is_tracked`` where the source says when it received each row."""
        known_at = occurred_at if occurred_at is not None else FIRST_DAY
        kind = self.random.choices(("in time", "loaded late", "received late", "ahead"), (75, 10, 10, 5))[0]
        if kind == "received late" or (kind == "loaded late" and is_tracked):
            arrived_at = self.soon(known_at, days=self.random.choice((0.1, 1, 2.9, 5)))
            load = _first_load(arrived_at)
        elif kind == "ahead" and is_tracked:
            arrived_at = known_at - timedelta(hours=self.random.choice((1, 30)))
            load = _first_load(known_at)
        else:
            load = _first_load(known_at)
            if kind == "loaded late" and load is not None:
                load = self.random.choice((load, LAST_LOAD))
            is_late = load is not None and load > (_first_load(known_at) or 0)
            arrived_at = LOADED_AT[load] if load is not None and is_late else occurred_at
        fact = self._store(table, row, occurred_at, arrived_at, load)
        if self.chance(0.04):
            self.correct(fact, {"is_deleted": True})
        return fact

    def correct(self, fact: Fact | None, changes: Row, *, occurred_at: datetime | None = None) -> Fact | None:
        """A later version of ``fact``: of a later load, or of the same one with a time of receipt of its own."""
        if fact is None:
            return None
        moved_to = occurred_at if occurred_at is not None else fact.occurred_at
        believed_since = fact.arrived_at or fact.occurred_at or FIRST_DAY
        if self.chance(0.5) and fact.load < LAST_LOAD:
            load: int | None = self.random.randint(fact.load + 1, LAST_LOAD)
            arrived_at = LOADED_AT[load or 0]
        else:
            # Now and then the correction says that it was known before what it corrects.
            days_before = self.random.choice((0, 0, 0, 0.5, 3))
            arrived_at = self.soon(believed_since - timedelta(days=days_before), days=self.random.choice((1, 10, 60)))
            first_load = _first_load(arrived_at)
            load = max(first_load, fact.load) if first_load is not None else None
        return self._store(fact.table, {**fact.row, **changes}, moved_to, arrived_at, load, is_correction=True)

    def _store(
        self,
        table: str,
        row: Row,
        occurred_at: datetime | None,
        arrived_at: datetime | None,
        load: int | None,
        *,
        is_correction: bool = False,
    ) -> Fact | None:
        """The fact, unless the shop has not loaded it yet."""
        if load is None:
            return None
        fact = Fact(table, row, occurred_at, arrived_at, load, is_correction)
        self.facts.append(fact)
        return fact


def _first_load(moment: datetime) -> int | None:
    """The first load after a moment; None where there has been none."""
    return next((number for number, loaded_at in enumerate(LOADED_AT) if moment < loaded_at), None)
