"""Duplicates, corrections and arrival: what a later load adds to what is stored."""

from datetime import datetime

import pytest

FIRST = datetime(2024, 6, 1, 2, 0)
SECOND = datetime(2024, 6, 2, 2, 0)

CUSTOMERS = {"files": "customers*.csv", "columns": {"customer_id": "id", "region": "region"}}
ORDERS = {
    "files": "orders*.csv",
    "columns": {"order_id": "id", "customer_id": "customer", "ordered_at": "day", "net_amount": "amount"},
}
HEADER = "id,customer,day,amount\n"

VERSIONS = "select order_id, net_amount, loaded_at, arrived_at from raw.orders order by order_id, loaded_at, source_row"


def amounts(shop, order_id):
    query = "select net_amount from raw.orders where order_id = ? order by loaded_at, source_row"
    return [int(row[0]) for row in shop.connection.execute(query, [order_id]).fetchall()]


def arrivals(shop):
    return dict(shop.rows("select order_id, arrived_at from raw.orders order by loaded_at, source_row"))


def test_a_corrected_row_is_appended_behind_the_old_one(shop):
    shop.load_orders("o1,c1,2024-05-01,10\n")
    totals = shop.load_orders("o1,c1,2024-05-01,12\n").totals
    assert amounts(shop, "o1") == [10, 12]
    assert (totals.rows_loaded, totals.rows_replaced, totals.rows_duplicate) == (1, 1, 0)


def test_an_export_that_grew_loads_only_what_is_new(shop):
    shop.load_orders("o1,c1,2024-05-01,10\n")
    totals = shop.load_orders("o1,c1,2024-05-01,10\no2,c1,2024-05-03,5\n").totals
    assert (totals.rows_read, totals.rows_loaded, totals.rows_duplicate, totals.rows_replaced) == (2, 1, 1, 0)


def test_a_row_said_twice_in_one_file_is_loaded_once(shop):
    totals = shop.load_orders("o1,c1,2024-05-01,10\no1,c1,2024-05-01,10\n").totals
    assert (totals.rows_loaded, totals.rows_duplicate) == (1, 1)


def test_a_value_that_comes_back_is_a_version_of_its_own(shop):
    totals = shop.load_orders("o1,c1,2024-05-01,10\no1,c1,2024-05-01,11\no1,c1,2024-05-01,10\n").totals
    assert amounts(shop, "o1") == [10, 11, 10]
    assert (totals.rows_loaded, totals.rows_replaced) == (3, 2)


def test_several_versions_that_end_where_the_store_does_say_nothing_new(shop):
    shop.load_orders("o1,c1,2024-05-01,10\no1,c1,2024-05-01,11\n")
    totals = shop.load_orders("o1,c1,2024-05-01,10\no1,c1,2024-05-01,11\no2,c1,2024-05-03,1\n").totals
    assert (totals.rows_loaded, totals.rows_duplicate) == (1, 2)
    assert amounts(shop, "o1") == [10, 11]


def test_an_unknown_version_before_the_known_one_keeps_the_known_one_last(shop):
    shop.load_orders("o1,c1,2024-05-01,10\n")
    shop.load_orders("o1,c1,2024-05-01,7\no1,c1,2024-05-01,10\n")
    assert amounts(shop, "o1") == [10, 7, 10]


def test_a_correction_in_a_later_file_of_one_load_is_the_later_version(shop):
    shop.describe({"orders": ORDERS})
    shop.write("orders_9.csv", HEADER + "o0,c1,2024-05-01,1\no1,c1,2024-05-01,10\n")
    shop.write("orders_10.csv", HEADER + "o1,c1,2024-05-01,12\n")
    shop.load()
    assert amounts(shop, "o1") == [10, 12]
    assert shop.rows("select count(distinct loaded_at) from raw.orders") == [(2,)]


def test_a_changed_unmapped_column_is_a_new_version(shop):
    shop.describe({"orders": ORDERS})
    shop.write("orders.csv", "id,customer,day,amount,note\no1,c1,2024-05-01,10,a\n")
    shop.load()
    shop.write("orders.csv", "id,customer,day,amount,note\no1,c1,2024-05-01,10,b\n")
    assert shop.load().tables[0].totals.rows_replaced == 1
    assert shop.rows("select extra ->> 'note' from raw.orders order by loaded_at") == [("a",), ("b",)]


def test_a_clock_set_back_does_not_put_a_correction_before_what_it_corrects(shop):
    shop.load_orders("o1,c1,2024-05-01,10\n", at=SECOND)
    shop.load_orders("o1,c1,2024-05-01,12\n", at=FIRST)
    assert amounts(shop, "o1") == [10, 12]


def test_a_first_load_arrived_when_it_occurred(shop):
    shop.load_orders("o1,c1,2019-05-01,10\no2,c1,2024-05-03,5\n")
    assert arrivals(shop) == {"o1": datetime(2019, 5, 1), "o2": datetime(2024, 5, 3)}


def test_a_later_load_in_order_arrived_when_it_occurred(shop):
    shop.load_orders("o1,c1,2024-05-03 18:00,10\n")
    shop.load_orders("o2,c1,2024-05-03 09:00,5\no3,c1,2024-05-04 09:00,5\n")
    # The last day seen counts as open: its earlier hours are still in order.
    assert arrivals(shop)["o2"] == datetime(2024, 5, 3, 9)
    assert arrivals(shop)["o3"] == datetime(2024, 5, 4, 9)


def test_a_late_row_arrived_when_it_was_loaded(shop):
    shop.load_orders("o1,c1,2024-05-03,10\n")
    shop.load_orders("o2,c1,2024-05-02 23:59:59,5\n")
    assert arrivals(shop)["o2"] == SECOND


def test_the_last_day_seen_is_a_day_of_the_shop(shop):
    # 2024-05-04 03:00 UTC is still the evening of 3 May in New York, so 3 May, 09:00 there, is in order.
    shop.describe({"orders": ORDERS}, time_zone="America/New_York", timestamps_in="UTC")
    shop.load_orders("o1,c1,2024-05-04 03:00,10\n")
    shop.load_orders("o2,c1,2024-05-03 13:00,5\no3,c1,2024-05-03 03:00,5\n")
    assert arrivals(shop)["o2"] == datetime(2024, 5, 3, 13)
    assert arrivals(shop)["o3"] == SECOND


def test_a_correction_of_an_old_row_arrived_when_it_was_loaded(shop):
    shop.load_orders("o1,c1,2024-05-01,10\no2,c1,2024-05-03,10\n")
    shop.load_orders("o1,c1,2024-05-01,12\n")
    assert arrivals(shop)["o1"] == SECOND


def test_an_in_order_correction_arrived_no_earlier_than_what_it_corrects(shop):
    shop.load_orders("o1,c1,2024-05-03,10\n")
    shop.load_orders("o2,c1,2024-05-01,5\n")
    # o2 was late and arrived with the second load; its correction to a day in order cannot be older.
    shop.load_orders("o2,c1,2024-05-04,5\n")
    assert shop.rows("select arrived_at from raw.orders where order_id = 'o2' order by loaded_at") == [
        (SECOND,),
        (SECOND,),
    ]


def test_received_at_is_the_arrival_on_every_load(shop):
    columns = ORDERS["columns"] | {"received_at": "seen"}
    shop.describe({"orders": ORDERS | {"columns": columns}})
    shop.write("orders_1.csv", "id,customer,day,amount,seen\no1,c1,2024-05-01,10,2024-05-02 04:00\n")
    shop.load()
    shop.write("orders_2.csv", "id,customer,day,amount,seen\no2,c1,2024-04-01,10,2024-05-05 04:00\n")
    shop.load()
    assert arrivals(shop) == {"o1": datetime(2024, 5, 2, 4), "o2": datetime(2024, 5, 5, 4)}


def test_a_row_without_received_at_follows_the_other_rules(shop):
    columns = ORDERS["columns"] | {"received_at": "seen"}
    shop.describe({"orders": ORDERS | {"columns": columns}})
    shop.write("orders_1.csv", "id,customer,day,amount,seen\no1,c1,2024-05-01,10,\n")
    shop.load()
    assert arrivals(shop) == {"o1": datetime(2024, 5, 1)}


@pytest.mark.parametrize(
    ("second_file", "customer", "arrived_at"),
    [
        ("k1,north\nk2,south\n", "k2", SECOND),
        ("k1,west\n", "k1", SECOND),
    ],
    ids=["a new key arrived when it was loaded", "a changed key arrived when it was loaded"],
)
def test_rows_without_a_time_of_their_own(shop, second_file, customer, arrived_at):
    shop.write("orders.csv", HEADER + "o1,k1,2024-05-01,10\n")
    shop.write("customers.csv", "id,region\nk1,north\n")
    shop.describe({"customers": CUSTOMERS, "orders": ORDERS})
    shop.load()
    shop.write("customers.csv", "id,region\n" + second_file)
    shop.load()
    query = "select arrived_at from raw.customers where customer_id = ? order by loaded_at desc limit 1"
    assert shop.connection.execute(query, [customer]).fetchall() == [(arrived_at,)]


def test_a_new_row_of_a_table_without_a_time_arrived_when_it_was_loaded(shop):
    shop.write("orders.csv", HEADER + "o1,k1,2024-05-01,10\n")
    shop.write("products.csv", "sku,name\np1,Tea\n")
    products = {"files": "products*.csv", "columns": {"product_id": "sku", "name": "name"}}
    shop.describe({"products": products, "orders": ORDERS})
    shop.load()
    shop.write("products.csv", "sku,name\np1,Tea\np2,Cup\n")
    shop.load()
    assert shop.rows("select product_id, arrived_at from raw.products order by 1") == [("p1", None), ("p2", SECOND)]


def test_lines_are_numbered_within_their_order_by_their_place_in_the_file(shop):
    lines = {
        "files": "lines.csv",
        "columns": {
            "order_id": "id",
            "customer_id": "who",
            "ordered_at": "day",
            "product_id": "sku",
            "quantity": "n",
            "net_amount": "amount",
        },
    }
    shop.write(
        "lines.csv", "id,who,day,sku,n,amount\na,k,2024-05-01,p1,1,1\nb,k,2024-05-01,p1,1,1\na,k,2024-05-01,p1,1,1\n"
    )
    shop.describe({"order_lines": lines})
    shop.load()
    assert shop.rows("select source_row, order_id, line_number from raw.order_lines order by 1") == [
        (1, "a", 1),
        (2, "b", 1),
        (3, "a", 2),
    ]


LINES = {
    "files": "lines*.csv",
    "columns": {"order_id": "id", "product_id": "sku", "quantity": "1", "net_amount": "amount"},
}


def load_lines(shop, *, orders: str, lines: str):
    shop.write("orders.csv", HEADER + orders)
    shop.write("lines.csv", "id,sku,amount\n" + lines)
    shop.describe({"orders": ORDERS, "order_lines": LINES})
    shop.load()


def test_a_line_without_a_time_comes_with_its_order_unless_the_order_was_known_before(shop):
    load_lines(shop, orders="o1,c1,2024-05-01,10\n", lines="o1,tea,10\n")
    load_lines(shop, orders="o1,c1,2024-05-01,10\no2,c1,2024-05-03,5\n", lines="o1,tea,10\no1,cup,4\no2,tea,5\n")
    rows = shop.rows("select order_id, product_id, arrived_at from raw.order_lines order by all")
    assert rows == [("o1", "cup", SECOND), ("o1", "tea", None), ("o2", "tea", None)]


def test_in_order_is_judged_by_the_newest_order_and_not_by_the_rows_own_table(shop):
    redemptions = {
        "files": "redemptions.csv",
        "columns": {"redemption_id": "id", "customer_id": "customer", "redeemed_at": "day"},
    }
    shop.describe({"orders": ORDERS, "coupon_redemptions": redemptions})
    shop.write("orders.csv", HEADER + "o1,c1,2024-05-09,10\n")
    shop.write("redemptions.csv", "id,customer,day\nr1,c1,2024-05-01\n")
    shop.load()
    # Later than every redemption so far, but as-of dates up to 8 May may have been scored without it.
    shop.write("redemptions.csv", "id,customer,day\nr1,c1,2024-05-01\nr2,c1,2024-05-04\nr3,c1,2024-05-09\n")
    shop.load()
    rows = shop.rows("select redemption_id, arrived_at from raw.coupon_redemptions order by all")
    assert rows == [("r1", datetime(2024, 5, 1)), ("r2", SECOND), ("r3", datetime(2024, 5, 9))]
