"""Random numbers that depend on the seed, the purpose and the chunk of customers, and on nothing else.

Each part of the simulation draws from a stream of its own, so that a new part changes nobody's life, and
customers are simulated in chunks of fixed size, so that a larger shop begins with the same customers.
"""

import zlib
from typing import Any

import numpy as np
import polars as pl

# Customers per chunk; another number gives other lives.
CHUNK_CUSTOMERS = 2_000

# Identifiers are numbers below 2**_ID_BITS multiplied by an odd number: a bijection that hides their order.
_ID_BITS = 43
_ID_FACTOR = np.uint64(6_364_136_223_846_793_005)
# Things of one kind that a customer can have before the identifiers of two customers meet.
_IDS_PER_CUSTOMER = 100_000

Floats = np.ndarray[Any, np.dtype[np.float64]]
Integers = np.ndarray[Any, np.dtype[np.int64]]
Booleans = np.ndarray[Any, np.dtype[np.bool_]]


def open_stream(seed: int, purpose: str, chunk: int = 0) -> np.random.Generator:
    """The generator of one purpose ("orders", "consents") and one chunk of customers."""
    return np.random.default_rng([seed, zlib.crc32(purpose.encode()), chunk])


def scramble_ids(prefix: str, customer_numbers: Integers, sequence: Integers) -> pl.Series:
    """Unique identifiers of a customer's n-th thing that tell neither the customer nor the order in time."""
    numbers = customer_numbers.astype(np.uint64) * np.uint64(_IDS_PER_CUSTOMER) + sequence.astype(np.uint64)
    scrambled = (numbers * _ID_FACTOR) & np.uint64(2**_ID_BITS - 1)
    return name_things([f"{prefix}{number:013d}" for number in scrambled.tolist()])


def name_customers(customer_numbers: Integers) -> pl.Series:
    """The shop's identifiers of customers: C0000000 and on, in the order of their numbers."""
    return name_things([f"C{number:07d}" for number in customer_numbers.tolist()])


def name_things(names: list[str] | list[str | None]) -> pl.Series:
    """Names as a column of texts, also where there are none."""
    return pl.Series(names, dtype=pl.String)


def count_within(groups: Integers) -> Integers:
    """The position 0, 1, 2, ... of each entry within its group; equal groups must be neighbours."""
    positions = np.arange(len(groups))
    begins = np.r_[True, groups[1:] != groups[:-1]] if len(groups) else np.empty(0, bool)
    return positions - np.maximum.accumulate(np.where(begins, positions, 0))
