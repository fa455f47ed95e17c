"""What the contract says of a raw table: key, columns with the kind of value they hold, what a row must have.

The kinds say which DuckDB type a value is stored as.
"""

from dataclasses import dataclass
from enum import Enum

# What orders and their lines are joined by.
ORDER_ID = "order_id"


class Kind(Enum):
    """What a column holds, with the DuckDB type that stores it."""

    TEXT = "VARCHAR"
    MONEY = "DECIMAL(18,4)"
    QUANTITY = "DECIMAL(18,3)"
    PERCENT = "DECIMAL(9,4)"
    WHOLE_NUMBER = "BIGINT"
    TIME = "TIMESTAMP"
    BOOLEAN = "BOOLEAN"
    JSON = "JSON"


@dataclass(frozen=True)
class Column:
    """A column of a raw table; ``values`` lists what is allowed where the value decides something."""

    name: str
    kind: Kind
    description: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A raw table.

    ``required`` must have a value in every row and ``any_of`` in at least one of its columns;
    ``required_without_orders`` must too when its source has no orders table to take it from. A row of a
    table that ``has_happened`` is broken when it occurred after it was loaded: one order of the year 2099
    would otherwise move every as-of date. Where a table ``has_guests``, a customer who is a placeholder is a guest,
    and the row is loaded without one.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    required: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    required_without_orders: tuple[str, ...] = ()
    occurred_at: str | None = None
    has_happened: bool = False
    has_guests: bool = False
    max_rejected_share: float | None = None

    @property
    def is_shared(self) -> bool:
        """Whether several sources may tell of the same row: a person, a product, a campaign, a company."""
        return self.key in (("customer_id",), ("product_id",), ("campaign_id",), ("account_id",))

    @property
    def is_of_orders(self) -> bool:
        """Whether its rows are orders, or lines of orders."""
        return self.key[0] == ORDER_ID

    @property
    def has_several_rows_an_order(self) -> bool:
        """Whether its rows are lines, of which several make an order."""
        return self.is_of_orders and len(self.key) > 1

    @property
    def column_names(self) -> tuple[str, ...]:
        """The contract columns in the order in which the raw table has them."""
        return tuple(column.name for column in self.columns)

    def has_column(self, name: str) -> bool:
        """Whether ``name`` is a contract column."""
        return name in self.column_names


def text(name: str, description: str, values: tuple[str, ...] = ()) -> Column:
    """A column of text; ``values`` lists what is allowed where the value decides something."""
    return Column(name, Kind.TEXT, description, values)


def money(name: str, description: str) -> Column:
    """A column of money in the source's currency."""
    return Column(name, Kind.MONEY, description)


def moment(name: str, description: str) -> Column:
    """A column of times, stored in UTC."""
    return Column(name, Kind.TIME, description + " (UTC)")


def whole_number(name: str, description: str) -> Column:
    """A column of whole numbers."""
    return Column(name, Kind.WHOLE_NUMBER, description)


def ratio(name: str, description: str) -> Column:
    """A column of shares and scores, kept with four decimals."""
    return Column(name, Kind.PERCENT, description)
