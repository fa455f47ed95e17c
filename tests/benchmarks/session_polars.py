"""The session features in polars, lazy and streaming. Arguments: folder of events, file for the features."""

import sys
from datetime import date, timedelta

import polars as pl

from tests.benchmarks import session_features as wanted

_HALF_HOUR = pl.duration(minutes=30)


def usable_events(folder: str) -> pl.LazyFrame:
    """Events that count on the as-of date, each once."""
    known_at = pl.max_horizontal("occurred_at", "arrived_at")
    lower = pl.col("user_agent").str.to_lowercase()
    return (
        pl.scan_parquet(f"{folder}/*.parquet")
        .filter(
            pl.col("event_type").is_in(wanted.EVENT_TYPES)
            & (known_at <= pl.col("occurred_at") + pl.duration(days=wanted.LATE_DAYS))
            & (known_at < pl.lit(wanted.AS_OF + timedelta(days=1)))
        )
        .unique(list(wanted.SAMENESS), keep="any")
        .with_columns(
            pl.coalesce("anonymous_id", pl.format("customer {}", "customer_id")).alias("visitor_id"),
            pl.any_horizontal(*(lower.str.contains(word, literal=True) for word in wanted.BOT_WORDS)).alias("is_agent"),
        )
    )


def sessions_of(events: pl.LazyFrame) -> pl.LazyFrame:
    """One row per session, by the gap to the visitor's event before."""
    kind, traffic = pl.col("event_type"), wanted.MEDIUM_OF_TRAFFIC
    gap = pl.col("occurred_at") - pl.col("occurred_at").shift()
    starts = ((pl.col("visitor_id") != pl.col("visitor_id").shift()) | (gap > _HALF_HOUR)).fill_null(True)
    moment = pl.col("occurred_at")
    source = pl.when(pl.col("medium").is_not_null()).then(pl.col("medium").replace_strict(traffic, default="other"))
    return (
        events.sort("visitor_id", "occurred_at")
        .with_columns(starts.cum_sum().alias("session"))
        .group_by("session")
        .agg(
            pl.col("visitor_id").first(),
            pl.col("customer_id").min(),
            pl.col("customer_id").max().alias("other_id"),
            pl.col("occurred_at").min().alias("started_at"),
            (moment.max() - moment.min()).dt.total_seconds().alias("duration_seconds"),
            pl.len().alias("event_count"),
            kind.is_in(wanted.VIEWS).sum().alias("view_count"),
            *((kind == value).sum().alias(name) for name, value in wanted.TYPE_COUNTS.items()),
            pl.col("engaged_seconds").sum(),
            pl.col("engaged_seconds").filter(kind == "content_view").sum().alias("content_seconds"),
            pl.col("scroll_depth_percent").sum().alias("scroll_percent"),
            pl.col("scroll_depth_percent").count().alias("scroll_count"),
            pl.col("device_type").filter(pl.col("device_type").is_in(wanted.ALL_DEVICES)).first().alias("device"),
            source.drop_nulls().first().alias("traffic"),
            pl.col("is_agent").any(),
        )
    )


def owners_of(events: pl.LazyFrame) -> pl.LazyFrame:
    """The visitors that exactly one customer logged in as."""
    return (
        events.filter(pl.col("customer_id").is_not_null())
        .group_by("visitor_id")
        .agg(pl.col("customer_id").min().alias("owner_id"), pl.col("customer_id").max().alias("last_id"))
        .filter(pl.col("owner_id") == pl.col("last_id"))
        .drop("last_id")
    )


def customer_sessions(sessions: pl.LazyFrame, owners: pl.LazyFrame) -> pl.LazyFrame:
    """Sessions of people whose customer is known, with what counts in them."""
    burst = (pl.col("event_count") >= wanted.BOT_BURST_EVENTS) & (pl.col("duration_seconds") < pl.col("event_count"))
    is_bot = pl.col("is_agent").fill_null(False) | (pl.col("event_count") > wanted.BOT_SESSION_EVENTS) | burst
    joined = (
        sessions.filter(~is_bot & pl.col("customer_id").eq_missing(pl.col("other_id")))
        .join(owners, on="visitor_id", how="left")
        .with_columns(
            pl.coalesce("customer_id", "owner_id").alias("customer_id"),
            pl.col("started_at").dt.date().alias("started_on"),
        )
        .filter(pl.col("customer_id").is_not_null())
    )
    return joined.with_columns(expression.cast(pl.UInt8).alias(name) for name, expression in _flags().items())


def _flags() -> dict[str, pl.Expr]:
    bought, browsed, cart = (pl.col(name) > 0 for name in ("purchase_count", "product_view_count", "add_to_cart_count"))
    hour = pl.col("started_at").dt.hour()
    long = (pl.col("engaged_seconds") >= 20) | (pl.col("duration_seconds") >= 20)
    found = {
        "session_count": pl.lit(True), "engaged_session_count": (pl.col("view_count") >= 2) | bought | long,
        "converted_session_count": bought, "browsing_session_count": browsed,
        "bought_browsing_session_count": browsed & bought, "cart_session_count": cart,
        "abandoned_cart_count": cart & ~bought, "night_session_count": (hour >= 22) | (hour < 5),
    }  # fmt: skip
    for part, (start, end) in wanted.PARTS_OF_DAY.items():
        found[f"{part}_session_count"] = (hour >= start) & (hour < end)
    for device in wanted.DEVICES:
        found[f"{device}_session_count"] = (pl.col("device") == device).fill_null(False)
        found[f"{device}_converted_session_count"] = found[f"{device}_session_count"] & bought
    for source in wanted.TRAFFIC:
        found[f"{source}_session_count"] = (pl.col("traffic") == source).fill_null(False)
    for number, day in enumerate(wanted.WEEKDAYS, start=1):
        found[f"{day}_session_count"] = pl.col("started_on").dt.weekday() == number
    return found


def totals_of(sessions: pl.LazyFrame) -> pl.LazyFrame:
    """One row per customer with every sum that a feature needs."""
    day = pl.col("started_on")
    columns = [_sum(name).alias(name) for name in (*wanted.FLAGS, *wanted.MEASURES)]
    for name, lengths in wanted.WINDOWS.items():
        columns += [_sum(name, day > _before(days)).alias(f"{name}_{days}d") for days in lengths]
    for act, name in wanted.LAST.items():
        last = day.filter(pl.col(name) > 0).max()
        columns.append((pl.lit(wanted.AS_OF) - last).dt.total_days().alias(f"days_since_last_{act}"))
    return (
        sessions.group_by("customer_id")
        .agg(columns)
        .with_columns(
            (pl.col("saturday_session_count") + pl.col("sunday_session_count")).alias("weekend_session_count"),
            (2 * pl.col("session_count_90d") - pl.col("session_count_180d")).alias("session_count_gain"),
        )
    )


def _sum(name: str, condition: pl.Expr | None = None) -> pl.Expr:
    column = pl.col(name) if name.endswith(("_seconds", "_percent")) else pl.col(name).cast(pl.Int64)
    return (column if condition is None else column.filter(condition)).sum()


def _before(days: int) -> date:
    return wanted.AS_OF - timedelta(days=days)


def categories_of(events: pl.LazyFrame, owners: pl.LazyFrame) -> pl.LazyFrame:
    """What each customer looked at in 90 days."""
    share = pl.col("views") / pl.col("views").sum().over("customer_id")
    views = (
        events.filter(
            (pl.col("event_type") == "product_view")
            & pl.col("category").is_not_null()
            & (pl.col("occurred_at") >= pl.lit(_before(89)))
            & ~pl.col("is_agent").fill_null(False)
        )
        .join(owners, on="visitor_id", how="left")
        .group_by(pl.coalesce("customer_id", "owner_id").alias("customer_id"), "category")
        .agg(pl.len().alias("views"))
        .filter(pl.col("customer_id").is_not_null())
    )
    return (
        views.with_columns(share.alias("share"))
        .group_by("customer_id")
        .agg(
            pl.len().alias("viewed_category_count_90d"),
            -(pl.col("share") * pl.col("share").log()).sum().alias("viewed_category_entropy_90d"),
            pl.col("share").max().alias("top_viewed_category_share_90d"),
        )
    )


def features_of(totals: pl.LazyFrame, categories: pl.LazyFrame) -> pl.LazyFrame:
    """The features."""
    ratios = [
        pl.when(pl.col(bottom) != 0)
        .then(pl.col(top).cast(pl.Float64) / (factor * pl.col(bottom).cast(pl.Float64)))
        .alias(name)
        for name, (top, bottom, factor) in wanted.RATIOS.items()
    ]
    return totals.join(categories, on="customer_id", how="left").select(
        "customer_id",
        *wanted.COUNTS,
        *(f"days_since_last_{act}" for act in wanted.LAST),
        *ratios,
        pl.col("viewed_category_count_90d").fill_null(0),
        "viewed_category_entropy_90d",
        "top_viewed_category_share_90d",
    )


def main(folder: str, result: str) -> None:
    """Writes the features. Events are read once for each use: kept in memory they would not stream."""
    events = usable_events(folder)
    owners = owners_of(events)
    totals = totals_of(customer_sessions(sessions_of(events), owners))
    features = features_of(totals, categories_of(events, owners))
    features.collect(engine="streaming").write_parquet(result)


if __name__ == "__main__":
    main(*sys.argv[1:])
