"""Featuretools' own features of customers from the same events, in an environment of its own (`make bench-peers`).

It makes no sessions, so pandas makes them first; then deep feature synthesis over events, sessions and customers. These
are not the same features, but about as many. Arguments: folder of events. Prints how many rows and features it made.
"""

import sys
import warnings

import featuretools as ft
import pandas as pd

AGGREGATIONS = ["count", "sum", "mean", "max", "num_unique", "percent_true", "last"]
KINDS = ("product_view", "content_view", "search", "add_to_cart", "purchase")


def main(folder: str) -> None:
    """Makes the features."""
    columns = ["anonymous_id", "customer_id", "event_type", "occurred_at", "category", "engaged_seconds", "device_type"]
    events = pd.read_parquet(folder, columns=columns).sort_values(["anonymous_id", "occurred_at"])
    events["engaged_seconds"] = events["engaged_seconds"].astype("float64")
    owner = events.dropna(subset=["customer_id"]).groupby("anonymous_id")["customer_id"].first()
    events["customer_id"] = events["customer_id"].fillna(events["anonymous_id"].map(owner))
    gap = events["occurred_at"].diff() > pd.Timedelta(minutes=30)
    events["session_id"] = (gap | (events["anonymous_id"] != events["anonymous_id"].shift())).cumsum()
    for kind in KINDS:
        events[kind] = events["event_type"] == kind
    events = events.reset_index(drop=True).rename_axis("event_id").reset_index()
    sessions = events.groupby("session_id").agg(
        customer_id=("customer_id", "first"), started_at=("occurred_at", "first")
    )
    entities = ft.EntitySet("shop")
    events = events.drop(columns=["anonymous_id", "customer_id", "event_type"])
    entities.add_dataframe(events, "events", index="event_id", time_index="occurred_at")
    entities.add_dataframe(sessions.reset_index(), "sessions", index="session_id", time_index="started_at")
    entities.normalize_dataframe("sessions", "customers", index="customer_id")
    entities.add_relationship("sessions", "session_id", "events", "session_id")
    features, _ = ft.dfs(
        entityset=entities,
        target_dataframe_name="customers",
        agg_primitives=AGGREGATIONS,
        trans_primitives=[],
        max_depth=2,
    )
    sys.stdout.write(f"{len(features)} {features.shape[1]}\n")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    main(*sys.argv[1:])
