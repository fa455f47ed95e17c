"""Who buys what: customers, orders, their lines and the products."""

from dagster_project.loading.columns import Column, Kind, Table, moment, money, text

ORDER_STATUSES = ("placed", "paid", "cancelled", "returned")
LINE_KINDS = ("product", "shipping", "fee", "discount", "gift_voucher", "adjustment", "test")

CUSTOMERS = Table(
    name="customers",
    description="One row per customer and version.",
    key=("customer_id",),
    occurred_at="created_at",
    columns=(
        text("customer_id", "The shop's own identifier of the customer"),
        moment("created_at", "When the customer was first registered"),
        text("country_code", "Country as the shop writes it; sensitive, never a feature"),
        text("region", "Region as the shop writes it; sensitive, never a feature"),
        text("age_band", "Age band; sensitive, never a feature"),
        text("acquisition_channel", "How the customer first came"),
        text("email", "E-mail address"),
        text("phone", "Telephone number"),
        text("crm_contact_id", "The customer's identifier in the CRM"),
        text("account_id", "The company the customer belongs to"),
        Column("attributes", Kind.JSON, "Further attributes as a JSON object"),
    ),
)

ORDERS = Table(
    name="orders",
    description="One row per order and version.",
    key=("order_id",),
    required=("customer_id", "ordered_at"),
    occurred_at="ordered_at",
    has_happened=True,
    has_guests=True,
    columns=(
        text("order_id", "The order's identifier"),
        text("customer_id", "Who ordered; NULL for a guest"),
        moment("ordered_at", "When the order was placed"),
        text("status", "State of the order; NULL counts as placed", ORDER_STATUSES),
        text("currency", "ISO 4217 code; the source's own currency where the file has none"),
        money("net_amount", "Order value after discounts"),
        money("discount_amount", "Discount on the whole order, a positive number"),
        money("refund_amount", "Money given back, a positive number"),
        money("shipping_amount", "Shipping charged"),
        text("coupon_code", "Coupon used on the order"),
        text("channel", "Where the order was placed"),
        text("device_type", "Device the order was placed with"),
        text("store_id", "Shop or branch"),
    ),
)

ORDER_LINES = Table(
    name="order_lines",
    description="One row per order line and version.",
    key=("order_id", "line_number"),
    required=("product_id", "quantity", "net_amount"),
    required_without_orders=("ordered_at",),
    occurred_at="ordered_at",
    has_happened=True,
    columns=(
        text("order_id", "The order the line belongs to"),
        Column("line_number", Kind.WHOLE_NUMBER, "Line within the order; its position in the file if unmapped"),
        text("product_id", "What was bought"),
        Column("quantity", Kind.QUANTITY, "Units; negative for units given back"),
        money("net_amount", "Value of the whole line after discounts; negative for money given back"),
        text("customer_id", "Who ordered; NULL for a guest"),
        moment("ordered_at", "When the order was placed"),
        money("unit_price", "Price of one unit"),
        money("discount_amount", "Discount that the shop gave on the line, a positive number"),
        money("coupon_discount_amount", "Discount paid by a coupon, a positive number"),
        Column("is_return", Kind.BOOLEAN, "Whether the line gives goods or money back"),
        text("line_kind", "What the line is; NULL counts as product", LINE_KINDS),
    ),
)

PRODUCTS = Table(
    name="products",
    description="One row per product and version.",
    key=("product_id",),
    columns=(
        text("product_id", "The product's identifier"),
        text("name", "What the product is called"),
        text("category", "Category, the coarser level"),
        text("subcategory", "Category, the finer level"),
        text("brand", "Brand"),
        money("list_price", "Price before discounts"),
        Column("is_seasonal", Kind.BOOLEAN, "Whether the product is sold for a season only"),
    ),
)
