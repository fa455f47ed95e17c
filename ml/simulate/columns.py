"""Arrays as columns of frames: moments, and names by position."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import polars as pl

from ml.simulate.demand import Demand
from ml.simulate.randomness import Floats, Integers

SECONDS_PER_DAY = 86_400
MS_PER_DAY = 86_400_000


def to_moments(day: Floats, demand: Demand) -> pl.Series:
    """Moments in days as local times, to the second; infinity becomes NULL."""
    is_known = np.isfinite(day)
    seconds = np.rint(np.where(is_known, day, 0.0) * SECONDS_PER_DAY).astype(np.int64)
    moments = to_times(seconds * 1000, demand)
    return pl.select(pl.when(pl.Series(is_known)).then(moments)).to_series()


def to_times(milliseconds: Integers, demand: Demand) -> pl.Series:
    """Moments in milliseconds since the first day as local times."""
    begin = datetime.combine(demand.first_date, datetime.min.time())
    return (pl.Series(milliseconds).cast(pl.Duration("ms")) + begin).cast(pl.Datetime("ms"))


def pick(names: Sequence[str | None] | pl.Series, positions: Integers) -> pl.Series:
    """The name at each position; NULL at -1."""
    known = names if isinstance(names, pl.Series) else pl.Series(names, dtype=pl.String)
    index = pl.Series(positions, dtype=pl.Int64)
    return known.gather(pl.select(pl.when(index >= 0).then(index)).to_series())
