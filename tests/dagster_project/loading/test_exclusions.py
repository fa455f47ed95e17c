"""Stored rows that the ``where`` of their table leaves out now."""

from tests.dagster_project.loading.conftest import ORDERS

HEADER = "id,customer,day,amount,gone\n"


def load(shop, rows, **config):
    shop.describe({"orders": ORDERS | {"where": "gone = 'no'"} | config})
    shop.write("orders.csv", HEADER + rows)
    return shop.load().warnings


def test_a_stored_row_that_where_leaves_out_now_is_named_with_its_money(shop):
    assert load(shop, "o1,c1,2024-05-01,500,no\no2,c1,2024-05-02,10,no\no3,c1,2024-05-02,9,yes\n") == ()
    assert load(shop, "o1,c1,2024-05-01,500,yes\no2,c1,2024-05-02,10,no\no3,c1,2024-05-02,9,yes\n") == (
        "shop.orders: orders.csv: `where` leaves out 1 stored row worth 500.00, e.g. ['o1'], counted all the same; "
        "where rows have left, say so with `deleted`",
    )


def test_a_key_that_another_row_of_the_file_still_has_is_not_left_out(shop):
    load(shop, "o1,c1,2024-05-01,500,no\n")
    assert load(shop, "o1,c1,2024-05-01,500,yes\no1,c1,2024-05-01,500,no\n") == ()


def test_in_a_complete_list_it_has_left(shop):
    load(shop, "o1,c1,2024-05-01,500,no\no2,c1,2024-05-02,10,no\n", complete=True)
    (said,) = load(shop, "o1,c1,2024-05-01,500,yes\no2,c1,2024-05-02,10,no\n", complete=True)
    assert "lacks 1 row of 2, worth 500.00" in said
    assert shop.rows("select order_id from raw.orders where is_deleted") == [("o1",)]


def test_lines_without_a_number_are_known_by_their_order(shop):
    columns = {"order_id": "id", "customer_id": "who", "ordered_at": "day", "product_id": "sku"}
    lines = {"files": "lines.csv", "columns": columns | {"quantity": "1", "net_amount": "amount"}}
    for gone in ("no", "yes"):
        header = "id,who,day,sku,amount,gone\n"
        shop.write("lines.csv", header + f"o1,c1,2024-05-01,cup,5,{gone}\no1,c1,2024-05-01,pot,7,{gone}\n")
        shop.describe({"order_lines": lines | {"where": "gone = 'no'"}})
        report = shop.load()
    assert "leaves out 2 stored rows worth 12.00, e.g. ['o1']" in report.warnings[0]
