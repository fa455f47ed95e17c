"""One load as a whole: what is stored, what is refused, and that refusing leaves nothing behind."""

from datetime import datetime
from decimal import Decimal

import duckdb
import pytest

from dagster_project.loading.errors import LoadError, SourceError
from dagster_project.loading.readers import read_rows

ORDERS = {
    "files": "orders*.csv",
    "columns": {"order_id": "id", "customer_id": "customer", "ordered_at": "day", "net_amount": "amount"},
}
HEADER = "id,customer,day,amount\n"


def test_orders_arrive_in_the_raw_table_with_their_place(shop):
    shop.load_orders("o1,c1,2024-05-01,10.50\no2,c2,2024-05-02,3\n")
    assert shop.rows(
        "select order_id, customer_id, ordered_at, net_amount, source_name, source_file, source_row, load_id "
        "from raw.orders order by order_id"
    ) == [
        ("o1", "c1", datetime(2024, 5, 1), Decimal("10.5"), "shop", "orders.csv", 1, "load-1"),
        ("o2", "c2", datetime(2024, 5, 2), Decimal("3"), "shop", "orders.csv", 2, "load-1"),
    ]


def test_loading_the_same_file_twice_changes_nothing(shop):
    shop.load_orders("o1,c1,2024-05-01,10\n")
    before = shop.rows("select * from raw.orders"), shop.rows("select * from ops.load_ledger")
    report = shop.load().tables[0]
    assert (report.files_loaded, report.files_skipped) == ((), ("orders.csv",))
    assert before == (shop.rows("select * from raw.orders"), shop.rows("select * from ops.load_ledger"))


def test_the_same_content_under_another_name_is_passed_over(shop):
    shop.load_orders("o1,c1,2024-05-01,10\n")
    shop.write("orders-copy.csv", HEADER + "o1,c1,2024-05-01,10\n")
    assert shop.load().tables[0].files_skipped == ("orders-copy.csv", "orders.csv")


def test_two_files_of_one_content_in_one_load_are_read_once(shop):
    shop.write("orders_1.csv", HEADER + "o1,c1,2024-05-01,10\n")
    report = shop.load_orders("o1,c1,2024-05-01,10\n", file="orders_2.csv")
    assert (report.files_loaded, report.files_skipped) == (("orders_1.csv",), ("orders_2.csv",))


def test_more_rejections_than_allowed_leave_nothing_behind(shop):
    shop.load_orders("o1,c1,2024-05-01,10\n")
    shop.describe({"orders": ORDERS | {"max_rejected_share": 0.4}})
    shop.write("orders_2.csv", HEADER + "o2,c2,2024-05-02,1\n,c3,2024-05-03,1\no4,c4,never,1\n")
    with pytest.raises(LoadError) as refused:
        shop.load()
    assert "2 of 3 rows (66.7%) break the contract, allowed are 40.0%" in str(refused.value)
    assert "orders_2.csv row 2: order_id is missing | orders_2.csv row 3: ordered_at 'never'" in str(refused.value)
    assert shop.rows("select order_id from raw.orders") == [("o1",)]
    assert shop.rows("select count(*) from quarantine.orders") == [(0,)]
    assert shop.rows("select load_id from ops.load_ledger") == [("load-1",)]


@pytest.mark.parametrize(
    ("row", "advice"),
    [
        ("o1,c1,01/05/2024,1", "others need strptime, epoch numbers to_timestamp. Correct the file"),
        ('"o1"x,c1,2024-05-01,1', 'never quoted, say `csv: {quote: ""}`. Correct the file'),
        (",c1,2024-05-01,1", "order_id is missing. Correct the file"),
    ],
)
def test_a_refused_load_says_what_to_try(shop, row, advice):
    shop.describe({"orders": ORDERS}, max_rejected_share=0)
    with pytest.raises(LoadError) as refused:
        shop.load_orders(row + "\n")
    assert advice in str(refused.value)


def test_the_share_that_is_allowed_may_be_reached(shop):
    shop.write("orders.csv", HEADER + "o1,c1,2024-05-01,1\n,c2,2024-05-01,1\n")
    shop.describe({"orders": ORDERS | {"max_rejected_share": 0.5}})
    assert shop.load().rows_quarantined == 1


def test_one_unreadable_consent_refuses_the_load(shop):
    shop.write("orders.csv", HEADER + "o1,c1,2024-05-01,1\n")
    shop.write("consents.csv", "id,who,what,said,day\nk1,c1,segmentation,no,2024-05-01\n")
    consents = {
        "files": "consents.csv",
        "columns": {
            "consent_event_id": "id",
            "customer_id": "who",
            "purpose": "what",
            "decision": "said",
            "occurred_at": "day",
        },
    }
    shop.describe({"orders": ORDERS, "consents": consents})
    with pytest.raises(LoadError, match="decision 'no' is none of granted, denied, withdrawn"):
        shop.load()
    assert shop.rows("select count(*) from raw.orders") == [(0,)]


def test_all_refused_tables_are_named_at_once(shop):
    shop.write("orders.csv", HEADER + ",c1,2024-05-01,1\n")
    shop.write("products.csv", "sku\n\n \n")
    products = {"files": "products.csv", "columns": {"product_id": "sku"}}
    shop.describe({"orders": ORDERS, "products": products}, max_rejected_share=0)
    with pytest.raises(LoadError, match=r"(?s)tables.orders: 1 of 1 rows.*tables.products: 1 of 1 rows"):
        shop.load()


def test_a_key_of_another_source_is_quarantined(shop):
    shop.write("orders_a.csv", HEADER + "o1,c1,2024-05-01,1\no2,c1,2024-05-01,1\n")
    shop.write("other_b.csv", HEADER + "o2,c9,2024-05-01,7\no3,c9,2024-05-01,7\n")
    shop.describe({"orders": ORDERS}, name="a_shop")
    shop.describe({"orders": ORDERS | {"files": "other_b.csv"}}, name="b_shop")
    shop.load()
    assert shop.rows("select order_id, source_name from raw.orders order by 1") == [
        ("o1", "a_shop"),
        ("o2", "a_shop"),
        ("o3", "b_shop"),
    ]
    assert shop.rows("select reason, source_row from quarantine.orders") == [("key already loaded by source a_shop", 1)]


def test_a_file_changed_while_it_is_read_refuses_the_load(shop, monkeypatch):
    path = shop.write("orders.csv", HEADER + "o1,c1,2024-05-01,1\n")
    shop.describe({"orders": ORDERS})

    def write_and_read(*arguments):
        path.write_text(HEADER)
        return read_rows(*arguments)

    monkeypatch.setattr("dagster_project.loading.table_load.read_rows", write_and_read)
    with pytest.raises(LoadError, match="was changed while it was read"):
        shop.load()


def test_an_optional_table_without_files_is_reported_empty(shop):
    shop.write("orders.csv", HEADER + "o1,c1,2024-05-01,1\n")
    products = {"files": "products.csv", "columns": {"product_id": "sku"}, "optional": True}
    shop.describe({"orders": ORDERS, "products": products})
    assert [(load.table_name, load.totals.rows_read) for load in shop.load().tables] == [("orders", 1), ("products", 0)]


def test_a_table_without_files_is_an_error_that_names_the_folder(shop):
    shop.describe({"orders": ORDERS})
    with pytest.raises(SourceError, match=r"tables.orders.files: no file matches orders\*.csv in .*/files"):
        shop.load()


def test_a_header_without_rows_loads_nothing(shop):
    assert shop.load_orders("").totals.rows_read == 0


def test_the_settings_of_the_connection_are_put_back(shop):
    shop.connection.execute("set TimeZone = 'Asia/Tokyo'")
    shop.load_orders("o1,c1,2024-05-01,1\n")
    assert shop.rows("select current_setting('TimeZone')") == [("Asia/Tokyo",)]


def test_no_temporary_table_is_left(shop):
    shop.load_orders("o1,c1,2024-05-01,1\n")
    assert shop.rows("select table_name from duckdb_tables() where temporary") == []


def test_a_refused_load_leaves_the_connection_usable(shop):
    shop.load_orders("o1,c1,2024-05-01,1\n")
    shop.write("orders_2.csv", b"\x00\xff")
    with pytest.raises((LoadError, SourceError)):
        shop.load()
    assert shop.rows("select count(*) from raw.orders") == [(1,)]


def test_two_loads_give_the_same_rows_on_one_thread_and_on_two(shop):
    lines = "".join(f"o{n},c{n % 7},2024-05-{n % 28 + 1:02},{n}.25\n" for n in range(3000))
    shop.load_orders(lines)
    with duckdb.connect(config={"threads": 2}) as other:
        twin = type(shop)(shop.folder, other)
        twin.load()
        query = "select * from raw.orders order by order_id"
        assert twin.rows(query) == shop.rows(query)


def test_an_order_dated_after_the_load_is_quarantined_and_one_within_a_day_of_it_is_not(shop):
    rows = "1,ann,2024-03-02 11:59:00,5\n2,ann,2024-03-02 12:01:00,5\n3,ann,2099-01-01,5\n"
    shop.load_orders(rows, at=datetime(2024, 3, 1, 12))
    assert shop.rows("select order_id from raw.orders order by all") == [("1",)]
    assert shop.rows("select source_row, reason from quarantine.orders order by all") == [
        (2, "ordered_at lies after the day of the load"),
        (3, "ordered_at lies after the day of the load"),
    ]


def test_a_file_that_says_again_what_it_said_before_something_else_is_news(shop):
    for amount in (10, 12, 10):
        shop.load_orders(f"o1,c1,2024-05-01,{amount}\no9,c1,2024-05-03,1\n")
    assert shop.rows("select net_amount, arrived_at from raw.orders where order_id = 'o1' order by loaded_at") == [
        (10, datetime(2024, 5, 1)),
        (12, datetime(2024, 6, 2, 2)),
        (10, datetime(2024, 6, 3, 2)),
    ]
