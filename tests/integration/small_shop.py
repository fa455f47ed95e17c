"""A shop of a few hundred customers and nine months, written as CSV files and a source YAML; the same every time.

Its customers come in five kinds that shop differently, so that there are segments to find and people who
stop ordering. Its files hold what real ones do: a cancelled order, a guest, returned and free lines, a
repeated file row, an order of unknown value, and people who refuse to be profiled.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from tests.integration.small_shop_visits import COLUMNS, draw_visits

FIRST_DAY = date(2023, 10, 2)
DAYS = 272  # to 2024-06-29
LAST_COMPLETE_DAY = FIRST_DAY + timedelta(days=DAYS - 1)

# Who said no, to what, and who changed their mind: only the last one may be profiled.
REFUSALS = [
    ("c0003", "segmentation", "denied", "2023-11-01 10:00:00"),
    ("c0014", "prediction", "withdrawn", "2024-02-03 11:30:00"),
    ("c0025", "segmentation", "granted", "2023-10-05 08:00:00"),
    ("c0025", "segmentation", "withdrawn", "2024-05-05 08:00:00"),
    ("c0036", "prediction", "denied", "2024-06-28 23:59:00"),
    ("c0047", "segmentation", "denied", "2023-12-01 09:00:00"),
    ("c0047", "segmentation", "granted", "2024-01-15 09:00:00"),
]
REFUSING = ("c0003", "c0014", "c0025", "c0036")
CHANGED_TO_GRANTED = "c0047"


@dataclass(frozen=True)
class Kind:
    """How one kind of customer shops: days between orders, products and price an order, when they may leave."""

    name: str
    customers: int
    days_between: float
    products: int
    price: float
    leaves_with: float
    discount: float = 0.0
    starts_after: int = 0


KINDS = (
    Kind("regular", 90, days_between=8, products=4, price=9.0, leaves_with=0.01),
    Kind("monthly", 90, days_between=28, products=3, price=20.0, leaves_with=0.08),
    Kind("big_spender", 50, days_between=45, products=2, price=140.0, leaves_with=0.05),
    Kind("on_offer", 70, days_between=20, products=3, price=12.0, leaves_with=0.10, discount=0.3),
    Kind("newcomer", 60, days_between=15, products=2, price=18.0, leaves_with=0.10, starts_after=190),
)


@dataclass
class ShopFiles:
    """The rows of the shop's files, as lists of what a CSV line holds."""

    orders: list[list[object]] = field(default_factory=list)
    lines: list[list[object]] = field(default_factory=list)
    first_number: int = 1


def write_shop(folder: Path) -> Path:
    """Writes the shop's files below ``folder`` and returns its source YAML."""
    files = _draw_shop()
    shop = folder / "files"
    shop.mkdir(parents=True)
    _write(shop / "orders.csv", ["number", "buyer", "placed", "state", "voucher"], files.orders)
    _write(shop / "lines.csv", ["number", "position", "article", "units", "total", "saved"], files.lines)
    _write(shop / "articles.csv", ["article", "title", "group"], _articles())
    _write(shop / "people.csv", ["buyer", "since", "country"], _people())
    _write(shop / "campaigns.csv", ["campaign", "from", "to", "percent"], _campaigns())
    _write(shop / "members.csv", ["campaign", "buyer", "assigned"], _members())
    _write(shop / "consents.csv", ["id", "buyer", "about", "answer", "at"], _consents())
    _write(shop / "clicks-1.csv", COLUMNS, draw_visits(files.orders, files.lines, seed=1))
    path = folder / "small_shop.yml"
    path.write_text(yaml.safe_dump(_source(), sort_keys=False))
    return path


def add_a_day(shop: Path) -> None:
    """One more day in the files: orders in the file that was there, and their visits in a new one."""
    generator = np.random.default_rng(8)
    files = ShopFiles(first_number=90_000)
    for customer, kind in list(_customers())[::9]:
        _add_order(files, generator, customer, kind, DAYS + 1)
    for name, rows in (("orders.csv", files.orders), ("lines.csv", files.lines)):
        with (shop / name).open("a", newline="") as file:
            csv.writer(file).writerows(rows)
    _write(shop / "clicks-2.csv", COLUMNS, draw_visits(files.orders, files.lines, seed=2))


def _draw_shop() -> ShopFiles:
    generator = np.random.default_rng(7)
    files = ShopFiles()
    for customer_id, kind in _customers():
        for day in _order_days(generator, kind):
            _add_order(files, generator, customer_id, kind, day)
    # The newest day of the data counts as incomplete, so that the current as-of date is the day before.
    _add_order(files, generator, "c0001", KINDS[0], DAYS)
    _add_oddities(files)
    return files


def _customers() -> Iterator[tuple[str, Kind]]:
    number = 0
    for kind in KINDS:
        for _ in range(kind.customers):
            number += 1
            yield f"c{number:04d}", kind


def _order_days(generator: np.random.Generator, kind: Kind) -> Iterator[int]:
    day = kind.starts_after + int(generator.integers(0, 30))
    while day < DAYS:
        yield day
        if generator.random() < kind.leaves_with:
            return
        day += 1 + int(generator.gamma(6.0, kind.days_between / 6))


def _add_order(files: ShopFiles, generator: np.random.Generator, customer: str, kind: Kind, day: int) -> None:
    order_id = f"o{files.first_number + len(files.orders):05d}"
    placed = datetime.combine(FIRST_DAY, datetime.min.time()) + timedelta(
        days=day, hours=int(generator.integers(8, 22)), minutes=int(generator.integers(0, 60))
    )
    has_voucher = generator.random() < kind.discount
    files.orders.append([order_id, customer, placed, "paid", "OFFER" if has_voucher else ""])
    articles = generator.choice(40, size=kind.products, replace=False)
    for position, article in enumerate(articles, start=1):
        total = round(float(kind.price * generator.uniform(0.8, 1.2)), 2)
        saved = round(total * 0.25, 2) if has_voucher else 0
        files.lines.append([order_id, position, f"a{article:02d}", int(generator.integers(1, 4)), total, saved])


def _add_oddities(files: ShopFiles) -> None:
    files.orders += [
        ["x1", "c0010", "2024-01-10 12:00:00", "cancelled", ""],
        ["x2", "", "2024-01-11 12:00:00", "paid", ""],
        ["x3", "c0011", "2024-01-12 12:00:00", "paid", ""],
    ]
    files.lines += [
        ["x1", 1, "a01", 1, 50, 0],
        ["x2", 1, "a02", 1, 30, 0],
        ["x3", 1, "a03", 1, 20, 0],
        ["x3", 2, "a04", -1, -20, 0],  # given back
        ["x3", 3, "a05", 1, 0, 0],  # free
        ["x3", 4, "a06", 1, "twenty", 0],  # no number: quarantined
        ["x3", 1, "a03", 1, 20, 0],  # the same row again
    ]


def _articles() -> list[list[object]]:
    groups = ["bread", "fruit", "tools", "toys", "books"]
    return [[f"a{number:02d}", f"Article {number}", groups[number % len(groups)]] for number in range(40)]


def _people() -> list[list[object]]:
    return [[customer_id, "2023-10-01", "DE"] for customer_id, _ in _customers()]


def _campaigns() -> list[list[object]]:
    return [["spring", "2024-03-01", "2024-03-31", 25], ["news", "2024-04-15", "2024-05-05", ""]]


def _members() -> list[list[object]]:
    ids = [customer_id for customer_id, kind in _customers() if kind.starts_after == 0]
    return [["spring", name, "2024-03-01"] for name in ids[::2]] + [["news", name, "2024-04-15"] for name in ids[::3]]


def _consents() -> list[list[object]]:
    return [[f"e{number}", *decision] for number, decision in enumerate(REFUSALS)]


def _write(path: Path, header: list[str], rows: list[list[object]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def _source() -> dict[str, Any]:
    tables = {
        "customers": ("people.csv", {"customer_id": "buyer", "created_at": "since", "country_code": "country"}),
        "orders": (
            "orders.csv",
            {
                "order_id": "number",
                "customer_id": "nullif(buyer, '')",
                "ordered_at": "placed",
                "status": "state",
                "coupon_code": "nullif(voucher, '')",
            },
        ),
        "order_lines": (
            "lines.csv",
            {
                "order_id": "number",
                "line_number": "position",
                "product_id": "article",
                "quantity": "units",
                "net_amount": "total",
                "discount_amount": "saved",
            },
        ),
        "products": ("articles.csv", {"product_id": "article", "name": "title", "category": '"group"'}),
        "campaigns": (
            "campaigns.csv",
            {"campaign_id": "campaign", "started_at": '"from"', "ended_at": '"to"', "discount_percent": "percent"},
        ),
        "campaign_members": (
            "members.csv",
            {"campaign_id": "campaign", "customer_id": "buyer", "assigned_at": "assigned"},
        ),
        "consents": (
            "consents.csv",
            {
                "consent_event_id": "id",
                "customer_id": "buyer",
                "purpose": "about",
                "decision": "answer",
                "occurred_at": '"at"',
            },
        ),
    }
    tables["events"] = (
        "clicks-*.csv",
        {
            "event_id": "id",
            "occurred_at": '"at"',
            "event_type": "what",
            "anonymous_id": "device",
            "customer_id": "login",
            "product_id": "article",
            "category": '"group"',
            "device_type": "kind",
            "medium": "medium",
        },
    )
    return {
        "name": "small_shop",
        "title": "Small shop",
        "folder": "files",
        "time_zone": "Europe/Berlin",
        "currency": "EUR",
        "max_rejected_share": 0.01,
        "tables": {name: {"files": file, "columns": columns} for name, (file, columns) in tables.items()},
    }
