"""Random shops with orders, edits, refunds, deletions and exports that come again, and a plain record of them.

Orders and lines are delivered apart and in random pieces, as shops really deliver them: whole orders, some of them
unchanged, cut by the ends of files, late, or with the lines a night after the order. The record is a dictionary of
orders: what each of them said, and since which day that could be known.
"""

import csv
import random
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import yaml

from tests.dbt.corner_shop import TIME_ZONE

_FIRST_DAY = date(2024, 2, 6)
_DAYS_OF_HISTORY = 50
_NIGHTS = 9
_ORDERS_OF_HISTORY = 40
_CUSTOMERS = 7
_HEADERS = {
    "orders": ["order_id", "customer_id", "ordered_at", "net_amount", "discount", "refund", "status", "gone"],
    "lines": ["order_id", "line_number", "customer_id", "ordered_at", "product_id", "quantity", "net_amount", "is_return"],
}


@dataclass(frozen=True)
class Order:
    """What a shop says of an order; ``lines`` are amounts by number, negative ones given back."""

    order_id: str
    customer_id: str
    day: date
    total: Decimal | None = None
    discount: Decimal = Decimal(0)
    refund: Decimal = Decimal(0)
    status: str = "placed"
    is_deleted: bool = False
    lines: tuple[tuple[int, Decimal], ...] = ()

    @property
    def revenue(self) -> Decimal | None:
        """Net revenue before returns; None where the order is no sale."""
        if self.status == "cancelled" or self.is_deleted:
            return None
        sold = sum((amount for _, amount in self.lines if amount > 0), Decimal(0))
        revenue = sold if self.total is None else self.total
        return revenue if revenue > 0 else None


@dataclass
class Record:
    """Versions of one order: of its row and of its lines, each with the day since when it could be known."""

    rows: list[tuple[date, Order]] = field(default_factory=list)
    lines: list[tuple[date, Order]] = field(default_factory=list)

    def known_by(self, day: date) -> Order | None:
        """The order as it was known by the end of a day; None where nothing was."""
        row, lines = _newest(self.rows, day), _newest(self.lines, day)
        if row is None:
            return replace(lines, total=None, status="placed", is_deleted=False) if lines else None
        return replace(row, lines=lines.lines if lines else ())


def _newest(versions: list[tuple[date, Order]], day: date) -> Order | None:
    return next((order for known_on, order in reversed(versions) if known_on <= day), None)


class RandomShop:
    """A shop's orders, its deliveries, and the record of what they say."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._prefix = f"s{seed}"
        self._orders: dict[str, Order] = {}
        self._waiting: list[Order] = []  # whose lines come a night later
        self.records: dict[str, Record] = {}
        self._newest_day: date | None = None

    def deliver(self, folder: Path) -> list[datetime]:
        """Writes every delivery's files into a folder of its number; when each is loaded."""
        loads = []
        for night in range(_NIGHTS + 1):
            today = _FIRST_DAY + timedelta(days=_DAYS_OF_HISTORY + night)
            changed = self._begin() if night == 0 else self._trade(today - timedelta(days=1))
            self._write(folder / f"{night:02}", changed, today, is_first=night == 0)
            loads.append(datetime.combine(today, datetime.min.time()) + timedelta(hours=12))
        return loads

    def _begin(self) -> list[Order]:
        days = [self._random.randrange(_DAYS_OF_HISTORY) for _ in range(_ORDERS_OF_HISTORY)]
        return [self._place(_FIRST_DAY + timedelta(days=day)) for day in days]

    def _trade(self, yesterday: date) -> list[Order]:
        """A day of the shop: new orders, a late one, edits of old ones, and old ones that come again as they were."""
        old = [order for order in self._orders.values() if order.day < yesterday]
        changed = [self._place(yesterday) for _ in range(self._random.randint(1, 3))]
        if self._random.random() < 0.5:
            changed.append(self._place(yesterday - timedelta(days=self._random.randint(2, 30))))
        for order in self._random.sample(old, 6):
            edited = order if self._random.random() < 0.2 else self._edit(order)
            self._orders[order.order_id] = edited
            changed.append(edited)
        return changed

    def _place(self, day: date) -> Order:
        order_id = f"{self._prefix}-{len(self._orders)}"
        customer_id = f"{self._prefix}-c{self._random.randrange(_CUSTOMERS)}"
        lines = tuple((number, self._amount()) for number in range(1, self._random.randint(0, 4) + 1))
        order = self._add_up(Order(order_id, customer_id, day, lines=lines))
        self._orders[order_id] = order
        return order

    def _edit(self, order: Order) -> Order:
        kind = self._random.choice(["amount", "add", "remove", "refund", "return", "cancel", "returned", "delete", "customer"])
        lines = dict(order.lines)
        sold = [number for number, amount in lines.items() if amount > 0]
        if kind == "amount" and sold:
            lines[self._random.choice(sold)] = self._amount()
        elif kind == "add":
            lines[max(lines, default=0) + 1] = self._amount()
        elif kind == "remove" and len(sold) > 1:
            del lines[self._random.choice(sold)]
        elif kind == "return" and sold:
            lines[max(lines) + 1] = -lines[self._random.choice(sold)]
        elif kind == "refund":
            return replace(order, refund=order.refund + 1)
        elif kind in ("cancel", "returned"):
            return replace(order, status="cancelled" if kind == "cancel" else "returned")
        elif kind == "delete":
            return replace(order, is_deleted=not order.is_deleted)
        elif kind == "customer":
            return replace(order, customer_id=f"{self._prefix}-c{self._random.randrange(_CUSTOMERS)}")
        return self._add_up(replace(order, lines=tuple(sorted(lines.items()))))

    def _add_up(self, order: Order) -> Order:
        """Its total: what the lines make, less a discount on the order, or nothing where the shop keeps no totals."""
        sold = sum((amount for _, amount in order.lines if amount > 0), Decimal(0))
        kept = self._random.random()
        if not order.lines:
            return replace(order, total=self._amount())
        if kept < 0.4:
            return replace(order, total=None)
        discount = (sold / 10).quantize(Decimal("0.01")) if kept < 0.6 else Decimal(0)
        return replace(order, total=sold - discount, discount=discount)

    def _amount(self) -> Decimal:
        return Decimal(self._random.randint(100, 9999)) / 100

    def _write(self, folder: Path, changed: list[Order], today: date, *, is_first: bool) -> None:
        late = [] if is_first else [order for order in changed if self._random.random() < 0.1]
        # One version of an order a night: two of them, cut by the end of a file, cannot be told apart.
        again = {order.order_id for order in changed}
        waiting = [order for order in self._waiting if order.order_id not in again]
        with_lines = [*waiting, *(order for order in changed if order not in late)]
        self._waiting = late
        self._note(changed, with_lines, today, is_first=is_first)
        self._random.shuffle(changed)
        rows = [line for order in with_lines for line in _line_rows(order)]
        self._write_pieces(folder, "orders", [_order_row(order) for order in changed])
        self._write_pieces(folder, "lines", rows)

    def _write_pieces(self, folder: Path, name: str, rows: list[dict[str, object]]) -> None:
        """One to three files; the end of one may cut an order."""
        folder.mkdir(parents=True, exist_ok=True)
        cuts = sorted(self._random.sample(range(len(rows) + 1), min(self._random.randint(0, 2), len(rows))))
        for number, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(rows)], strict=True)):
            with (folder / f"{self._prefix}_{name}_{folder.name}_{number}.csv").open("w", newline="") as file:
                writer = csv.DictWriter(file, _HEADERS[name])
                writer.writeheader()
                writer.writerows(rows[start:end])

    def _note(self, changed: list[Order], with_lines: list[Order], today: date, *, is_first: bool) -> None:
        def known_on(order: Order) -> date:
            in_order = self._newest_day is None or order.day >= self._newest_day
            return order.day if is_first or in_order else today

        for order in changed:
            self.records.setdefault(order.order_id, Record()).rows.append((known_on(order), order))
        for order in with_lines:
            if order.lines:
                self.records.setdefault(order.order_id, Record()).lines.append((known_on(order), order))
        self._newest_day = max(order.day for order in self._orders.values())


def _order_row(order: Order) -> dict[str, object]:
    values = (order.total, order.discount, order.refund, order.status, "yes" if order.is_deleted else "no")
    named = dict(zip(_HEADERS["orders"][3:], values, strict=True))
    return {"order_id": order.order_id, "customer_id": order.customer_id, "ordered_at": f"{order.day} 12:00"} | named


def _line_rows(order: Order) -> list[dict[str, object]]:
    return [
        {
            "order_id": order.order_id,
            "line_number": number,
            "customer_id": order.customer_id,
            "ordered_at": f"{order.day} 12:00",
            "product_id": f"p{number}",
            "quantity": 1 if amount > 0 else -1,
            "net_amount": amount,
            "is_return": "yes" if amount < 0 else "no",
        }
        for number, amount in order.lines
    ]


def write_source(folder: Path) -> Path:
    """The source YAML over the deliveries in ``folder``."""
    orders = {name: name for name in ("order_id", "customer_id", "ordered_at", "net_amount", "status")}
    lines = {name: name for name in _HEADERS["lines"]}
    document = {
        "name": "random_shop",
        "title": "Random shop",
        "folder": "files",
        "time_zone": TIME_ZONE,
        "currency": "EUR",
        "tables": {
            "orders": {
                "files": "*_orders_*.csv",
                "columns": orders | {"discount_amount": "discount", "refund_amount": "refund"},
                "deleted": "gone",
            },
            "order_lines": {"files": "*_lines_*.csv", "columns": lines},
        },
    }
    path = folder / "random_shop.yml"
    path.write_text(yaml.safe_dump(document))
    return path
