"""A changed mapping reads the same files anew: what it replaces, and what it must not leave behind."""

from datetime import datetime
from decimal import Decimal

import pytest

from dagster_project.loading.errors import LoadError

ORDERS = {
    "files": "orders*.csv",
    "columns": {"order_id": "id", "customer_id": "customer", "ordered_at": "day", "net_amount": "amount"},
}
HEADER = "id,customer,day,amount\n"


def remap(shop, **columns):
    shop.describe({"orders": ORDERS | {"columns": ORDERS["columns"] | columns}})
    return shop.load().tables[0]


def test_a_changed_mapping_loads_the_same_file_anew(shop):
    shop.load_orders("o1,c1,2024-05-01,10\n")
    assert remap(shop, net_amount="cast(amount as decimal(18,4)) / 100").totals.rows_replaced == 1
    assert shop.rows("select net_amount from raw.orders order by loaded_at desc limit 1") == [(Decimal("0.1"),)]


def test_what_a_changed_mapping_says_anew_was_known_before(shop):
    shop.load_orders("o1,c1,2019-05-01,10\no2,c1,2024-05-03,10\n")
    remap(shop, channel="'web'")
    assert shop.rows("select order_id, arrived_at from raw.orders where channel = 'web' order by 1") == [
        ("o1", datetime(2019, 5, 1)),
        ("o2", datetime(2024, 5, 3)),
    ]


def test_a_late_row_stays_late_under_a_changed_mapping(shop):
    shop.load_orders("o1,c1,2024-05-03,10\n", file="orders_1.csv")
    shop.load_orders("o2,c1,2024-05-01,10\n", file="orders_2.csv")
    remap(shop, channel="'web'")
    assert shop.rows("select arrived_at from raw.orders where order_id = 'o2' and channel = 'web'") == [
        (datetime(2024, 6, 2, 2, 0),)
    ]


def test_files_are_read_again_in_the_order_in_which_they_came(shop):
    # orders_2.csv came first; its name would put it behind the correction in orders_1.csv.
    shop.load_orders("o1,c1,2024-05-01,10\n", file="orders_2.csv")
    shop.load_orders("o1,c1,2024-05-01,12\n", file="orders_1.csv")
    remap(shop, channel="'web'")
    assert shop.rows("select net_amount from raw.orders order by loaded_at desc, source_row desc limit 1") == [(12,)]


def test_a_correction_stays_later_than_what_it_corrects_under_a_changed_mapping(shop):
    shop.load_orders("o1,c1,2024-05-01,10\no9,c1,2024-05-03,1\n", file="orders_1.csv")
    shop.load_orders("o1,c1,2024-05-01,12\n", file="orders_2.csv")
    remap(shop, channel="'web'")
    assert shop.rows(
        "select net_amount, arrived_at from raw.orders where order_id = 'o1' and channel = 'web' order by loaded_at"
    ) == [
        (10, datetime(2024, 5, 1)),
        (12, datetime(2024, 6, 2, 2, 0)),
    ]


def test_a_changed_share_or_title_reads_nothing_anew(shop):
    shop.load_orders("o1,c1,2024-05-01,10\n")
    shop.describe({"orders": ORDERS | {"max_rejected_share": 0.5}}, title="Another title")
    assert shop.load().tables[0].files_loaded == ()


def test_a_mapping_that_changes_the_keys_is_refused(shop):
    shop.load_orders("o1,c1,2024-05-01,10\no2,c1,2024-05-01,10\n")
    with pytest.raises(LoadError, match=r"no longer makes 2 keys that are stored, e.g. \['o1', 'o2'\]"):
        remap(shop, order_id="upper(id)")
    assert shop.rows("select order_id from raw.orders order by 1") == [("o1",), ("o2",)]


def test_a_customer_who_was_corrected_is_corrected_again_under_a_changed_mapping(shop):
    shop.load_orders("o1,c1,2024-05-01,10\n", file="orders_1.csv")
    shop.load_orders("o1,c2,2024-05-01,10\n", file="orders_2.csv")
    assert remap(shop, channel="'web'").totals.rows_quarantined == 0
    newest = "select customer_id from raw.orders where channel = 'web' order by loaded_at desc, source_row desc limit 1"
    assert shop.rows(newest) == [("c2",)]
