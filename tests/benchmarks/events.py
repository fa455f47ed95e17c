"""Raw events of a made-up year as monthly Parquet files, deterministic by seed and made month by month.

Some 50 events per visitor, very unevenly spread; some 8 per session. Every visitor logs in at least once. 1 % of the
events arrive up to two days late, a few later than events may; a few are sent twice; a few visitors are software,
with and without saying so; one device in a hundred is shared by two customers.
"""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

Array = np.ndarray[Any, Any]

YEAR = 2025
EVENTS_PER_VISITOR = 50
EVENTS_PER_SESSION = 8
# The busiest visitor, in multiples of the least busy one's events: some 20,000 sessions a year. Without a bound, one of
# a million visitors is drawn who has a third of all events.
BUSIEST = 15_000
TYPES = {
    "page_view": 0.38, "product_view": 0.30, "content_view": 0.05, "search": 0.06, "add_to_cart": 0.05,
    "remove_from_cart": 0.01, "checkout_started": 0.02, "purchase": 0.012, "scroll": 0.108, "pixel": 0.01,
}  # fmt: skip
DEVICES = ("desktop", "mobile", "tablet", "tv")
MEDIA = ("organic", "cpc", "email", "social", "referral", "direct", "podcast")
_OF_PRODUCTS = ("product_view", "add_to_cart", "remove_from_cart")
_DAY = 86_400.0


def write_events(folder: Path, count: int, seed: int = 1) -> int:
    """Writes twelve files of about ``count`` events in all into ``folder`` and returns how many they are."""
    folder.mkdir(parents=True, exist_ok=True)
    visitors = max(100, count // EVENTS_PER_VISITOR)
    weights = np.minimum(np.random.default_rng(seed).pareto(1.3, visitors) + 1, BUSIEST)
    shares = np.cumsum(weights / weights.sum())
    written = 0
    for month in range(1, 13):
        generator = np.random.default_rng([seed, month])
        # One session that is logged in for each visitor in one of the months; the others as habits have it.
        certain = np.arange(month - 1, visitors, 12)
        more = max(0, (count - visitors * EVENTS_PER_SESSION) // EVENTS_PER_SESSION // 12)
        visitor = np.concatenate([certain, np.searchsorted(shares, generator.random(more))])
        is_logged_in = np.concatenate([np.ones(len(certain), bool), generator.random(more) < 0.3])
        frame = _month(generator, month, np.minimum(visitor, visitors - 1), is_logged_in)
        frame.write_parquet(folder / f"events_{YEAR}_{month:02}.parquet", compression="zstd")
        written += frame.height
    return written


def _month(generator: np.random.Generator, month: int, visitor: Array, is_logged_in: Array) -> pl.DataFrame:
    start = datetime(YEAR, month, 1)
    days = (date(YEAR + month // 12, month % 12 + 1, 1) - start.date()).days
    sessions = len(visitor)
    # One session in 2000 is a program's: much too fast, and half of them say what they are.
    is_bot = generator.random(sessions) < 0.0005
    lengths = np.where(is_bot, 150, generator.geometric(1 / EVENTS_PER_SESSION, sessions))
    session = np.repeat(np.arange(sessions), lengths)
    gaps = np.where(is_bot[session], 0.2, np.minimum(generator.lognormal(3.5, 1.1, len(session)), 1700.0))
    is_first = np.r_[True, session[1:] != session[:-1]]
    gaps[is_first] = 0
    elapsed = np.cumsum(gaps)
    seconds = generator.integers(0, int(days * _DAY), sessions)[session] + elapsed - elapsed[is_first][session]
    order = np.argsort(seconds, kind="stable")
    frame = _describe(generator, visitor, is_logged_in, is_bot, session[order], seconds[order])
    times = np.datetime64(start, "us") + np.round(seconds[order] * 1e6).astype("timedelta64[us]")
    late = np.where(generator.random(len(order)) < 0.01, generator.random(len(order)) * 2 * _DAY, 20.0)
    late = np.where(generator.random(len(order)) < 0.0001, 4 * _DAY, late)
    frame = frame.with_columns(
        pl.concat_str(pl.lit(f"e{month}-"), pl.int_range(pl.len()).cast(pl.String)).alias("event_id"),
        pl.Series("occurred_at", times),
        pl.Series("arrived_at", times + np.round(late * 1e6).astype("timedelta64[us]")),
    )
    return pl.concat([frame, _repeat(generator, frame)])


def _repeat(generator: np.random.Generator, frame: pl.DataFrame) -> pl.DataFrame:
    """Two events in a thousand once more, under another id and a second later."""
    again = frame.filter(pl.Series(generator.random(frame.height) < 0.002))
    return again.with_columns(pl.col("event_id") + "-again", pl.col("arrived_at") + pl.duration(seconds=1))


def _describe(
    generator: np.random.Generator,
    visitor: Array,
    is_logged_in: Array,
    is_bot: Array,
    session: Array,
    seconds: Array,
) -> pl.DataFrame:
    rows = len(session)
    kinds = list(TYPES)
    # The second customer of a shared device is the next one by number.
    device = np.where(visitor % 100 == 1, visitor - 1, visitor)[session]
    # By device and time, so that it is no matter which of two events at one instant is a session's first.
    quarter_day = device + (seconds // 21_600).astype(np.int64)
    frame = pl.DataFrame(
        {
            "visitor": visitor[session],
            "device": device,
            "is_logged_in": is_logged_in[session],
            "says_bot": (is_bot & (visitor % 2 == 0))[session],
            "kind": generator.choice(len(kinds), rows, p=list(TYPES.values())),
            "item": generator.integers(0, 5000, rows),
            "device_type": quarter_day % len(DEVICES),
            "medium": quarter_day % len(MEDIA),
            "scroll": generator.integers(0, 101, rows),
            "engaged": generator.integers(0, 90_000, rows),
        }
    )
    kind = pl.col("kind").replace_strict(dict(enumerate(kinds)), return_dtype=pl.String)
    item = pl.col("item")
    return frame.select(
        kind.alias("event_type"),
        pl.format("device-{}", "device").alias("anonymous_id"),
        pl.when("is_logged_in").then(pl.format("c{}", "visitor")).alias("customer_id"),
        pl.when(kind.is_in(_OF_PRODUCTS)).then(pl.format("p{}", item)).alias("product_id"),
        pl.when(kind.is_in(_OF_PRODUCTS)).then(pl.format("category {}", item % 20)).alias("category"),
        pl.when(kind == "search").then(pl.format("query {}", item % 300)).alias("search_query"),
        pl.format("/page/{}", item).alias("page_path"),
        pl.when(kind == "content_view").then(pl.format("a{}", item % 100)).alias("content_id"),
        pl.col("device_type").replace_strict(dict(enumerate(DEVICES)), return_dtype=pl.String),
        pl.col("medium").replace_strict(dict(enumerate(MEDIA)), return_dtype=pl.String),
        pl.when("says_bot").then(pl.lit("examplebot/1.0")).otherwise(pl.lit("Mozilla/5.0")).alias("user_agent"),
        pl.when(kind == "scroll").then("scroll").cast(pl.Decimal(9, 4)).alias("scroll_depth_percent"),
        (pl.col("engaged").cast(pl.Decimal(18, 3)) / 1000).cast(pl.Decimal(18, 3)).alias("engaged_seconds"),
    )


if __name__ == "__main__":
    sys.stdout.write(f"{write_events(Path(sys.argv[1]), int(float(sys.argv[2])))}\n")
