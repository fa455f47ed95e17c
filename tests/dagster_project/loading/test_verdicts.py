"""Rows that are rejected for what other rows say: numbers of another shop, and numbers that begin again."""

import pytest

from dagster_project.loading.errors import LoadError
from tests.dagster_project.loading.conftest import ORDERS

HEADER = "id,customer,day,amount\n"
LINES = {
    "files": "till*.csv",
    "columns": {
        "order_id": "receipt",
        "customer_id": "card",
        "ordered_at": "at",
        "product_id": "sku",
        "quantity": "1",
        "net_amount": "amount",
    },
}


def write_till(shop, rows, file="till.csv"):
    shop.write(file, "receipt,card,at,sku,amount\n" + rows)


def reasons(shop, table):
    return shop.rows(f"select source_name, source_row, reason from quarantine.{table} order by all")


@pytest.mark.parametrize("lines_first", [True, False])
def test_an_order_number_of_two_shops_is_rejected_in_whatever_table_it_is(shop, lines_first):
    shop.write("orders.csv", HEADER + "1,b1,2024-05-01,20\n3,b3,2024-05-01,20\n")
    write_till(shop, "1,t1,2024-05-02,cup,3\n2,t2,2024-05-02,cup,3\n")
    names = ("b_web", "a_till") if lines_first else ("a_web", "b_till")
    shop.describe({"orders": ORDERS}, name=names[0])
    shop.describe({"order_lines": LINES}, name=names[1])
    shop.load()
    rejected = reasons(shop, "orders" if lines_first else "order_lines")
    assert rejected == [(max(names), 1, f"order_id already loaded by source {min(names)}")]


def test_a_refused_load_of_two_shops_says_what_keeps_them_apart(shop):
    shop.write("orders.csv", HEADER + "1,b1,2024-05-01,20\n")
    write_till(shop, "1,t1,2024-05-02,cup,3\n")
    shop.describe({"orders": ORDERS}, name="a_web")
    shop.describe({"order_lines": LINES}, name="b_till", max_rejected_share=0)
    with pytest.raises(LoadError, match=r"already loaded by source a_web.*`id_prefix: web-`.*the same `shop`"):
        shop.load()


def test_a_prefix_keeps_the_orders_of_two_shops_apart_and_their_customers_together(shop):
    shop.write("orders.csv", HEADER + "1,ann,2024-05-01,20\n")
    write_till(shop, "1,ann,2024-05-02,cup,3\n")
    shop.describe({"orders": ORDERS}, name="a_web")
    shop.describe({"order_lines": LINES}, name="b_till", id_prefix="till-")
    shop.load()
    assert shop.rows("select order_id, customer_id from raw.orders") == [("1", "ann")]
    assert shop.rows("select order_id, customer_id, product_id from raw.order_lines") == [("till-1", "ann", "cup")]


def test_sources_of_one_shop_may_tell_of_the_same_orders(shop):
    shop.write("orders.csv", HEADER + "1,ann,2024-05-01,20\n")
    write_till(shop, "1,ann,2024-05-01,cup,20\n")
    shop.describe({"orders": ORDERS}, name="a_web", shop="mine")
    shop.describe({"order_lines": LINES}, name="b_lines", shop="mine")
    assert shop.load().rows_quarantined == 0


def test_a_number_of_several_customers_and_days_is_no_order(shop):
    shop.load_orders("1,c1,2024-05-01,5\n2,c2,2024-05-01,5\n1,c3,2024-05-04,5\n1,c4,2024-05-07,5\n")
    assert shop.rows("select order_id from raw.orders") == [("2",)]
    said = "order_id '1' has 3 customers and 3 days"
    assert reasons(shop, "orders") == [("shop", row, said) for row in (1, 3, 4)]


def test_receipts_that_begin_again_on_one_day_are_told_by_their_customers(shop):
    write_till(shop, "1,c1,2024-05-01 10:00,cup,5\n1,c2,2024-05-01 11:00,cup,5\n2,c3,2024-05-01 11:00,cup,5\n")
    shop.describe({"order_lines": LINES})
    shop.load()
    assert [row for _, row, _ in reasons(shop, "order_lines")] == [1, 2]


def test_numbers_that_begin_again_in_a_later_load_leave_the_stored_orders_alone(shop):
    write_till(shop, "1,c1,2024-01-03,cup,5\n2,c2,2024-01-04,cup,5\n", "till_1.csv")
    shop.describe({"order_lines": LINES})
    shop.load()
    write_till(shop, "1,c3,2024-05-03,cup,5\n2,c2,2024-05-04,cup,5\n3,c4,2024-05-04,cup,5\n", "till_2.csv")
    shop.load()
    assert shop.rows("select order_id, customer_id from raw.order_lines order by 1") == [
        ("1", "c1"),
        ("2", "c2"),
        ("3", "c4"),
    ]
    assert [reason for _, _, reason in reasons(shop, "order_lines")] == [
        "order_id '1' has 2 customers and 2 days",
        "order_id '2' has 1 customer and 2 days",
    ]


def test_numbers_of_guests_that_begin_again_are_told_by_their_days(shop):
    write_till(shop, "1,,2024-05-01,cup,5\n1,,2024-05-04,cup,5\n")
    shop.describe({"order_lines": LINES})
    assert shop.load().rows_quarantined == 2


@pytest.mark.parametrize(
    "corrected", ["1,c2,2024-05-01,5\n", "1,c1,2024-05-20,5\n"], ids=["another customer", "another day"]
)
def test_another_customer_or_another_day_is_a_correction(shop, corrected):
    shop.load_orders("1,c1,2024-05-01,5\n", file="orders_1.csv")
    assert shop.load_orders(corrected, file="orders_2.csv").totals.rows_replaced == 1


def test_lines_of_an_order_that_crosses_midnight_are_one_order(shop):
    write_till(shop, "1,c1,2024-05-01 23:58,cup,5\n1,c1,2024-05-02 00:01,plate,5\n")
    shop.describe({"order_lines": LINES})
    assert shop.load().rows_quarantined == 0


def test_a_refused_load_of_numbers_that_begin_again_says_what_to_make_the_identifier_of(shop):
    shop.describe({"orders": ORDERS}, max_rejected_share=0)
    with pytest.raises(
        LoadError, match=r"order_id '1' has 2 customers and 2 days.*concat_ws\('-', till, day, receipt\)"
    ):
        shop.load_orders("1,c1,2024-05-01,5\n1,c3,2024-05-04,5\n")


def test_a_first_load_of_rows_that_replace_each_other_says_that_the_key_may_be_none(shop):
    clicks = {"event_id": "kind", "occurred_at": "at", "event_type": "kind", "customer_id": "who"}
    shop.write("orders.csv", HEADER + "1,c1,2024-05-01,5\n")
    shop.write("clicks.csv", "kind,at,who\n" + "".join(f"search,2024-05-{day:02},c{day}\n" for day in range(1, 5)))
    shop.describe({"orders": ORDERS, "events": {"files": "clicks.csv", "columns": clicks}})
    assert shop.load().warnings == (
        "shop.events: 3 of 4 rows of a first load replace another one of the same key; look whether event_id tells "
        "rows apart",
    )


def test_the_first_row_of_a_key_counts_where_the_yaml_says_so(shop):
    shop.describe({"orders": ORDERS | {"keep": "first"}})
    shop.load_orders("1,c1,2024-05-01,5\n1,c1,2024-05-01,7\n", file="orders_1.csv")
    totals = shop.load_orders("1,c1,2024-05-20,9\n2,c1,2024-05-29,1\n", file="orders_2.csv").totals
    assert shop.rows("select order_id, net_amount from raw.orders order by 1") == [("1", 5), ("2", 1)]
    assert (totals.rows_loaded, totals.rows_duplicate, totals.amount_duplicate) == (1, 1, 9)


def test_two_files_of_one_load_that_give_a_number_to_two_people_are_two_tills(shop):
    shop.describe({"orders": ORDERS})
    shop.write("orders_1.csv", HEADER + "1,a1,2024-05-01,10\n2,a2,2024-05-01,10\n")
    shop.write("orders_2.csv", HEADER + "1,b1,2024-05-01,1\n")
    load = shop.load().tables[0]
    assert shop.rows("select order_id from raw.orders") == [("2",)]
    assert load.warnings == ("2 rows worth 11.00 rejected, e.g.: order_id '1' has 2 customers and 1 day",)


def test_a_line_of_another_person_beside_the_stored_lines_is_another_order(shop):
    numbered = LINES | {"columns": LINES["columns"] | {"line_number": "sku"}}
    write_till(shop, "1,ann,2024-05-01,1,60\n1,ann,2024-05-01,2,40\n", "till_1.csv")
    shop.describe({"order_lines": numbered})
    shop.load()
    write_till(shop, "1,bob,2024-05-01,3,5\n", "till_2.csv")
    assert shop.load().rows_quarantined == 1


def test_customers_that_two_sources_tell_of_are_one_person_and_the_first_sources(shop):
    customers = {"columns": {"customer_id": "id", "region": "region"}}
    shop.write("orders.csv", HEADER + "1,ann,2024-05-01,20\n")
    shop.write("web.csv", "id,region\nann,north\n")
    shop.write("till.csv", "id,region\nann,south\nbob,south\n")
    shop.describe({"orders": ORDERS, "customers": customers | {"files": "web.csv"}}, name="a_web")
    shop.describe({"customers": customers | {"files": "till.csv"}}, name="b_till", max_rejected_share=0)
    shop.load()
    assert shop.rows("select customer_id, region from raw.customers order by 1") == [("ann", "north"), ("bob", "south")]
