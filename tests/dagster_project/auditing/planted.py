"""A small shop whose data are in order, as frames that a test may spoil, and the audit of it."""

from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import polars as pl

from dagster_project.auditing.audit import Shop, audit_warehouse
from dagster_project.loading.raw_schema import create_raw_schema

ZONE = "Europe/Berlin"
FIRST_DAY, DAYS = date(2024, 1, 1), 120
AS_OF, LABELLED = date(2024, 4, 28), date(2024, 1, 25)
COMPUTED_AT = datetime(2024, 5, 1, 6)
CUSTOMERS, ORDERS_A_DAY, EVENTS_A_DAY = 300, 12, 24
FAMILIES = {"order_count": frozenset({"orders"}), "email_open_rate": frozenset({"orders", "email_events"})}

Frames = dict[str, pl.DataFrame]
Found = dict[tuple[str, str, str], dict[str, Any]]


def clean_shop() -> Frames:
    """Raw tables, ledger and marts; every order and event lies in the day of the shop, 8:00 to 21:00."""
    orders = _facts(ORDERS_A_DAY, "order_id").rename({"at": "ordered_at"})
    orders = orders.with_columns(status=pl.lit("paid"), net_amount=pl.lit(40))
    lines = orders.select("order_id", "customer_id", "ordered_at").join(
        pl.DataFrame({"line_number": [1, 2], "product_id": ["p1", "p2"], "unit_price": [15, 25]}), how="cross"
    )
    lines = lines.with_columns(quantity=pl.lit(1), net_amount=pl.col("unit_price"))
    events = _facts(EVENTS_A_DAY, "event_id").rename({"at": "occurred_at"})
    events = events.with_columns(
        pl.col("customer_id").alias("anonymous_id"),
        event_type=pl.Series(["page_view", "product_view", "search"] * (len(events) // 3)),
        price=pl.lit(15),
    )
    people = [f"c{number}" for number in range(CUSTOMERS)]
    return {
        "raw.customers": pl.DataFrame({"customer_id": people, "country_code": ["DE"] * CUSTOMERS}),
        "raw.products": pl.DataFrame({"product_id": ["p1", "p2"], "list_price": [15, 25]}),
        "raw.orders": orders,
        "raw.order_lines": lines,
        "raw.events": events,
        "ops.load_ledger": pl.DataFrame(
            {"table_name": ["orders"], "rows_read": [1440], "rows_duplicate": [0], "rows_quarantined": [0]}
        ),
        "marts.fct_customer_features": _features(people),
        "marts.fct_customer_labels": _labels(people),
    }


def audit(frames: Frames, *, time_zone: str = ZONE) -> Found:
    """The audit of a warehouse that holds ``frames``, by subject kind, subject and check."""
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        create_raw_schema(connection)
        for schema in ("marts", "intermediate"):
            connection.execute(f"create schema {schema}")
        for name, frame in frames.items():
            connection.register("incoming", frame.to_arrow())
            if name.startswith(("marts.", "intermediate.")):
                connection.execute(f"create table {name} as select * from incoming")
                continue
            connection.execute(f"insert into {name} by name select * from incoming")
            if name.startswith("raw."):
                connection.execute(f"update {name} set is_correction = coalesce(is_correction, false)")
                connection.execute(f"update {name} set loaded_at = coalesce(loaded_at, timestamp '{FIRST_DAY}')")
        shop = Shop(time_zone=time_zone, feature_families=FAMILIES)
        table = audit_warehouse(connection, shop=shop, computed_at=COMPUTED_AT).table
    return {(row["subject_kind"], row["subject"], row["check_name"]): row for row in table.to_dicts()}


def append(frames: Frames, name: str, rows: pl.DataFrame) -> Frames:
    """``frames`` with more rows of one table."""
    return frames | {name: pl.concat([frames[name], rows], how="diagonal_relaxed")}


def spoil(frames: Frames, name: str, *columns: pl.Expr) -> Frames:
    """``frames`` with other values in columns of one table."""
    return frames | {name: frames[name].with_columns(*columns)}


def every(rows: int, then: pl.Expr, otherwise: str) -> pl.Expr:
    """The column ``otherwise`` with another value in one of so many rows."""
    return pl.when(pl.int_range(pl.len()) % rows == 0).then(then).otherwise(pl.col(otherwise)).alias(otherwise)


def _facts(a_day: int, key: str) -> pl.DataFrame:
    """So many facts a day of one customer after the other, at odd minutes of 7:00 to 20:00 UTC."""
    number = np.arange(DAYS * a_day)
    minutes = 7 * 60 + (number % a_day) * (780 // a_day) + number % 7
    start = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day)
    at = [
        start + timedelta(days=int(n // a_day), minutes=int(m), seconds=11)
        for n, m in zip(number, minutes, strict=True)
    ]
    ids = {key: [f"{key[0]}{n}" for n in number], "customer_id": [f"c{n % CUSTOMERS}" for n in number], "at": at}
    return pl.DataFrame(ids)


def _features(people: list[str]) -> pl.DataFrame:
    generator = np.random.default_rng(3)
    frames = [
        pl.DataFrame(
            {
                "customer_id": people,
                "as_of_date": [day] * CUSTOMERS,
                "is_current": [day == AS_OF] * CUSTOMERS,
                "order_count": generator.integers(1, 9, CUSTOMERS),
                "net_revenue": generator.gamma(2, 40, CUSTOMERS),
                "average_order_value": generator.gamma(2, 40, CUSTOMERS),
            }
        )
        for day in (LABELLED, AS_OF)
    ]
    return pl.concat(frames)


def _labels(people: list[str]) -> pl.DataFrame:
    """As of the first date half of the customers came back after 3 to 60 days."""
    generator = np.random.default_rng(4)
    days = [
        int(day) if even else None for day, even in zip(generator.integers(3, 60, CUSTOMERS), [0, 1] * 150, strict=True)
    ]
    first = pl.DataFrame(
        {
            "customer_id": people,
            "as_of_date": [LABELLED] * CUSTOMERS,
            "observed_days": [94] * CUSTOMERS,
            "days_to_next_order": days,
            "net_revenue_next_90d": [0.0 if day is None else float(generator.gamma(2, 40)) for day in days],
        }
    )
    unknown = first.with_columns(
        pl.lit(AS_OF).alias("as_of_date"),
        pl.lit(0).alias("observed_days"),
        pl.lit(None, dtype=pl.Int64).alias("days_to_next_order"),
        pl.lit(None, dtype=pl.Float64).alias("net_revenue_next_90d"),
    )
    return pl.concat([first, unknown.cast(dict(first.schema))])
