"""Figures of the families beside orders, for the calibration report.

Shares of sessions are of all sessions of people that the shop would have: each passer-by in the files stands for
many more who were left out of the sample.
"""

from collections.abc import Mapping

import numpy as np
import polars as pl

Figures = dict[str, float]
Frames = Mapping[str, pl.DataFrame]

_STEPS = ("product_view", "add_to_cart", "checkout_started", "purchase")
_PEAK_HOUR = 19
_LATE_DAYS = 3
_HOUR = 3_600


def measure_families(files: Frames, truth: Frames) -> Figures:
    """Every figure about events, mails, tickets, business and browsers, measured on one part of the shop."""
    events = files["events"].unique(maintain_order=True)
    sessions = _describe_sessions(events, truth["sessions"])
    return {
        **_measure_funnel(sessions),
        **_measure_depth(events, sessions),
        **_measure_origins(events, sessions),
        **_measure_visitors(files, truth, sessions),
        **_measure_tracking(files["events"], events),
        **_measure_mails(files["email_events"].unique(), truth["mails"]),
        **_measure_service(files, truth),
        **_measure_business(files, truth["deals"]),
    }


def _describe_sessions(events: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """One row per session of people of which an event was recorded."""
    seen = events.group_by("session_id").agg(
        pl.len().alias("event_count"),
        *((pl.col("event_type") == step).any().fill_null(False).alias(step) for step in _STEPS),
        (pl.col("event_type") == "remove_from_cart").sum().alias("removal_count"),
        (pl.col("event_type") == "add_to_cart").sum().alias("addition_count"),
        pl.col("customer_id").is_not_null().any().alias("is_identified"),
        pl.col("device_type", "traffic_source", "medium").first(),
    )
    people = visits.filter(~pl.col("is_bot"))
    return people.join(seen, on="session_id", how="inner", maintain_order="left")


def _weigh(sessions: pl.DataFrame, condition: pl.Expr) -> float:
    """The share of sessions for which something holds, as it were without the sampling of passers-by."""
    holds = sessions.select(condition.fill_null(False)).to_series().to_numpy()
    weight = sessions["weight"].to_numpy()
    return float(np.average(holds, weights=weight))


def _measure_funnel(sessions: pl.DataFrame) -> Figures:
    buying = sessions.filter("purchase")
    return {
        "sessions with a product view": _weigh(sessions, pl.col("product_view")),
        "sessions with a cart": _weigh(sessions, pl.col("add_to_cart")),
        "sessions with a checkout": _weigh(sessions, pl.col("checkout_started")),
        "sessions with an order": _weigh(sessions, pl.col("visit_kind") == "order"),
        "buying sessions without a cart event": 1 - float(buying["add_to_cart"].to_numpy().mean()),
    }


def _measure_depth(events: pl.DataFrame, sessions: pl.DataFrame) -> Figures:
    counts, weight = sessions["event_count"].to_numpy(), sessions["weight"].to_numpy()
    order = np.argsort(counts, kind="stable")
    share = np.cumsum(weight[order]) / weight.sum()
    median, p90, p99 = (float(counts[order][np.searchsorted(share, at)]) for at in (0.5, 0.9, 0.99))
    views = events.filter(pl.col("event_type") == "product_view").sort("session_id", "occurred_at")
    gaps = views.join(sessions.select("session_id"), on="session_id", how="semi", maintain_order="left").select(
        pl.col("occurred_at").diff().over("session_id").dt.total_milliseconds() / 1000
    )
    gap, long_gap = np.quantile(gaps.drop_nulls().to_series().to_numpy(), (0.5, 0.9))
    cart = [(sessions[f"{kind}_count"] * sessions["weight"]).to_numpy().sum() for kind in ("removal", "addition")]
    return {
        "events per session, mean": float(np.average(counts, weights=weight)),
        "events per session, median": median,
        "events per session, p90": p90,
        "events per session, p99": p99,
        "sessions of one event": _weigh(sessions, pl.col("event_count") == 1),
        "seconds between product views, median": gap,
        "seconds between product views, p90": long_gap,
        "removals by additions to the cart": cart[0] / cart[1],
    }


def _measure_origins(events: pl.DataFrame, sessions: pl.DataFrame) -> Figures:
    media = {"organic": "organic search", "direct": "direct", "cpc": "paid search"}
    clients = events.group_by("anonymous_id").len()["len"].to_numpy()
    hours = sessions["started_at"].dt.hour().to_numpy()
    return {
        **{
            f"sessions from {device}": _weigh(sessions, pl.col("device_type") == device)
            for device in ("desktop", "mobile", "tablet")
        },
        **{f"sessions by {name}": _weigh(sessions, pl.col("medium") == medium) for medium, name in media.items()},
        "sessions by the shop's own pages": _weigh(sessions, pl.col("traffic_source") == "shop.example"),
        "sessions without a source": _weigh(sessions, pl.col("traffic_source").is_null()),
        "sessions at the peak hour, 19, of the mean hour": 24
        * float(np.average(hours == _PEAK_HOUR, weights=sessions["weight"].to_numpy())),
        "events per browser, p99 by mean": float(np.quantile(clients, 0.99) / clients.mean()),
    }


def _measure_visitors(files: Frames, truth: Frames, sessions: pl.DataFrame) -> Figures:
    passers_by = sessions.filter(pl.col("visit_kind") == "passer-by")
    identities, visits = truth["identities"], truth["sessions"]
    browsers = visits.filter("is_bot")["session_id"].n_unique() / visits.filter(~pl.col("is_bot")).height
    decided = files["consents"].filter(pl.col("anonymous_id").is_not_null())
    return {
        "sessions per passer-by": len(passers_by) / passers_by["anonymous_id"].n_unique(),
        "browsers per person": identities["anonymous_id"].n_unique() / identities["customer_id"].n_unique(),
        "sessions identified, of those in the files": float(sessions["is_identified"].to_numpy().mean()),
        "bots by people, sessions": browsers,
        "browsers with Global Privacy Control": float((identities["has_global_privacy_control"]).to_numpy().mean()),
        "browsers that decided and refuse": float((decided["decision"] == "denied").to_numpy().mean()),
    }


def _measure_tracking(logged: pl.DataFrame, events: pl.DataFrame) -> Figures:
    purchases = events.filter(pl.col("event_type") == "purchase")
    products = events.filter(pl.col("event_type") == "product_view")
    seconds = (events["received_at"] - events["occurred_at"]).drop_nulls().dt.total_seconds().to_numpy()
    silent = purchases["properties"].is_null() | ~purchases["properties"].str.contains("order_id")
    said = purchases.filter(~silent)["properties"]
    return {
        "purchases without an order": float(silent.to_numpy().mean()),
        "purchases said again": 1 - said.n_unique() / len(said),
        "events recorded twice": 1 - len(events) / len(logged),
        "product views without a category": products["category"].null_count() / len(products),
        "events here within a minute": float(np.mean(seconds <= 60)),
        "events later than three days": float(np.mean(seconds > _LATE_DAYS * 24 * _HOUR)),
    }


def _measure_mails(events: pl.DataFrame, mails: pl.DataFrame) -> Figures:
    key = ["customer_id", "campaign_id"]
    by_type = {
        name: events.filter(pl.col("event_type") == name).group_by(key).agg(pl.col("occurred_at").min())
        for name in ("sent", "opened", "clicked", "bounced", "unsubscribed")
    }
    sent = by_type["sent"]
    opened = sent.join(by_type["opened"], on=key, how="left", suffix="_opened").with_columns(
        hours=(pl.col("occurred_at_opened") - pl.col("occurred_at")).dt.total_seconds() / _HOUR
    )
    hours = opened["hours"].drop_nulls().to_numpy()
    people = opened.group_by("customer_id").agg(pl.col("hours").is_not_null().mean())["hours"].to_numpy()
    chance = mails.group_by("customer_id").agg(pl.col("open_chance").mean())["open_chance"].to_numpy()
    return {
        "mails opened": len(hours) / len(sent),
        "mails opened, mean of customers": people.mean(),
        "mails opened, sd of customers": people.std(),
        "true chance to open, sd by mean of customers": chance.std() / chance.mean(),
        "openings on the same day": float(np.mean(hours <= 15)),
        "openings within a week": float(np.mean(hours <= 24 * 7)),
        **{
            f"mails {name}": len(by_type[kind]) / len(sent)
            for kind, name in (("clicked", "clicked"), ("bounced", "bounced"), ("unsubscribed", "unsubscribed from"))
        },
    }


def _measure_service(files: Frames, truth: Frames) -> Figures:
    opened, versions = files["support_tickets"], files["support_tickets_update"]
    closed = versions.sort("received_at").unique("ticket_id", keep="first", maintain_order=True)
    hours = (closed["closed_at"] - closed["opened_at"]).dt.total_seconds().to_numpy() / _HOUR
    median, p75, p90 = np.quantile(hours, (0.5, 0.75, 0.9))
    complaints = truth["complaints"]
    people = complaints.group_by("customer_id").agg(pl.col("has_complaint").any())["has_complaint"]
    weekdays = opened["opened_at"].dt.weekday().to_numpy()
    effects = complaints.filter("has_complaint")
    leave = [effects[f"leave_chance_{kind}_complaint"].to_numpy().mean() for kind in ("with", "without")]
    return {
        "hours to close a ticket, median": median,
        "hours to close a ticket, p75": p75,
        "hours to close a ticket, p90": p90,
        "tickets opened again": (len(versions) - len(closed)) / len(closed),
        "tickets of a Monday by the mean day": 7 * float(np.mean(weekdays == 1)),
        "customers who complained": float(people.to_numpy().mean()),
        "chance to leave with a complaint by without": leave[0] / leave[1],
    }


def _measure_business(files: Frames, deals: pl.DataFrame) -> Figures:
    days = ((deals["ends_at"] - deals["created_at"]).dt.total_seconds() / (24 * _HOUR)).to_numpy()
    contacts = files["customers"]["account_id"].drop_nulls()
    return {
        "deals won": float(deals["is_won"].to_numpy().mean()),
        "days to close a deal, median": float(np.median(days)),
        "days to close a deal, mean": float(days.mean()),
        "calls per contact": len(files["calls"].drop_nulls("customer_id")) / len(contacts),
        "customers of business": len(contacts) / len(files["customers"]),
    }
