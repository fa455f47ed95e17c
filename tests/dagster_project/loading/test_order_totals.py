"""Which totals their lines do not make, among what a load brought."""

import pytest

from tests.dagster_project.loading.conftest import ORDERS

LINES = {
    "files": "lines.csv",
    "columns": {
        "order_id": "id",
        "line_number": "line",
        "product_id": "sku",
        "quantity": "case when cast(amount as double) < 0 then -1 else 1 end",
        "net_amount": "amount",
        "line_kind": "kind",
    },
}
WITH_DISCOUNT = ORDERS | {"columns": ORDERS["columns"] | {"discount_amount": "discount"}}


def load(shop, *, total, discount="", lines):
    shop.write("orders.csv", f"id,customer,day,amount,discount\no1,c1,2024-05-01,{total},{discount}\n")
    rows = "".join(f"o1,{line},p{line},{amount},{kind}\n" for line, (amount, kind) in enumerate(lines, start=1))
    shop.write("lines.csv", "id,line,sku,amount,kind\n" + rows)
    shop.describe({"orders": WITH_DISCOUNT, "order_lines": LINES})
    return shop.load().warnings


@pytest.mark.parametrize(
    ("total", "discount", "lines"),
    [
        (50, "", [(20, ""), (30, "")]),
        (45, 5, [(20, ""), (30, "")]),
        (45, "", [(50, ""), (-5, "discount")]),
        (55, "", [(50, ""), (5, "shipping")]),
        (50, "", [(50, ""), (5, "shipping")]),
        (30, "", [(50, ""), (-20, "")]),
        (50, "", [(50, ""), (-20, "")]),
        ("49.99", "", [(20, ""), (30, "")]),
        (100, "", [(-25, "")]),
        ("", "", [(20, ""), (30, "")]),
    ],
    ids=[
        "the lines make it",
        "the order's discount explains it",
        "a line of discount explains it",
        "it includes shipping",
        "it leaves shipping out",
        "it is what is left after a return",
        "it was not lowered by a return",
        "a cent is rounding",
        "only a return has a line",
        "there is none",
    ],
)
def test_a_total_that_its_lines_make_is_not_named(shop, total, discount, lines):
    assert load(shop, total=total, discount=discount, lines=lines) == ()


def test_a_total_that_its_lines_do_not_make_is_named_with_count_and_money(shop):
    assert load(shop, total=100, lines=[(40, "")]) == (
        "Lines and totals of 1 order differ by 60.00 (+60.00 in all), e.g. ['o1']; the totals count. Look whether all "
        "files of lines are there",
    )


def test_a_discount_that_explains_a_part_only_is_no_explanation(shop):
    assert "differ by 10.00 (-10.00 in all)" in load(shop, total=40, discount=5, lines=[(50, "")])[0]


def test_only_orders_that_the_load_touched_are_looked_at(shop):
    load(shop, total=100, lines=[(40, "")])
    shop.write("orders.csv", "id,customer,day,amount,discount\no2,c1,2024-05-02,1,\n")
    assert shop.load().warnings == ()


def test_lines_whose_order_is_written_otherwise_are_named(shop):
    shop.write("orders.csv", "id,customer,day,amount,discount\n1001,c1,2024-05-01,5,\n")
    shop.write("lines.csv", "id,line,sku,amount,kind\n#1001,1,p1,5,\n")
    shop.describe({"orders": WITH_DISCOUNT, "order_lines": LINES})
    assert shop.load().warnings == (
        "1 line worth 5.00 without an order that is there, e.g. ['#1001'], not counted; look whether the order_id is "
        "written alike in orders and lines",
    )


def test_a_line_told_twice_is_no_gap_where_the_total_counts_it_once(shop):
    shop.write("orders.csv", "id,customer,day,amount,discount\no1,c1,2024-05-01,50,\n")
    shop.write("lines.csv", "id,line,sku,amount,kind\no1,1,p1,50,\no1,2,p1,50,\n")
    shop.describe({"orders": WITH_DISCOUNT, "order_lines": LINES})
    assert shop.load().warnings == ()
