"""The session features in pandas. Arguments: folder of events, file for the features."""

import sys

import numpy as np
import pandas as pd

from tests.benchmarks import session_features as wanted

_AS_OF = pd.Timestamp(wanted.AS_OF)


def usable_events(folder: str) -> pd.DataFrame:
    """Events that count on the as-of date, each once, in the order of visitors and times."""
    events = pd.read_parquet(folder, columns=list(wanted.COLUMNS))
    known_at = events[["occurred_at", "arrived_at"]].max(axis=1)
    events = events[
        events["event_type"].isin(wanted.EVENT_TYPES)
        & (known_at <= events["occurred_at"] + pd.Timedelta(days=wanted.LATE_DAYS))
        & (known_at < _AS_OF + pd.Timedelta(days=1))
    ]
    events = events.drop(columns=["arrived_at", "event_id"]).drop_duplicates(list(wanted.SAMENESS))
    for name in ("scroll_depth_percent", "engaged_seconds"):
        events[name] = events[name].astype("float64")
    alone = events["anonymous_id"].isna()
    events["visitor_id"] = events["anonymous_id"].where(~alone, "customer " + events["customer_id"])
    # Few agents, many events.
    agents = pd.Series(events["user_agent"].dropna().unique())
    software = agents[agents.str.lower().map(lambda agent: any(word in agent for word in wanted.BOT_WORDS))]
    events["is_agent"] = events["user_agent"].isin(software)
    return events.sort_values(["visitor_id", "occurred_at"])


def sessions_of(events: pd.DataFrame) -> pd.DataFrame:
    """One row per session, by the gap to the visitor's event before."""
    events = events.copy(deep=False)
    is_other = events["visitor_id"] != events["visitor_id"].shift()
    is_late = events["occurred_at"].diff() > pd.Timedelta(minutes=30)
    events["session"] = (is_other | is_late).cumsum()
    kind = events["event_type"]
    events["view_count"] = kind.isin(wanted.VIEWS)
    for name, value in wanted.TYPE_COUNTS.items():
        events[name] = kind == value
    events["content_seconds"] = events["engaged_seconds"].where(kind == "content_view", 0.0)
    events["device"] = events["device_type"].where(events["device_type"].isin(wanted.ALL_DEVICES))
    traffic = events["medium"].map(wanted.MEDIUM_OF_TRAFFIC)
    events["traffic"] = traffic.where(traffic.notna() | events["medium"].isna(), "other")
    counted = {
        name: (name, "sum") for name in ("view_count", *wanted.TYPE_COUNTS, "engaged_seconds", "content_seconds")
    }
    # pandas has no minimum of texts that may be missing: customers are compared by number.
    events["customer"] = events["customer_id"].astype("category").cat.codes.replace(-1, np.nan)
    sessions = events.groupby("session").agg(
        visitor_id=("visitor_id", "first"),
        customer_id=("customer_id", "first"),
        first_customer=("customer", "min"),
        last_customer=("customer", "max"),
        started_at=("occurred_at", "first"),
        ended_at=("occurred_at", "last"),
        event_count=("visitor_id", "size"),
        scroll_percent=("scroll_depth_percent", "sum"),
        scroll_count=("scroll_depth_percent", "count"),
        device=("device", "first"),
        traffic=("traffic", "first"),
        is_agent=("is_agent", "max"),
        **counted,
    )
    duration = sessions["ended_at"] - sessions["started_at"]
    sessions["duration_seconds"] = duration.dt.total_seconds().astype("int64")
    return sessions


def owners_of(events: pd.DataFrame) -> "pd.Series[str]":
    """By visitor: the customer, where exactly one logged in."""
    pairs = events.loc[events["customer_id"].notna(), ["visitor_id", "customer_id"]].drop_duplicates()
    return pairs.drop_duplicates("visitor_id", keep=False).set_index("visitor_id")["customer_id"]


def customer_sessions(sessions: pd.DataFrame, owners: "pd.Series[str]") -> pd.DataFrame:
    """Sessions of people whose customer is known, with what counts in them."""
    burst = (sessions["event_count"] >= wanted.BOT_BURST_EVENTS) & (
        sessions["duration_seconds"] < sessions["event_count"]
    )
    is_bot = sessions["is_agent"] | burst | (sessions["event_count"] > wanted.BOT_SESSION_EVENTS)
    sessions = sessions[~is_bot & ~(sessions["first_customer"] < sessions["last_customer"])].copy()
    sessions["customer_id"] = sessions["customer_id"].fillna(sessions["visitor_id"].map(owners))
    sessions = sessions[sessions["customer_id"].notna()].copy()
    sessions["started_on"] = sessions["started_at"].dt.normalize()
    return sessions.assign(**_flags(sessions))


def _flags(sessions: pd.DataFrame) -> "dict[str, pd.Series[bool]]":
    bought, browsed, cart = (
        sessions[name] > 0 for name in ("purchase_count", "product_view_count", "add_to_cart_count")
    )
    hour = sessions["started_at"].dt.hour
    long = (sessions["engaged_seconds"] >= 20) | (sessions["duration_seconds"] >= 20)
    found = {
        "session_count": sessions["event_count"] > 0,
        "engaged_session_count": (sessions["view_count"] >= 2) | bought | long,
        "converted_session_count": bought, "browsing_session_count": browsed,
        "bought_browsing_session_count": browsed & bought, "cart_session_count": cart,
        "abandoned_cart_count": cart & ~bought, "night_session_count": (hour >= 22) | (hour < 5),
    }  # fmt: skip
    for part, (start, end) in wanted.PARTS_OF_DAY.items():
        found[f"{part}_session_count"] = (hour >= start) & (hour < end)
    for device in wanted.DEVICES:
        found[f"{device}_session_count"] = sessions["device"] == device
        found[f"{device}_converted_session_count"] = found[f"{device}_session_count"] & bought
    for source in wanted.TRAFFIC:
        found[f"{source}_session_count"] = sessions["traffic"] == source
    for number, day in enumerate(wanted.WEEKDAYS):
        found[f"{day}_session_count"] = sessions["started_on"].dt.day_of_week == number
    return found


def totals_of(sessions: pd.DataFrame) -> pd.DataFrame:
    """One row per customer with every sum that a feature needs."""
    totals = sessions.groupby("customer_id")[[*wanted.FLAGS, *wanted.MEASURES]].sum()
    age = (_AS_OF - sessions["started_on"]).dt.days
    for days in sorted({length for lengths in wanted.WINDOWS.values() for length in lengths}):
        names = [name for name, lengths in wanted.WINDOWS.items() if days in lengths]
        sums = sessions[age < days].groupby("customer_id")[names].sum()
        totals = totals.join(sums.add_suffix(f"_{days}d"))
        totals[list(sums.columns + f"_{days}d")] = totals[list(sums.columns + f"_{days}d")].fillna(0)
    for act, name in wanted.LAST.items():
        last = sessions.loc[sessions[name] > 0].groupby("customer_id")["started_on"].max()
        totals[f"days_since_last_{act}"] = (_AS_OF - last).dt.days
    totals["weekend_session_count"] = totals["saturday_session_count"] + totals["sunday_session_count"]
    totals["session_count_gain"] = 2 * totals["session_count_90d"] - totals["session_count_180d"]
    return totals


def categories_of(events: pd.DataFrame, owners: "pd.Series[str]") -> pd.DataFrame:
    """What each customer looked at in 90 days."""
    views = events.loc[
        (events["event_type"] == "product_view")
        & events["category"].notna()
        & (events["occurred_at"] >= _AS_OF - pd.Timedelta(days=89))
        & ~events["is_agent"],
        ["visitor_id", "customer_id", "category"],
    ]
    customer = views["customer_id"].fillna(views["visitor_id"].map(owners))
    counts = views.assign(customer_id=customer).groupby(["customer_id", "category"]).size()
    shares = counts / counts.groupby("customer_id").transform("sum")
    found = pd.DataFrame({"share": shares, "part": -shares * np.log(shares)}).groupby("customer_id")
    return pd.DataFrame(
        {
            "viewed_category_count_90d": found.size(),
            "viewed_category_entropy_90d": found["part"].sum(),
            "top_viewed_category_share_90d": found["share"].max(),
        }
    )


def main(folder: str, result: str) -> None:
    """Writes the features."""
    events = usable_events(folder)
    owners = owners_of(events)
    totals = totals_of(customer_sessions(sessions_of(events), owners)).join(categories_of(events, owners))
    features = totals[[*wanted.COUNTS, *(f"days_since_last_{act}" for act in wanted.LAST)]].copy()
    for name, (top, bottom, factor) in wanted.RATIOS.items():
        divisor = totals[bottom].astype("float64")
        features[name] = totals[top].astype("float64") / (factor * divisor.where(divisor != 0))
    features["viewed_category_count_90d"] = totals["viewed_category_count_90d"].fillna(0)
    features[list(wanted.CATEGORY_FEATURES[1:])] = totals[list(wanted.CATEGORY_FEATURES[1:])]
    features.reset_index().to_parquet(result)


if __name__ == "__main__":
    main(*sys.argv[1:])
