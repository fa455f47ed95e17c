"""The contract of the raw tables, as data: a new table is a new entry and no code.

Each table names its key, its columns with the kind of value they hold, what a row must have, and the
column that says when it occurred. The kinds say which DuckDB type a value is stored as.
"""

from dataclasses import dataclass
from enum import Enum


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
    would otherwise move every as-of date.
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
    max_rejected_share: float | None = None

    @property
    def column_names(self) -> tuple[str, ...]:
        """The contract columns in the order in which the raw table has them."""
        return tuple(column.name for column in self.columns)

    def has_column(self, name: str) -> bool:
        """Whether ``name`` is a contract column."""
        return name in self.column_names


def _text(name: str, description: str, values: tuple[str, ...] = ()) -> Column:
    return Column(name, Kind.TEXT, description, values)


def _money(name: str, description: str) -> Column:
    return Column(name, Kind.MONEY, description)


def _time(name: str, description: str) -> Column:
    return Column(name, Kind.TIME, description + " (UTC)")


ORDER_STATUSES = ("placed", "paid", "cancelled", "returned")
LINE_KINDS = ("product", "shipping", "fee", "discount", "gift_voucher", "adjustment", "test")
CONSENT_PURPOSES = ("segmentation", "prediction", "recommendation", "sale_sharing", "activation", "analytics")
CONSENT_DECISIONS = ("granted", "denied", "withdrawn")

_CUSTOMERS = Table(
    name="customers",
    description="One row per customer and version.",
    key=("customer_id",),
    occurred_at="created_at",
    columns=(
        _text("customer_id", "The shop's own identifier of the customer"),
        _time("created_at", "When the customer was first registered"),
        _text("country_code", "Country as the shop writes it; sensitive, never a feature"),
        _text("region", "Region as the shop writes it; sensitive, never a feature"),
        _text("age_band", "Age band; sensitive, never a feature"),
        _text("acquisition_channel", "How the customer first came"),
        _text("email", "E-mail address"),
        _text("phone", "Telephone number"),
        _text("crm_contact_id", "The customer's identifier in the CRM"),
        _text("account_id", "The company the customer belongs to"),
        Column("attributes", Kind.JSON, "Further attributes as a JSON object"),
    ),
)

_ORDERS = Table(
    name="orders",
    description="One row per order and version.",
    key=("order_id",),
    required=("customer_id", "ordered_at"),
    occurred_at="ordered_at",
    has_happened=True,
    columns=(
        _text("order_id", "The order's identifier"),
        _text("customer_id", "Who ordered"),
        _time("ordered_at", "When the order was placed"),
        _text("status", "State of the order; NULL counts as placed", ORDER_STATUSES),
        _text("currency", "ISO 4217 code; the source's own currency where the file has none"),
        _money("net_amount", "Order value after discounts"),
        _money("discount_amount", "Discount on the whole order, a positive number"),
        _money("refund_amount", "Money given back, a positive number"),
        _money("shipping_amount", "Shipping charged"),
        _text("coupon_code", "Coupon used on the order"),
        _text("channel", "Where the order was placed"),
        _text("device_type", "Device the order was placed with"),
        _text("store_id", "Shop or branch"),
    ),
)

_ORDER_LINES = Table(
    name="order_lines",
    description="One row per order line and version.",
    key=("order_id", "line_number"),
    required=("product_id", "quantity", "net_amount"),
    required_without_orders=("ordered_at",),
    occurred_at="ordered_at",
    has_happened=True,
    columns=(
        _text("order_id", "The order the line belongs to"),
        Column("line_number", Kind.WHOLE_NUMBER, "Line within the order; its position in the file if unmapped"),
        _text("product_id", "What was bought"),
        Column("quantity", Kind.QUANTITY, "Units; negative for units given back"),
        _money("net_amount", "Value of the whole line after discounts; negative for money given back"),
        _text("customer_id", "Who ordered; NULL for a guest"),
        _time("ordered_at", "When the order was placed"),
        _money("unit_price", "Price of one unit"),
        _money("discount_amount", "Discount that the shop gave on the line, a positive number"),
        _money("coupon_discount_amount", "Discount paid by a coupon, a positive number"),
        Column("is_return", Kind.BOOLEAN, "Whether the line gives goods or money back"),
        _text("line_kind", "What the line is; NULL counts as product", LINE_KINDS),
    ),
)

_PRODUCTS = Table(
    name="products",
    description="One row per product and version.",
    key=("product_id",),
    columns=(
        _text("product_id", "The product's identifier"),
        _text("name", "What the product is called"),
        _text("category", "Category, the coarser level"),
        _text("subcategory", "Category, the finer level"),
        _text("brand", "Brand"),
        _money("list_price", "Price before discounts"),
        Column("is_seasonal", Kind.BOOLEAN, "Whether the product is sold for a season only"),
    ),
)

_CAMPAIGNS = Table(
    name="campaigns",
    description="One row per campaign and version.",
    key=("campaign_id",),
    required=("started_at",),
    occurred_at="started_at",
    columns=(
        _text("campaign_id", "The campaign's identifier"),
        _time("started_at", "When the campaign began"),
        _text("name", "What the campaign is called"),
        _text("channel", "How it reached people"),
        _time("ended_at", "When the campaign ended"),
        _text("offer_type", "Kind of offer"),
        Column("discount_percent", Kind.PERCENT, "Discount offered, 0 to 100"),
    ),
)

_CAMPAIGN_MEMBERS = Table(
    name="campaign_members",
    description="One row per campaign, customer and version.",
    key=("campaign_id", "customer_id"),
    occurred_at="assigned_at",
    columns=(
        _text("campaign_id", "The campaign"),
        _text("customer_id", "Who was addressed"),
        _time("assigned_at", "When the customer was assigned; NULL means at the campaign's start"),
        _text("arm", "treatment or control"),
    ),
)

_COUPON_REDEMPTIONS = Table(
    name="coupon_redemptions",
    description="One row per redeemed coupon and version.",
    key=("redemption_id",),
    required=("customer_id", "redeemed_at"),
    occurred_at="redeemed_at",
    has_happened=True,
    columns=(
        _text("redemption_id", "The redemption's identifier"),
        _text("customer_id", "Who redeemed"),
        _time("redeemed_at", "When the coupon was redeemed"),
        _text("coupon_code", "Which coupon"),
        _text("campaign_id", "Campaign that handed the coupon out"),
        _text("order_id", "Order it was redeemed on"),
    ),
)

_CONSENTS = Table(
    name="consents",
    description="One row per consent decision and version.",
    key=("consent_event_id",),
    required=("purpose", "decision", "occurred_at"),
    any_of=("customer_id", "anonymous_id"),
    occurred_at="occurred_at",
    # An opt-out that cannot be read must stop the load: 2 % of lost opt-outs is no rounding error.
    max_rejected_share=0.0,
    columns=(
        _text("consent_event_id", "The decision's identifier"),
        _text("purpose", "What the decision is about", CONSENT_PURPOSES),
        _text("decision", "What was decided", CONSENT_DECISIONS),
        _time("occurred_at", "When it was decided"),
        _text("customer_id", "Who decided, where known"),
        _text("anonymous_id", "Device or visitor that decided, where no customer is known"),
        _text("source", "form, gpc or import"),
        _text("jurisdiction", "Law that applies"),
    ),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _CUSTOMERS,
        _ORDERS,
        _ORDER_LINES,
        _PRODUCTS,
        _CAMPAIGNS,
        _CAMPAIGN_MEMBERS,
        _COUPON_REDEMPTIONS,
        _CONSENTS,
    )
}
