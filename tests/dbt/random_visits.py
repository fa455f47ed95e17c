"""Random histories of a shop's visitors, in nightly deliveries as trackers really send them.

Everything that may make a kept table differ from a rebuilt one happens in them: visitors on several and on shared
devices, log-ins that are corrected or taken back, bots, visits over midnight and gaps of exactly half an hour,
events that arrive late, come twice or under two keys, and corrections of corrections that had arrived before them.
"""

import csv
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

TIME_ZONE = "America/New_York"

Row = dict[str, Any]
Delivery = dict[str, list[Row]]

# Midnight in New York; the first delivery is the history of ten days, over the end of a month.
_FIRST_MIDNIGHT = datetime(2024, 5, 24, 4)
_DAYS_OF_HISTORY = 10
_NIGHTS = 3

_CUSTOMERS = [f"c{number}" for number in range(8)]
_DEVICES = [f"d{number}" for number in range(10)]
_EVENT_TYPES = [
    *("page_view", "product_view", "product_view", "content_view", "search", "add_to_cart", "remove_from_cart"),
    *("checkout_started", "purchase", "scroll", "identify", "sign_up", "wishlist_add"),
]
# Half an hour to the microsecond and one microsecond more are there as often as anything between.
_GAPS = [
    *(timedelta(0), timedelta(seconds=1), timedelta(minutes=4), timedelta(minutes=19), timedelta(minutes=29)),
    *(timedelta(minutes=30), timedelta(minutes=30, microseconds=1), timedelta(minutes=50)),
]
_LATE = [timedelta(hours=8), timedelta(days=1), timedelta(days=2), timedelta(days=3), timedelta(days=3, microseconds=1)]
_COLUMNS = {
    "events": [
        *("event_id", "occurred_at", "received_at", "event_type", "anonymous_id", "customer_id", "product_id"),
        *("category", "device_type", "medium", "user_agent", "scroll_depth_percent", "engaged_seconds"),
    ],
    "orders": ["order_id", "customer_id", "ordered_at", "net_amount"],
    "consents": ["consent_event_id", "customer_id", "anonymous_id", "purpose", "decision", "occurred_at"],
}


def make_history(seed: int) -> list[tuple[Delivery, datetime]]:
    """The deliveries of a history and of the nights after it, each with the time at which it is loaded."""
    return _History(random.Random(seed)).deliver()


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
        table: {"files": f"{table}-*.csv", "optional": True, "columns": {name: name for name in columns}}
        for table, columns in _COLUMNS.items()
    }
    document = {
        "name": "visited_shop",
        "title": "Visited shop",
        "folder": "files",
        "time_zone": TIME_ZONE,
        "timestamps_in": "UTC",
        "currency": "USD",
        "tables": tables,
    }
    path = folder / "visited_shop.yml"
    path.write_text(yaml.safe_dump(document))
    return path


@dataclass
class _History:
    """Rows by the night that delivers them."""

    random: random.Random
    nights: list[Delivery] = field(
        default_factory=lambda: [{table: [] for table in _COLUMNS} for _ in range(_NIGHTS + 1)]
    )
    event_count: int = 0

    def deliver(self) -> list[tuple[Delivery, datetime]]:
        for day in range(_DAYS_OF_HISTORY + _NIGHTS):
            midnight = _FIRST_MIDNIGHT + timedelta(days=day)
            self._add_orders(day, midnight)
            for device in _DEVICES:
                for _ in range(self.random.choice([0, 0, 1, 2])):
                    self._add_visit(device, midnight)
            self._add_visit("", midnight)
        self._add_refusals()
        for night in self.nights:
            for table, rows in night.items():
                night[table] = self.random.sample(rows, len(rows))
        return [(delivery, _cut_off(number) + timedelta(hours=2)) for number, delivery in enumerate(self.nights)]

    def _add_orders(self, day: int, midnight: datetime) -> None:
        for number in range(2):
            order = {
                "order_id": f"o{day}-{number}",
                "customer_id": self.random.choice(_CUSTOMERS),
                "ordered_at": midnight + timedelta(hours=9 + number),
                "net_amount": f"{self.random.uniform(1, 99):.2f}",
            }
            self._put("orders", order, order["ordered_at"])

    def _add_refusals(self) -> None:
        for number in range(3):
            decided_at = _FIRST_MIDNIGHT + timedelta(days=self.random.uniform(5, _DAYS_OF_HISTORY + _NIGHTS))
            who = {"anonymous_id": self.random.choice(_DEVICES)} if number == 0 else {"customer_id": _CUSTOMERS[number]}
            decision = "granted" if number == 1 else "denied"
            row = {"consent_event_id": f"k{number}", "purpose": "segmentation", "decision": decision, **who}
            self._put("consents", row | {"occurred_at": decided_at}, decided_at)

    def _add_visit(self, device: str, midnight: datetime) -> None:
        """A visit of one person; without a device, of a customer whom the shop's app names."""
        hours = self.random.choice([self.random.uniform(0, 24), 23.8, 23.99])
        occurred_at = midnight + timedelta(hours=hours)
        customer = self._choose_customer(device)
        visit = {
            "anonymous_id": device,
            "device_type": self.random.choice(["desktop", "mobile", "tablet", "watch", ""]),
            "medium": self.random.choice(["organic", "cpc", "email", "social", "direct", "podcast", ""]),
            "user_agent": self.random.choice([*["Firefox"] * 15, "SomeBot/1.0"]),
        }
        is_burst = self.random.random() < 0.03
        for _ in range(70 if is_burst else self.random.randint(1, 7)):
            is_known = not device or (customer and self.random.random() < 0.4)
            self._add_event(visit | {"customer_id": customer if is_known else "", "occurred_at": occurred_at})
            occurred_at += timedelta(milliseconds=400) if is_burst else self.random.choice(_GAPS)

    def _choose_customer(self, device: str) -> str:
        """Every device has a customer who uses it mostly, some of them another one now and then, some none at all."""
        if not device:
            return self.random.choice(_CUSTOMERS)
        number = _DEVICES.index(device)
        if number >= len(_CUSTOMERS):
            return ""
        is_shared = number % 3 == 0 and self.random.random() < 0.2
        return self.random.choice(_CUSTOMERS) if is_shared else _CUSTOMERS[number // 2]

    def _add_event(self, event: Row) -> None:
        event |= {
            "event_id": self._new_key(),
            "event_type": self.random.choice(_EVENT_TYPES),
            "product_id": f"p{self.random.randrange(5)}",
            "category": self.random.choice(["tea", "cups", ""]),
            "scroll_depth_percent": self.random.choice(["", "25", "100"]),
            "engaged_seconds": self.random.choice(["", "1.5", "12.125", "31"]),
        }
        self._send(event)
        chance = self.random.random()
        if chance < 0.1:
            # What else differs under the other key shows which of the two counts.
            self._send(event | {"event_id": self._new_key(), "category": "", "user_agent": "Firefox"})
        if 0.08 < chance < 0.2:
            for _ in range(self.random.randint(1, 3)):
                self._send(event | self._choose_correction(event))

    def _choose_correction(self, event: Row) -> Row:
        return self.random.choice(
            [
                {"customer_id": self.random.choice(_CUSTOMERS)},
                {"customer_id": "" if event["anonymous_id"] else event["customer_id"]},
                {"anonymous_id": self.random.choice(_DEVICES)},
                {"event_type": self.random.choice(_EVENT_TYPES)},
                {"occurred_at": event["occurred_at"] + timedelta(minutes=self.random.randint(-40, 40))},
                {"occurred_at": event["occurred_at"] + timedelta(days=self.random.randint(-2, 1))},
            ]
        )

    def _send(self, event: Row) -> None:
        """Puts a row into the night after its arrival or a later one, and one in ten a second time."""
        delay = self.random.choice(_LATE) if self.random.random() < 0.05 else timedelta(seconds=self.random.random())
        received_at = event["occurred_at"] + delay
        row = event | {"received_at": received_at if self.random.random() < 0.9 else ""}
        self._put("events", row, received_at)
        if self.random.random() < 0.1:
            self._put("events", row, received_at)

    def _put(self, table: str, row: Row, known_at: datetime) -> None:
        """One row in twenty misses its night; what would come after the last night never does."""
        night = next((night for night in range(_NIGHTS + 1) if known_at < _cut_off(night)), None)
        if night is not None and self.random.random() < 0.05:
            night += self.random.randint(1, 2)
        if night is not None and night <= _NIGHTS:
            self.nights[night][table].append(row)

    def _new_key(self) -> str:
        self.event_count += 1
        return f"e{self.event_count}"


def _cut_off(night: int) -> datetime:
    """The end of the last day that a night delivers."""
    return _FIRST_MIDNIGHT + timedelta(days=_DAYS_OF_HISTORY + night)
