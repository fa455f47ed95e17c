"""Rows that leave: marked as deleted, lacking in a complete list, lacking in an order that came again."""

from datetime import datetime

import pytest

from tests.dagster_project.loading.conftest import ORDERS

FIRST = datetime(2024, 6, 1, 2, 0)
SECOND = datetime(2024, 6, 2, 2, 0)
HEADER = "id,customer,day,amount\n"
LINES = {
    "files": "lines*.csv",
    "columns": {
        "order_id": "id",
        "customer_id": "who",
        "ordered_at": "day",
        "product_id": "sku",
        "quantity": "n",
        "net_amount": "amount",
    },
}
NUMBERED = LINES | {"columns": LINES["columns"] | {"line_number": "line"}}
DELETABLE = ORDERS | {"deleted": "gone = 'yes'"}

CURRENT_LINES = """
    select order_id, product_id from (
        select *, row_number() over (partition by order_id, line_number order by loaded_at desc, source_row desc) as nth
        from raw.order_lines
    ) where nth = 1 and is_deleted is null order by all
"""


def load_lines(shop, rows, *, file="lines.csv", numbered=False, **config):
    header = "id,who,day,line,sku,n,amount\n" if numbered else "id,who,day,sku,n,amount\n"
    shop.write(file, header + rows)
    shop.describe({"order_lines": (NUMBERED if numbered else LINES) | config})
    return shop.load().tables[0]


def load_deletable(shop, rows):
    shop.describe({"orders": DELETABLE})
    shop.write("orders.csv", "id,customer,day,amount,gone\n" + rows)
    return shop.load().tables[0]


def test_a_row_that_says_it_is_deleted_is_a_version_that_has_left(shop):
    load_deletable(shop, "o1,c1,2024-05-01,10,no\no2,c1,2024-05-09,5,no\n")
    totals = load_deletable(shop, "o1,c1,2024-05-01,10,yes\no2,c1,2024-05-09,5,no\n").totals
    assert shop.rows("select is_deleted, arrived_at from raw.orders where order_id = 'o1' order by loaded_at") == [
        (None, datetime(2024, 5, 1)),
        (True, SECOND),
    ]
    assert (totals.rows_loaded, totals.rows_replaced, totals.rows_removed, totals.amount_removed) == (1, 1, 1, 10)


def test_a_deletion_said_again_adds_nothing(shop):
    load_deletable(shop, "o1,c1,2024-05-01,10,no\n")
    load_deletable(shop, "o1,c1,2024-05-01,10,yes\n")
    totals = load_deletable(shop, "o1,c1,2024-05-01,10,yes\no2,c1,2024-05-03,1,no\n").totals
    assert (totals.rows_loaded, totals.rows_duplicate, totals.rows_removed) == (1, 1, 0)


def test_a_row_that_comes_back_is_a_version_again(shop):
    for gone in ("no", "yes", "no"):
        load_deletable(shop, f"o1,c1,2024-05-01,10,{gone}\n")
    versions = "select is_deleted, is_correction from raw.orders order by loaded_at"
    assert shop.rows(versions) == [(None, False), (True, True), (None, True)]


def test_of_a_deleted_row_only_the_key_is_asked_for(shop):
    load_deletable(shop, "o1,c1,2024-05-01,10,no\n")
    totals = load_deletable(shop, "o1,,,,yes\n,c2,2024-05-01,1,yes\n").totals
    assert (totals.rows_loaded, totals.rows_removed, totals.rows_quarantined) == (1, 1, 1)


def test_a_deletion_that_cannot_be_read_is_quarantined(shop):
    shop.describe({"orders": ORDERS | {"deleted": "gone"}})
    shop.write("orders.csv", "id,customer,day,amount,gone\no1,c1,2024-05-01,10,perhaps\no2,c1,2024-05-01,1,\n")
    shop.load()
    assert shop.rows("select reason from quarantine.orders") == [("is_deleted 'perhaps' is no yes or no",)]


def test_an_order_that_comes_again_without_a_line_loses_it(shop):
    load_lines(shop, "o1,c1,2024-05-01,cup,1,20\no1,c1,2024-05-01,plate,1,30\no2,c2,2024-05-03,cup,1,10\n")
    load = load_lines(shop, "o1,c1,2024-05-01,cup,1,20\n")
    assert shop.rows(CURRENT_LINES) == [("o1", "cup"), ("o2", "cup")]
    assert (load.totals.rows_loaded, load.totals.rows_removed, load.totals.amount_removed) == (0, 1, 30)
    assert shop.rows("select source_row, arrived_at, net_amount from raw.order_lines where is_deleted") == [
        (None, SECOND, 30)
    ]


def test_a_line_has_left_when_the_order_without_it_was_received(shop):
    received = LINES | {"columns": LINES["columns"] | {"received_at": "seen"}}
    header = "id,who,day,sku,n,amount,seen\n"
    shop.describe({"order_lines": received})
    shop.write("lines.csv", header + "".join(f"o1,c1,2024-05-01,{sku},1,5,2024-05-01\n" for sku in ("cup", "pot")))
    shop.load()
    shop.write("lines.csv", header + "o1,c1,2024-05-01,cup,1,4,2024-05-20\n")
    shop.load()
    assert shop.rows("select product_id, arrived_at from raw.order_lines where is_deleted") == [
        ("pot", datetime(2024, 5, 20))
    ]


def test_a_later_file_of_the_same_load_loses_lines_too(shop):
    shop.describe({"order_lines": LINES})
    shop.write("lines_1.csv", "id,who,day,sku,n,amount\no1,c1,2024-05-01,cup,1,20\no1,c1,2024-05-01,plate,1,30\n")
    shop.write("lines_2.csv", "id,who,day,sku,n,amount\no1,c1,2024-05-01,cup,1,20\n")
    shop.load()
    assert shop.rows(CURRENT_LINES) == [("o1", "cup")]


def test_lines_that_come_for_the_first_time_are_added_to_their_order(shop):
    load_lines(shop, "o1,c1,2024-05-01,1,cup,1,20\no1,c1,2024-05-01,2,plate,1,30\n", numbered=True)
    load_lines(shop, "o1,c1,2024-05-01,900,cup,-1,-20\n", numbered=True)
    assert len(shop.rows(CURRENT_LINES)) == 3


@pytest.mark.parametrize(
    ("replaces", "left"),
    [("order", [("o1", "pot")]), ("line", [("o1", "cup"), ("o1", "plate"), ("o1", "pot")])],
)
def test_the_yaml_says_whether_other_lines_of_the_order_go(shop, replaces, left):
    rows = "o1,c1,2024-05-01,1,cup,1,20\no1,c1,2024-05-01,2,plate,1,30\n"
    load_lines(shop, rows, numbered=True, replaces=replaces)
    load_lines(shop, "o1,c1,2024-05-01,7,pot,1,50\n", numbered=True, replaces=replaces)
    assert shop.rows(CURRENT_LINES) == left


def test_by_line_a_line_that_is_lacking_stays(shop):
    load_lines(shop, "o1,c1,2024-05-01,1,cup,1,20\no1,c1,2024-05-01,2,plate,1,30\n", numbered=True, replaces="line")
    load_lines(shop, "o1,c1,2024-05-01,1,cup,2,40\n", numbered=True, replaces="line")
    assert shop.rows(CURRENT_LINES) == [("o1", "cup"), ("o1", "plate")]


def test_a_broken_line_is_no_lacking_one(shop):
    load_lines(shop, "o1,c1,2024-05-01,cup,1,20\no1,c1,2024-05-01,plate,1,30\n")
    load_lines(shop, "o1,c1,2024-05-01,cup,1,21\no1,c1,2024-05-01,plate,1,many\n")
    assert shop.rows(CURRENT_LINES) == [("o1", "cup"), ("o1", "plate")]


def test_a_lost_line_may_come_back(shop):
    both = "o1,c1,2024-05-01,cup,1,20\no1,c1,2024-05-01,plate,1,30\n"
    load_lines(shop, both, file="lines_1.csv")
    load_lines(shop, "o1,c1,2024-05-01,cup,1,20\n", file="lines_2.csv")
    load_lines(shop, both + "o2,c1,2024-05-02,cup,1,20\n", file="lines_3.csv")
    assert shop.rows(CURRENT_LINES) == [("o1", "cup"), ("o1", "plate"), ("o2", "cup")]


def test_lines_that_only_give_back_do_not_take_the_place_of_what_was_sold(shop):
    load_lines(shop, "o1,c1,2024-05-01,cup,1,20\n", file="lines_1.csv")
    load = load_lines(shop, "o1,c1,2024-05-08,cup,-1,-20\n", file="lines_2.csv")
    assert load.totals.rows_quarantined == 1
    assert (
        "only lines that give back, and other lines of the order are stored: map line_number"
        in (load.rejections.examples[0])
    )
    assert shop.rows(CURRENT_LINES) == [("o1", "cup")]


def load_list(shop, rows):
    shop.describe({"orders": ORDERS | {"complete": True}})
    shop.write("orders.csv", HEADER + rows)
    return shop.load().tables[0]


def test_what_a_complete_list_lacks_has_left(shop):
    load_list(shop, "o1,c1,2024-05-01,10\no2,c1,2024-05-09,5\n")
    load = load_list(shop, "o2,c1,2024-05-09,5\n")
    assert shop.rows("select order_id, is_deleted, arrived_at from raw.orders order by loaded_at, order_id") == [
        ("o1", None, datetime(2024, 5, 1)),
        ("o2", None, datetime(2024, 5, 9)),
        ("o1", True, SECOND),
    ]
    assert (load.totals.rows_read, load.totals.rows_duplicate, load.totals.rows_removed) == (1, 1, 1)
    assert load.totals.amount_removed == 10


def test_what_has_left_a_complete_list_leaves_once(shop):
    load_list(shop, "o1,c1,2024-05-01,10\no2,c1,2024-05-09,5\n")
    load_list(shop, "o2,c1,2024-05-09,5\n")
    assert load_list(shop, "o2,c1,2024-05-09,5\no3,c1,2024-05-10,5\n").totals.rows_removed == 0
    assert load_list(shop, "o1,c1,2024-05-01,10\no2,c1,2024-05-09,5\no3,c1,2024-05-10,5\n").totals.rows_loaded == 1


def test_several_complete_lists_of_one_load_follow_each_other(shop):
    shop.describe({"orders": ORDERS | {"complete": True}})
    shop.write("orders_1.csv", HEADER + "o1,c1,2024-05-01,10\no2,c1,2024-05-02,5\n")
    shop.write("orders_2.csv", HEADER + "o2,c1,2024-05-02,5\n")
    shop.write("orders_3.csv", HEADER + "o2,c1,2024-05-02,5\no1,c1,2024-05-01,11\n")
    shop.load()
    assert shop.rows(
        "select order_id, net_amount, is_deleted, source_file from raw.orders order by loaded_at, order_id"
    ) == [
        ("o1", 10, None, "orders_1.csv"),
        ("o2", 5, None, "orders_1.csv"),
        ("o1", 10, True, "orders_2.csv"),
        ("o1", 11, None, "orders_3.csv"),
    ]


@pytest.mark.parametrize(
    ("rows", "said"),
    [("", "has no row"), ("o2,c1,2024-05-09,5\n,c1,2024-05-01,10\n", "has 1 row without a readable key")],
)
def test_a_complete_list_that_cannot_be_trusted_takes_nothing_away_and_says_so(shop, rows, said):
    load_list(shop, "o1,c1,2024-05-01,10\no2,c1,2024-05-09,5\n")
    load = load_list(shop, rows)
    assert load.totals.rows_removed == 0
    assert load.warnings == (f"orders.csv is said to be complete and {said}: nothing is taken as gone",)


def test_another_sources_rows_are_no_part_of_a_complete_list(shop):
    shop.write("other.csv", HEADER + "x1,c1,2024-05-01,10\n")
    shop.describe({"orders": ORDERS | {"files": "other.csv"}}, name="a_shop")
    load_list(shop, "o1,c1,2024-05-01,10\no2,c1,2024-05-02,10\n")
    load_list(shop, "o1,c1,2024-05-01,10\n")
    assert shop.rows("select order_id from raw.orders where is_deleted") == [("o2",)]


def test_replaces_is_refused_where_there_are_no_lines(shop):
    shop.describe({"orders": ORDERS | {"replaces": "order"}})
    with pytest.raises(Exception, match=r"tables.orders.replaces: only order_lines has it"):
        shop.load()


def test_files_of_one_load_that_cut_an_order_tell_of_it_together(shop):
    header = "id,who,day,line,sku,n,amount\n"
    shop.describe({"order_lines": NUMBERED})
    line = "o1,c1,2024-05-01,{0},p{0},1,1\n".format
    shop.write("lines_1.csv", header + line(1) + line(2) + line(3))
    shop.load()
    # The edited order, without its third line and with a fourth, cut by the end of a file.
    shop.write("lines_2.csv", header + line(4))
    shop.write("lines_3.csv", header + line(1) + line(2))
    shop.load()
    assert shop.rows(CURRENT_LINES) == [("o1", "p1"), ("o1", "p2"), ("o1", "p4")]


def test_many_exports_of_one_load_follow_each_other(shop):
    header = "id,who,day,line,sku,n,amount\n"
    shop.describe({"order_lines": NUMBERED})
    line = "o1,c1,2024-05-01,{0},p{0},1,1\n".format
    for number, lines in enumerate(([1, 2, 3], [1, 2, 4], [1, 4], [5], [2, 4]), start=1):
        shop.write(f"lines_{number}.csv", header + "".join(map(line, lines)))
    shop.load()
    assert shop.rows(CURRENT_LINES) == [("o1", "p2"), ("o1", "p4")]


BOTH = "o1,c1,2024-05-01,1,cup,1,60\no1,c1,2024-05-01,2,pot,1,40\n"


@pytest.mark.parametrize(
    "later",
    [
        "o1,c9,2024-05-20,1,cup,1,9\n",
        "o1,c1,2024-05-01,1,cup,1,60\no1,c1,2024-05-01,two,pot,1,40\n",
        "o1,c1,2024-05-01,1,cup,1,61\no1,c1,2024-05-01,2,pot,many,40\n",
        "o1,c1,2024-05-01,1,cup,1,60\no1,c1,2024-05-01,2,pot,1,40,more\n",
    ],
    ids=["another order's line", "a line without a number", "a broken line", "a record that is no row"],
)
def test_what_is_rejected_takes_no_line_away(shop, later):
    load_lines(shop, BOTH, numbered=True)
    load = load_lines(shop, later, numbered=True, file="lines_2.csv")
    assert (load.totals.rows_quarantined, load.totals.rows_removed) == (1, 0)
    assert shop.rows(CURRENT_LINES) == [("o1", "cup"), ("o1", "pot")]


def test_a_deleted_line_is_no_delivery_of_its_order(shop):
    shop.describe({"order_lines": NUMBERED | {"deleted": "gone = 'yes'"}})
    header = "id,who,day,line,sku,n,amount,gone\n"
    shop.write("lines_1.csv", header + BOTH.replace("0\n", "0,no\n"))
    shop.load()
    shop.write("lines_2.csv", header + "o1,,,2,,,,yes\n")
    shop.load()
    assert shop.rows(CURRENT_LINES) == [("o1", "cup")]


def test_a_return_under_the_number_of_what_was_sold_does_not_take_its_place(shop):
    load_lines(shop, BOTH, numbered=True)
    load = load_lines(shop, "o1,c1,2024-05-20,2,pot,-1,-40\n", numbered=True, file="lines_2.csv")
    assert "give returns numbers of their own" in load.warnings[0]
    assert shop.rows(CURRENT_LINES) == [("o1", "cup"), ("o1", "pot")]


def test_a_record_that_is_no_row_keeps_a_complete_list_from_taking_anything_away(shop):
    load_list(shop, "o1,c1,2024-05-01,10\no2,c1,2024-05-09,5\n")
    load = load_list(shop, "o1,c1,2024-05-01,10\no2,c,1,2024-05-09,5\n")
    assert load.totals.rows_removed == 0
    assert "without a readable key: nothing is taken as gone" in load.warnings[0]


def test_a_complete_list_that_lacks_much_is_named_with_its_money(shop):
    load_list(shop, "o1,c1,2024-05-01,10\no2,c1,2024-05-09,5\n")
    assert load_list(shop, "o2,c1,2024-05-09,5\n").warnings == (
        "orders.csv is said to be complete and lacks 1 row of 2, worth 10.00; they are not counted any more. Look "
        "whether it is the whole list",
    )
