"""A shop of a dozen customers in New York whose files come in two deliveries, as rows that tests may change.

The first delivery is its history. The second brings what a later load really brings: new orders in order,
and beside them everything that must not change the past: orders of old days, corrections, a line that was
missing, other categories, a changed campaign, late redemptions and campaign members.
"""

import csv
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.dbt.corner_shop_families import FAMILY_COLUMNS

TIME_ZONE = "America/New_York"
FIRST_LOAD_AT = datetime(2024, 6, 1, 6)
SECOND_LOAD_AT = datetime(2024, 7, 10, 6)

# The last complete day of the first delivery.
LAST_COMPLETE_DAY = "2024-05-30"
LATE_CUSTOMER = "c02"
REFUSING_CUSTOMER = "c05"

Row = dict[str, Any]
Delivery = dict[str, list[Row]]

_FIRST_DAY = datetime(2024, 1, 2, 14)
_PRODUCTS = 7
_SPRING: Row = {
    "campaign_id": "spring",
    "started_at": "2024-03-01 05:00:00",
    "ended_at": "2024-03-20",
    "offer_type": "coupon",
}


def first_delivery() -> Delivery:
    """Everything up to the end of May 31 in New York, as the shop knew it on June 1."""
    orders = [
        _order(customer, day)
        for customer in range(1, 13)
        for day in range(customer, 151, 4 + 3 * customer)
        if _placed(customer, day) < datetime(2024, 6, 1, 4)
    ]
    # The newest day has an order whatever the rhythms, and a middle day one in its first and last second.
    orders.append(_order(1, 150))
    orders.append(_order(2, 134) | {"ordered_at": "2024-05-15 03:59:59"})
    orders.append(_order(4, 134) | {"ordered_at": "2024-05-15 04:00:00"})
    return {
        "orders": orders,
        "order_lines": [line for order in orders for line in _lines(order)],
        "products": [_product(number) for number in range(_PRODUCTS)],
        "campaigns": [
            _SPRING,
            {"campaign_id": "news", "started_at": "2024-04-10 04:00:00", "ended_at": "2024-04-30"},
        ],
        "campaign_members": [
            {
                "campaign_id": campaign,
                "customer_id": f"c{customer:02d}",
                "arm": "control" if customer % 4 == 0 else None,
            }
            for campaign in ("spring", "news")
            for customer in range(1, 11)
        ],
        "coupon_redemptions": [
            {
                "redemption_id": "r1",
                "customer_id": "c01",
                "redeemed_at": "2024-03-05 15:00:00",
                "campaign_id": "spring",
            },
            {"redemption_id": "r2", "customer_id": "c03", "redeemed_at": "2024-04-01 15:00:00", "campaign_id": None},
        ],
        "consents": [
            {
                "consent_event_id": "k1",
                "customer_id": "c07",
                "purpose": "segmentation",
                "decision": "denied",
                "occurred_at": "2024-02-01 12:00:00",
            }
        ],
    }


def second_delivery() -> Delivery:
    """What came by July 10: orders through July 8, and news about days that are long past."""
    orders = [_order(customer, day) for customer in range(1, 13) for day in range(151 + customer, 189, 9)]
    late_order = _order(2, 40) | {"order_id": "late"}
    corrected = first_delivery()["orders"][3]
    cancelled = first_delivery()["orders"][8]
    return {
        "orders": [*orders, late_order, corrected | {"refund": "5.55"}, cancelled | {"status": "cancelled"}],
        "order_lines": [
            *(line for order in [*orders, late_order] for line in _lines(order)),
            _lines(corrected)[0] | {"amount": "77.70"},
            _lines(corrected)[0] | {"line": "3", "amount": "11.10", "ordered_at": corrected["ordered_at"]},
        ],
        "products": [_product(number) | {"category": "gifts"} for number in range(3)],
        "campaigns": [{**_SPRING, "offer_type": ""}],
        "campaign_members": [
            {"campaign_id": "spring", "customer_id": "c11", "arm": None, "assigned_at": "2024-03-01 05:00:00"}
        ],
        "coupon_redemptions": [
            {"redemption_id": "r3", "customer_id": "c02", "redeemed_at": "2024-03-06 15:00:00", "campaign_id": "spring"}
        ],
    }


def without_later_facts(delivery: Delivery, day: str) -> Delivery:
    """``delivery`` without orders and redemptions after the end of ``day`` in New York."""
    first_second_after = datetime.fromisoformat(day) + timedelta(days=1, hours=4)
    return {
        **delivery,
        **{
            table: [row for row in delivery[table] if datetime.fromisoformat(row[column]) < first_second_after]
            for table, column in (
                ("orders", "ordered_at"),
                ("order_lines", "ordered_at"),
                ("coupon_redemptions", "redeemed_at"),
            )
        },
    }


def write_delivery(folder: Path, delivery: Delivery, number: int) -> None:
    """One CSV file a table, named after the table and the delivery."""
    for table, rows in delivery.items():
        path = folder / "files" / f"{table}-{number}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, _COLUMNS[table], restval="")
            writer.writeheader()
            writer.writerows(rows)


def write_source(folder: Path) -> Path:
    """The source YAML; files are read in the order of their deliveries."""
    tables = {
        table: {"files": f"{table}-*.csv", "optional": True, "columns": mapping} for table, mapping in _MAPPINGS.items()
    }
    document = {
        "name": "corner_shop",
        "title": "Corner shop",
        "folder": "files",
        "time_zone": TIME_ZONE,
        "timestamps_in": "UTC",
        "currency": "USD",
        "tables": tables,
    }
    path = folder / "corner_shop.yml"
    path.write_text(yaml.safe_dump(document))
    return path


def _columns(names: Sequence[str], **renamed: str) -> dict[str, str]:
    return {name: name for name in names} | renamed


_MAPPINGS = {
    "orders": _columns(
        ["order_id", "customer_id", "ordered_at", "status"],
        coupon_code="coupon",
        refund_amount="refund",
        net_amount="total",
        discount_amount="discount",
    ),
    "order_lines": _columns(
        ["order_id", "product_id", "quantity", "ordered_at"],
        line_number="line",
        net_amount="amount",
        discount_amount="saved",
        is_return="is_return",
        line_kind="kind",
        customer_id="customer_id",
    ),
    "products": _columns(["product_id", "category"]),
    "campaigns": _columns(["campaign_id", "started_at", "ended_at", "offer_type"]),
    "campaign_members": _columns(["campaign_id", "customer_id", "arm", "assigned_at"]),
    "coupon_redemptions": _columns(["redemption_id", "customer_id", "redeemed_at", "campaign_id"]),
    "consents": _columns(["consent_event_id", "customer_id", "purpose", "decision", "occurred_at"]),
    **{table: _columns(names) for table, names in FAMILY_COLUMNS.items()},
}
_COLUMNS = {table: list(mapping.values()) for table, mapping in _MAPPINGS.items()}


def _placed(customer: int, day: int) -> datetime:
    """Hours spread over the night too, so that some orders fall on another day in UTC than in New York."""
    return _FIRST_DAY + timedelta(days=day, hours=(5 * customer + 7 * day) % 14, minutes=(11 * day) % 60)


def _order(customer: int, day: int) -> Row:
    return {
        "order_id": f"o{customer:02d}-{day:03d}",
        "customer_id": f"c{customer:02d}",
        "ordered_at": _placed(customer, day).isoformat(sep=" "),
        "status": "returned" if (customer + day) % 17 == 0 else "paid",
        "coupon": "SAVE" if (customer * day) % 5 == 0 else "",
        "refund": "",
        # Some have a total that their lines do not make.
        "total": f"{5 + day / 7:.2f}" if (customer + day) % 6 == 0 else "",
    }


def _lines(order: Row) -> list[Row]:
    """Two lines with amounts of no exact binary value, so that an inexact sum shows."""
    seed = sum(map(ord, order["order_id"]))
    return [
        {
            "order_id": order["order_id"],
            "line": str(line),
            "product_id": f"p{(seed * line) % _PRODUCTS}",
            "quantity": str(1 + seed % 3),
            "amount": f"{3.33 + 0.37 * ((seed * line) % 41):.2f}",
            "saved": f"{0.13 * (seed % 4):.2f}",
            "ordered_at": order["ordered_at"],
        }
        for line in (1, 2)
    ]


def _product(number: int) -> Row:
    return {"product_id": f"p{number}", "category": ("tea", "coffee", "cups")[number % 3]}
