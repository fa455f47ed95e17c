"""The truth about visits and browsers: whose they were, what they were for, and which are of bots."""

import numpy as np
import polars as pl

from ml.simulate.columns import pick, to_times
from ml.simulate.config import Preset
from ml.simulate.demand import Demand
from ml.simulate.devices import name_devices
from ml.simulate.exports import Chunk, name_orders
from ml.simulate.randomness import name_customers
from ml.simulate.visits import BOT, KINDS, PASSER_BY, name_visits


def list_visits(chunk: Chunk, demand: Demand, preset: Preset) -> pl.DataFrame:
    """One row per visit, tracked or not: who it was (NULL: a passer-by or a bot), when it began, and its pages.

    ``order_id`` is the order that was placed, or that the visit prepared. ``weight`` is how many visits of the whole
    shop it stands for: passers-by are a sample.
    """
    visits, pages, people = chunk.visits, chunk.pages, chunk.people
    first = np.searchsorted(pages.visit, np.arange(len(visits)))
    return pl.DataFrame(
        {
            "customer_number": people.number[visits.slot],
            "session_id": name_visits(visits, people),
            "anonymous_id": name_devices(people.number[visits.owner], visits.sequence),
            "customer_id": pick(name_customers(people.number), visits.person),
            "visit_kind": pick(KINDS, visits.kind),
            "is_bot": visits.kind == BOT,
            "started_at": to_times(pages.begins[first], demand),
            "page_count": np.bincount(pages.visit, minlength=len(visits)),
            "order_id": pick(name_orders(chunk.orders, people), visits.order),
            "weight": np.where(visits.kind == PASSER_BY, 1 / preset.families.visits.sample, 1.0),
        }
    )


def list_identities(chunk: Chunk) -> pl.DataFrame:
    """One row per browser and person who uses it; a browser that is shared has two rows."""
    devices, people = chunk.devices, chunk.people
    return pl.DataFrame(
        {
            "customer_number": people.number[devices.person],
            "anonymous_id": name_devices(people.number[devices.owner], devices.sequence),
            "customer_id": name_customers(people.number[devices.person]),
            "is_shared_browser": devices.owner != devices.person,
            "has_global_privacy_control": devices.has_gpc,
            "refuses_analytics": devices.refuses,
            "clock_hours_off": devices.hours_off,
        }
    )
