"""What customers do in social networks, as far as the shop knows their names there."""

from dataclasses import dataclass

import numpy as np

from ml.simulate.config import Preset
from ml.simulate.demand import Demand
from ml.simulate.orders import Lives, set_time_of_day
from ml.simulate.population import People
from ml.simulate.randomness import Floats, Integers, open_stream

ACTS = ("like", "comment", "share", "follow", "mention")
_ACT_SHARES = (0.6, 0.15, 0.1, 0.07, 0.08)
# Acts without words have no sentiment.
_WITH_WORDS = (1, 2, 4)
_DAYS_PER_YEAR = 365.25
# Share of a person's acts in the network they use most; assumption.
_MAIN_NETWORK = 0.75
# Factor on the acts of whoever is gone; assumption.
_AFTER_LEAVING = 0.3
# Mean and spread of a person's sentiment, and the spread between acts; assumption.
_SENTIMENT = (0.3, 0.25, 0.25)


@dataclass(frozen=True, eq=False)
class SocialActs:
    """Acts of a chunk, an entry each, sorted by person and time.

    ``network`` is a position in the preset's networks, ``kind`` one in ACTS; ``sentiment`` is NaN without words.
    """

    person: Integers
    at: Floats
    network: Integers
    kind: Integers
    sentiment: Floats


def draw_social_acts(
    people: People, lives: Lives, demand: Demand, preset: Preset, *, seed: int, chunk: int
) -> SocialActs:
    """Every act while the files last, from the registration on."""
    rng, plan, size = open_stream(seed, "social", chunk), preset.families.social, len(people)
    factor = np.array([kind.social for kind in preset.archetypes])[people.archetype]
    rate = factor * rng.gamma(plan.shape, plan.per_year / plan.shape / _DAYS_PER_YEAR, size)
    rate = rate * (rng.random(size) < plan.linked)
    begin = np.clip(people.came, demand.start, demand.end)
    gone = np.clip(lives.gone_at, begin, demand.end)
    persons, moments = [], []
    for since, until, share in ((begin, gone, 1.0), (gone, np.full(size, demand.end), _AFTER_LEAVING)):
        person = np.repeat(np.arange(size), rng.poisson(rate * (until - since) * share))
        persons.append(person)
        moments.append(since[person] + rng.random(len(person)) * (until - since)[person])
    person = np.concatenate(persons)
    at = set_time_of_day(np.concatenate(moments), preset.families.visits.hours, rng)
    order = np.lexsort((at, person))
    person, at = person[order], at[order]
    shares = np.array([share for _, share in plan.networks])
    main, other = (rng.choice(len(shares), count, p=shares / shares.sum()) for count in (size, len(person)))
    kind = rng.choice(len(ACTS), len(person), p=_ACT_SHARES)
    mean, between, within = _SENTIMENT
    words = rng.normal(mean, between, size)[person] + rng.normal(0, within, len(person))
    return SocialActs(
        person=person,
        at=at,
        network=np.where(rng.random(len(person)) < _MAIN_NETWORK, main[person], other),
        kind=kind,
        sentiment=np.where(np.isin(kind, _WITH_WORDS), np.round(np.clip(words, -1.0, 1.0), 2), np.nan),
    )
