"""What browsers decide about data, known by their anonymous identifiers only, and requests to be erased."""

import numpy as np
import polars as pl

from ml.simulate.columns import MS_PER_DAY, pick, to_moments, to_times
from ml.simulate.config import Preset
from ml.simulate.demand import Demand
from ml.simulate.devices import name_devices
from ml.simulate.exports import Chunk
from ml.simulate.orders import find_registrations
from ml.simulate.randomness import name_customers, open_stream, scramble_ids

# Places of browsers' decisions in the identifiers of their owner's.
_BROWSERS_FROM = 50_000
_REASONS = ("no longer a customer", "privacy", None)
_DAYS_PER_YEAR = 365.25


def export_browser_decisions(chunk: Chunk, demand: Demand) -> pl.DataFrame:
    """One row per browser that answered a banner or sends Global Privacy Control, at its first visit.

    Shaped as the decisions of customers, with ``anonymous_id`` in the place of ``customer_id``.
    """
    devices, visits, number = chunk.devices, chunk.visits, chunk.people.number
    own = devices.first[devices.owner] + devices.sequence
    begins = chunk.pages.begins[np.searchsorted(chunk.pages.visit, np.arange(len(visits)))]
    seen = visits.device >= 0
    never = demand.end * MS_PER_DAY
    first_seen = np.full(len(devices.person), never)
    np.minimum.at(first_seen, own[visits.device[seen]], begins[seen])
    decided = np.flatnonzero((first_seen < never) & (devices.has_gpc | devices.is_asked))
    has_gpc, refuses = devices.has_gpc[decided], devices.refuses[decided]
    owner, sequence = number[devices.owner[decided]], devices.sequence[decided]
    return pl.DataFrame(
        {
            "customer_number": owner,
            "consent_event_id": scramble_ids("E", owner, _BROWSERS_FROM + sequence),
            "customer_id": pl.Series([None] * len(decided), dtype=pl.String),
            "anonymous_id": name_devices(owner, sequence),
            "purpose": pick(("analytics", "sale_sharing"), has_gpc.astype(np.int64)),
            "decision": pick(("granted", "denied"), (has_gpc | refuses).astype(np.int64)),
            "occurred_at": to_times(first_seen[decided], demand),
            "source": pick(("form", "gpc"), has_gpc.astype(np.int64)),
        }
    )


def export_erasures(chunk: Chunk, demand: Demand, preset: Preset, *, seed: int, number: int) -> pl.DataFrame:
    """One row per request of a customer to be erased; what the shop does then is not part of its files."""
    people, rng = chunk.people, open_stream(seed, "erasures", number)
    registered = find_registrations(people, chunk.lives)
    wait = rng.exponential(_DAYS_PER_YEAR / preset.families.privacy.erasures, len(people))
    requested_at = np.maximum(registered, demand.start) + wait
    reason = rng.integers(0, len(_REASONS), len(people))
    asks = np.flatnonzero(requested_at < demand.end)
    return pl.DataFrame(
        {
            "customer_number": people.number[asks],
            "request_id": scramble_ids("X", people.number[asks], np.zeros(len(asks), np.int64)),
            "customer_id": name_customers(people.number[asks]),
            "requested_at": to_moments(requested_at[asks], demand),
            "reason": pick(_REASONS, reason[asks]),
        }
    )
