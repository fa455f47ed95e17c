"""What people decide about being profiled and written to, and when they change their mind."""

from dataclasses import dataclass

import numpy as np

from ml.simulate.config import Consent, Preset
from ml.simulate.demand import Demand
from ml.simulate.population import People
from ml.simulate.randomness import Booleans, Floats, Integers, open_stream

PROFILING = ("segmentation", "prediction")
CONTACT = ("activation",)

_DAYS_PER_MONTH = 30.4
_DAYS_PER_YEAR = 365.25
# Withdrawals of contact were observed for this many months.
_MONTHS_OBSERVED = 9
# Spread (log sd) of the time until a refusal is taken back; assumption.
_GRANT_SPREAD = 1.0


@dataclass(frozen=True, eq=False)
class Refusals:
    """From when, and until when, each person refuses (days; infinity for never, and for ever)."""

    begins: Floats
    ends: Floats

    def holds(self, day: float) -> Booleans:
        """Who refuses at the begin of ``day``."""
        return (self.begins < day) & (day <= self.ends)


@dataclass(frozen=True, eq=False)
class Decisions:
    """Consent events, one entry per decision and purpose, and the refusals they amount to.

    ``purpose`` is a position in PROFILING + CONTACT, ``decision`` one in (granted, denied, withdrawn).
    """

    person: Integers
    at: Floats
    purpose: Integers
    decision: Integers
    contact: Refusals
    profiling: Refusals


def draw_decisions(people: People, demand: Demand, preset: Preset, *, seed: int, chunk: int) -> Decisions:
    """Decisions of everyone who was asked; those after the files end are left out."""
    rng, consent = open_stream(seed, "consents", chunk), preset.consent
    size = len(people)
    is_asked = rng.random(size) < consent.asked
    profiling = _draw_refusals(
        people, is_asked, consent, consent.denied_profiling, _draw_profiling_withdrawal(consent, size, rng), rng
    )
    contact = _draw_refusals(
        people, is_asked, consent, consent.denied_contact, _draw_contact_withdrawal(consent, size, rng), rng
    )
    events = [
        _list_events(people, is_asked, refusals, purpose)
        for purpose, refusals in enumerate([profiling] * len(PROFILING) + [contact] * len(CONTACT))
    ]
    person, at, purpose, decision = (np.concatenate(parts) for parts in zip(*events, strict=True))
    order = np.lexsort((purpose, at, person))
    order = order[at[order] < demand.end]
    return Decisions(person[order], at[order], purpose[order], decision[order], contact, profiling)


def _draw_contact_withdrawal(consent: Consent, size: int, rng: np.random.Generator) -> Floats:
    """Days from the registration to the withdrawal; infinity for most."""
    later = 1 - consent.first_month - consent.second_month
    shares = np.array([consent.first_month, consent.second_month, *[later / (_MONTHS_OBSERVED - 2)] * 7])
    month = rng.choice(_MONTHS_OBSERVED, size, p=shares / shares.sum())
    days = (month + rng.random(size)) * _DAYS_PER_MONTH
    return np.where(rng.random(size) < consent.withdrawn_contact, days, np.inf)


def _draw_profiling_withdrawal(consent: Consent, size: int, rng: np.random.Generator) -> Floats:
    return rng.exponential(-_DAYS_PER_YEAR / np.log1p(-consent.withdrawn_profiling), size)


def _draw_refusals(
    people: People, is_asked: Booleans, consent: Consent, denied: float, days: Floats, rng: np.random.Generator
) -> Refusals:
    is_denied = rng.random(len(people)) < denied
    begins = np.where(is_asked, people.came + np.where(is_denied, 0.0, days), np.inf)
    wait = rng.lognormal(np.log(consent.median_days_to_grant), _GRANT_SPREAD, len(people))
    returns = rng.random(len(people)) < consent.granted_again
    return Refusals(begins, np.where(returns, begins + 1.0 + wait, np.inf))


def _list_events(
    people: People, is_asked: Booleans, refusals: Refusals, purpose: int
) -> tuple[Integers, Floats, Integers, Integers]:
    """Person, moment, purpose and decision of the first decision, the refusal and its end."""
    is_denied = refusals.begins == people.came
    first, withdrew = np.flatnonzero(is_asked), np.flatnonzero(np.isfinite(refusals.begins) & ~is_denied)
    again = np.flatnonzero(np.isfinite(refusals.ends))
    person = np.concatenate([first, withdrew, again])
    at = np.concatenate([people.came[first], refusals.begins[withdrew], refusals.ends[again]])
    decision = np.concatenate([is_denied[first].astype(np.int64), np.full(len(withdrew), 2), np.zeros(len(again), int)])
    return person, at, np.full(len(person), purpose), decision
