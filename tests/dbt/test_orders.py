"""What orders are worth, from their files to the features of who placed them, each situation with its figures."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.dbt.corner_shop import FIRST_LOAD_AT, SECOND_LOAD_AT, Delivery, Row, first_delivery
from tests.dbt.deletions import delete_rows
from tests.dbt.warehouses import ALL_MARTS, FEATURES, Workshop, read, read_rows

BEFORE_SECOND_LOAD, AFTER_SECOND_LOAD = "2024-07-09", "2024-07-10"
DATA_TESTS = (
    "revenue_is_equal_from_files_to_features",
    "no_step_of_the_waterfall_adds_anything",
    "replaced_rows_agree_with_the_ledger",
)


def order(order_id: str, customer: str, day: int, **columns: str) -> Row:
    return {"order_id": order_id, "customer_id": customer, "ordered_at": f"2024-05-{day:02d} 12:00:00", **columns}


def line(order_id: str, number: int, amount: str, **columns: str) -> Row:
    return {
        "order_id": order_id,
        "line": str(number),
        "product_id": f"p{number}",
        "quantity": "1",
        "amount": amount,
        "ordered_at": "2024-05-02 12:00:00",
        **columns,
    }


ORDERS = [
    # The shop's own discount of 5 is on the order; the shipping of another order is in its total.
    order("discounted", "ann", 1, total="45.00", discount="5.00"),
    order("shipped", "ann", 2, total="44.90"),
    # One line is missing.
    order("short", "bob", 1, total="100.00"),
    # A refund comes as a line, and beside it an order that nothing was given back of.
    order("refunded", "cat", 1, total="100.00"),
    order("kept", "cat", 2, total="60.00"),
    # One return in each way that there is, and one said in all of them.
    *(order(f"kept by {name}", name, 1, total="100.00") for name in ("dan", "eve", "fay", "gus", "hal")),
    order("by status", "dan", 5, total="100.00", status="returned"),
    order("by refund", "eve", 5, total="100.00", refund="100.00"),
    order("by line", "fay", 5, total="100.00"),
    order("by units", "gus", 5),
    order("by all", "hal", 5, total="100.00", refund="100.00", status="returned"),
    # Cancelled; given away; sold twice in the same words.
    order("cancelled", "ida", 1, total="30.00", status="cancelled", refund="30.00"),
    order("given away", "ida", 2, total="0.00", discount="50.00"),
    order("twice", "ida", 3, total="20.00"),
]
LINES = [
    line("discounted", 1, "20.00", quantity="2"),
    line("discounted", 2, "30.00"),
    line("shipped", 1, "40.00"),
    line("shipped", 2, "4.90", kind="shipping"),
    line("short", 1, "40.00", quantity="4"),
    line("refunded", 900, "-25.00", quantity="-1", is_return="true"),
    line("by line", 1, "100.00"),
    line("by line", 2, "-100.00", is_return="true"),
    line("by units", 1, "100.00"),
    line("by units", 2, "-100.00", quantity="-1"),
    line("by all", 1, "100.00"),
    line("by all", 2, "-100.00", quantity="-1"),
    line("given away", 1, "50.00"),
    line("twice", 1, "10.00"),
    line("twice", 2, "10.00", product_id="p1"),
]
# Orders, net revenue, share of discounts, share of returns.
EXPECTED = {
    "ann": (2, "85", 5 / 90, 0.0),
    "bob": (1, "100", 0.0, 0.0),
    "cat": (2, "160", 0.0, 25 / 185),
    **{name: (2, "200", 0.0, 1 / 3) for name in ("dan", "eve", "fay", "gus", "hal")},
    "ida": (1, "20", 0.0, 0.0),
}


def with_rows(orders: Sequence[Row], lines: Sequence[Row]) -> Delivery:
    delivery = first_delivery()
    return {
        **delivery,
        "orders": [*delivery["orders"], *orders],
        "order_lines": [*delivery["order_lines"], *lines],
    }


@pytest.fixture(scope="module")
def shop(workshop: Workshop) -> Path:
    return workshop.build(workshop.load((with_rows(ORDERS, LINES), FIRST_LOAD_AT)), select=ALL_MARTS)


@pytest.mark.parametrize("customer", EXPECTED)
def test_customer_is_counted_as_the_shop_counts(shop, customer):
    columns = "order_count, net_revenue, discount_share, return_share"
    row = read(shop, f"select {columns} from {FEATURES} where is_current and customer_id = '{customer}'").row(0)
    orders, revenue, discount_share, return_share = EXPECTED[customer]
    assert row[:2] == (orders, Decimal(revenue))
    assert row[2:] == pytest.approx((discount_share, return_share))


def test_lines_share_the_total_of_their_order(shop):
    query = "select line_number, net_revenue from marts.fct_order_lines where order_id = '{}' order by line_number"
    assert read(shop, query.format("discounted")).rows() == [(1, Decimal(18)), (2, Decimal(27))]
    assert read(shop, query.format("short")).rows() == [(1, Decimal(100))]
    assert read(shop, query.format("twice")).rows() == [(1, Decimal(10)), (2, Decimal(10))]


def test_shares_of_every_order_add_up_to_its_revenue(shop):
    query = """
        select order_id from marts.fct_orders
        inner join (
            select order_id, sum(net_revenue) as of_lines from marts.fct_order_lines group by order_id
        ) as lines using (order_id)
        where net_revenue <> of_lines
    """
    assert read(shop, query).rows() == []


def test_orders_whose_lines_do_not_make_the_total_are_listed(shop):
    query = """
        select order_id, total_amount, lines_amount, gap_amount, is_explained
        from intermediate.int_order_total_gaps where order_id not like 'o%-%' order by order_id
    """
    assert read(shop, query).rows() == [
        ("discounted", Decimal(45), Decimal(50), Decimal(-5), True),
        ("given away", Decimal(0), Decimal(50), Decimal(-50), True),
        ("short", Decimal(100), Decimal(40), Decimal(60), False),
    ]


def test_money_rows_orders_and_customers_add_up_on_the_way(workshop, shop):
    results = workshop.dbt("test", shop, select=DATA_TESTS)
    assert [str(result.status) for result in results.results] == ["pass"] * len(DATA_TESTS)


@pytest.fixture(scope="module")
def load_with_rejection(workshop: Workshop) -> Path:
    """A line that names its customer itself, of an order whose good row comes a month later."""
    lines = [line("rejected", 1, "500.00", customer_id="c01")]
    corrected: Delivery = {"orders": [order("rejected", "c01", 2, total="490.00")]}
    return workshop.load((with_rows([], lines), FIRST_LOAD_AT), (corrected, SECOND_LOAD_AT))


def revenue_after_rejection(workshop: Workshop, load: Path, rejected_at: datetime | None, days: Sequence[str]) -> list[Decimal]:
    """Net revenue of c01 on each day, where the order's first row was rejected then, or in a load of history."""
    with duckdb.connect(str(load)) as connection:
        connection.execute("delete from quarantine.orders")
        connection.execute(
            "insert into quarantine.orders (row_key, arrived_at, load_id) values ('rejected', ?, 'load-0')",
            [rejected_at],
        )
    query = f"select net_revenue from {FEATURES} where is_current and customer_id = 'c01'"
    return [read(workshop.build(load, as_of_date=day), query).item() for day in days]


def test_lines_of_a_rejected_order_do_not_count_until_a_good_row_comes(workshop, load_with_rejection):
    before, after = revenue_after_rejection(
        workshop, load_with_rejection, None, (BEFORE_SECOND_LOAD, AFTER_SECOND_LOAD)
    )
    assert after - before == Decimal(490)


def test_lines_of_an_order_count_until_its_row_is_rejected(workshop, load_with_rejection):
    before, after = revenue_after_rejection(
        workshop, load_with_rejection, datetime(2024, 6, 15, 12), ("2024-06-14", "2024-06-15")
    )
    assert before - after == Decimal(500)


def deleted_and_never_there(workshop: Workshop, table: str, condition: str, *, is_in_file: bool) -> tuple[Path, Path]:
    """A shop of which rows leave with the second load, and the same without them."""
    paths = [workshop.load((with_rows(ORDERS, LINES), FIRST_LOAD_AT)) for _ in range(2)]
    with duckdb.connect(str(paths[0])) as connection:
        delete_rows(connection, table, condition, loaded_at=SECOND_LOAD_AT, is_in_file=is_in_file)
    with duckdb.connect(str(paths[1])) as connection:
        connection.execute(f"delete from raw.{table} where {condition}")
    built = [workshop.build(path, as_of_date=AFTER_SECOND_LOAD, select=ALL_MARTS) for path in paths]
    return built[0], built[1]


@pytest.mark.parametrize(
    ("table", "condition"),
    [
        ("orders", "order_id in ('short', 'kept', 'o01-025', 'o03-029')"),
        ("order_lines", "line_number = 2 and hash(order_id) % 3 = 0"),
        ("coupon_redemptions", "redemption_id = 'r1'"),
        ("campaign_members", "customer_id in ('c01', 'c02')"),
        ("products", "product_id = 'p1'"),
    ],
)
@pytest.mark.parametrize("is_in_file", [False, True], ids=["missing in a file", "marked in a file"])
def test_what_has_left_is_as_if_it_had_never_been_there(workshop, table, condition, is_in_file):
    deleted, never_there = deleted_and_never_there(workshop, table, condition, is_in_file=is_in_file)
    rows, others = (
        [row for row in read_rows(path, FEATURES) if str(row[1]) == AFTER_SECOND_LOAD] for path in (deleted, never_there)
    )
    assert rows
    gone = {"bob"} if table == "orders" else set()
    assert [row for row in rows if row[0] not in gone] == [row for row in others if row[0] not in gone]
    results = workshop.dbt("test", deleted, select=DATA_TESTS)
    assert [str(result.status) for result in results.results] == ["pass"] * len(DATA_TESTS)


def test_rows_that_have_left_are_a_step_of_the_waterfall(workshop):
    deleted, _ = deleted_and_never_there(workshop, "orders", "order_id in ('discounted', 'short')", is_in_file=True)
    step = read(deleted, "select rows_removed, amount_removed from segments.revenue_waterfall where rule = 'deleted'")
    # Two orders of 145 and their three lines of 90.
    assert step.row(0) == (5, Decimal(235))


@pytest.mark.parametrize(
    "statement",
    [
        "update segments.revenue_waterfall set rows_removed = -1 where rule = 'repeated_line'",
        "update segments.revenue_waterfall set orders_left = orders_left + 1 where rule = 'in_feature_mart'",
        "update segments.revenue_waterfall set customers_left = customers_left + 1 where rule = 'in_feature_mart'",
    ],
    ids=["rows", "orders", "customers"],
)
def test_a_step_that_adds_something_is_found(workshop, shop, tmp_path, statement):
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(shop.read_bytes())
    with duckdb.connect(str(path)) as connection:
        connection.execute(statement)
    with pytest.raises(Exception, match="no_step_of_the_waterfall_adds_anything"):
        workshop.dbt("test", path, select=["no_step_of_the_waterfall_adds_anything"])
