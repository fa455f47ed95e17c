"""What a visit to the shop's pages is, whoever comes; visit_draws.py and strangers.py say who does."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ml.simulate.population import People
from ml.simulate.randomness import Booleans, Floats, Integers, count_within, scramble_ids

VISIT, RESEARCH, ORDER, REGISTRATION, MAIL, PASSER_BY, BOT = range(7)
KINDS = ("visit", "research", "order", "registration", "mail", "passer-by", "bot")
# Position of a channel that is none of the preset's: a mail.
FROM_MAIL = -1


@dataclass(frozen=True, eq=False)
class Visits:
    """Visits of a chunk, an entry each, sorted by ``slot`` and time.

    ``slot`` is the person with whose number the visit is counted, ``person`` who it was (-1: nobody who is
    registered); ``device`` is a position in Devices (-1 for passers-by and bots), ``owner`` and ``sequence`` name the
    browser, ``device_kind`` is a position in the preset's devices. ``at`` is when it begins, of visits with an
    order or a registration when that happens; ``longest`` are the most seconds before that. ``order`` is the
    order that is placed or prepared (-1: none), ``campaign`` the one whose mail was clicked. ``is_known`` says that the
    shop learns or knows who it is, ``is_remembered`` that it does from the first page on.
    """

    slot: Integers
    person: Integers
    device: Integers
    owner: Integers
    sequence: Integers
    device_kind: Integers
    kind: Integers
    at: Floats
    longest: Floats
    order: Integers
    channel: Integers
    campaign: Integers
    is_known: Booleans
    is_remembered: Booleans

    def __len__(self) -> int:
        return len(self.slot)


def name_visits(visits: Visits, people: People) -> pl.Series:
    """The tracker's own session identifiers."""
    return scramble_ids("S", people.number[visits.slot], count_within(visits.slot))


def take_visits(visits: Visits, positions: Integers) -> Visits:
    """The visits at some positions."""
    return Visits(**{name: column[positions] for name, column in vars(visits).items()})


def sort_visits(parts: list[Visits]) -> Visits:
    """All visits of several groups in the order of ``slot`` and time."""
    joined = Visits(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])})
    return take_visits(joined, np.lexsort((joined.kind, joined.sequence, joined.at, joined.slot)))
