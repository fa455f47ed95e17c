"""The browsers that people use, each known to the shop by an anonymous identifier."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from ml.simulate.config import Preset
from ml.simulate.population import People
from ml.simulate.randomness import Booleans, Floats, Integers, count_within, open_stream, scramble_ids

_MOST_DEVICES = 6
# Hours by which a wrong clock may be off, to either side; assumption.
_MOST_HOURS_OFF = 12.0
# Places in a person's identifiers: the person's own browsers, then those of passers-by and of bots.
PASSERS_FROM = 100
BOTS_FROM = 50_000


@dataclass(frozen=True, eq=False)
class Devices:
    """Browsers of the people of a chunk, sorted by person, the main one first; an entry each.

    ``owner`` and ``sequence`` name the browser: they are another person's where the browser is shared. ``kind``
    is a position in the preset's devices; ``hours_off`` the error of its clock. A browser that
    ``refuses`` to be analysed is still recorded where it is ``leaking``.
    """

    person: Integers
    owner: Integers
    sequence: Integers
    kind: Integers
    has_gpc: Booleans
    is_asked: Booleans
    refuses: Booleans
    is_leaking: Booleans
    hours_off: Floats
    first: Integers
    count: Integers

    def choose(self, person: Integers, main_share: float, rng: np.random.Generator) -> Integers:
        """For each visit of a person the position of the browser: mostly the main one."""
        others = np.maximum(self.count[person] - 1, 1)
        other = 1 + np.floor(rng.random(len(person)) * others).astype(np.int64)
        is_main = (rng.random(len(person)) < main_share) | (self.count[person] == 1)
        return self.first[person] + np.where(is_main, 0, other)


def draw_devices(people: People, preset: Preset, *, seed: int, chunk: int) -> Devices:
    """The browsers of everyone in a chunk."""
    rng, plan, privacy = open_stream(seed, "devices", chunk), preset.families.devices, preset.families.privacy
    size = len(people)
    count = np.minimum(1 + rng.poisson(plan.per_person - 1, size), _MOST_DEVICES)
    person = np.repeat(np.arange(size), count)
    first = np.r_[0, np.cumsum(count)[:-1]]
    sequence = count_within(person)
    shares = np.array([share for _, share in preset.devices])
    kind = np.where(sequence == 0, people.device[person], rng.choice(len(shares), len(person), p=shares / shares.sum()))
    is_shared = (sequence > 0) & (rng.random(len(person)) < plan.shared)
    # Two neighbours in the list are a household; of a browser that is shared, everything is the owner's.
    owner = np.where(is_shared, person ^ 1, person)
    source = np.where(is_shared, first[owner], np.arange(len(person)))
    has_gpc = rng.random(len(person)) < privacy.gpc
    is_asked = ~has_gpc & (rng.random(len(person)) < privacy.asked)
    refuses = is_asked & (rng.random(len(person)) < privacy.denied)
    is_leaking = rng.random(len(person)) < privacy.leaking
    is_wrong = rng.random(len(person)) < preset.families.tracking.wrong_clocks
    hours_off = np.where(is_wrong, rng.uniform(-_MOST_HOURS_OFF, _MOST_HOURS_OFF, len(person)), 0.0)
    return Devices(
        person=person,
        owner=owner,
        sequence=np.where(is_shared, 0, sequence),
        kind=kind[source],
        has_gpc=has_gpc[source],
        is_asked=is_asked[source],
        refuses=refuses[source],
        is_leaking=is_leaking[source],
        hours_off=hours_off[source],
        first=first,
        count=count,
    )


def name_devices(owner_numbers: Integers, sequence: Integers) -> pl.Series:
    """The tracker's anonymous identifiers."""
    return scramble_ids("A", owner_numbers, sequence)
