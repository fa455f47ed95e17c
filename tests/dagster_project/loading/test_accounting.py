"""Every row and every amount that is read is accounted for."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.loading.errors import LoadError

_IDS = st.sampled_from(["o1", "o2", "o3", "", " "])
_DAYS = st.sampled_from(["2024-05-01", "2024-05-02 10:00", "never", ""])
_AMOUNTS = st.sampled_from(["1", "2.5", "-3", "", "x", "NaN"])
_ROWS = st.tuples(_IDS, st.just("c1"), _DAYS, _AMOUNTS).map(",".join)
_LINES = st.one_of(_ROWS, _ROWS, _ROWS, st.sampled_from(["", "o1,c1", 'o1,"c1', "o1,c1,2024-05-01,1,2"]))


@settings(max_examples=10, deadline=None)
@given(files=st.lists(st.lists(_LINES, max_size=6), min_size=1, max_size=2))
def test_rows_and_money_read_are_loaded_quarantined_or_duplicates(open_shop, files):
    with open_shop() as shop:
        for lines in files:
            totals = shop.load_orders("".join(line + "\n" for line in lines)).totals
            assert totals.rows_read == totals.rows_loaded + totals.rows_quarantined + totals.rows_duplicate
            amounts = (totals.amount_loaded, totals.amount_quarantined, totals.amount_duplicate)
            assert (totals.amount_read or 0) == sum(amount or 0 for amount in amounts)
        loaded, quarantined, replaced = shop.rows(
            "select sum(rows_loaded), sum(rows_quarantined), sum(rows_replaced) from ops.load_ledger"
        )[0]
        assert shop.rows("select count(*) from raw.orders") == [(loaded,)]
        assert shop.rows("select count(*) from quarantine.orders") == [(quarantined,)]
        assert shop.rows("select count(distinct order_id) from raw.orders") == [(loaded - replaced,)]


def test_the_ledger_has_a_row_for_every_file(shop):
    shop.load_orders(
        "o1,c1,2024-05-01,10\no1,c1,2024-05-01,10\n,c1,2024-05-01,4\no2,,2024-05-01,x\n", file="orders_1.csv"
    )
    shop.load_orders("o1,c1,2024-05-01,11\n", file="orders_2.csv")
    assert shop.rows(
        "select load_id, source_name, table_name, source_file, is_history, rows_read, rows_loaded, rows_quarantined, "
        "rows_duplicate, rows_replaced, amount_read, amount_loaded, amount_quarantined, amount_duplicate "
        "from ops.load_ledger order by loaded_at"
    ) == [
        ("load-1", "shop", "orders", "orders_1.csv", True, 4, 1, 2, 1, 0, *map(Decimal, (24, 10, 4, 10))),
        ("load-2", "shop", "orders", "orders_2.csv", False, 1, 1, 0, 0, 1, *map(Decimal, (11, 11, 0, 0))),
    ]


def test_the_ledger_says_what_the_file_was(shop):
    shop.load_orders("")
    ((content_hash, size),) = shop.rows("select content_hash, bytes from ops.load_ledger")
    assert size == len("id,customer,day,amount\n")
    assert len(content_hash) == 64


def test_a_table_without_money_has_no_amounts(shop):
    shop.write("orders.csv", "id,customer,day,amount\no1,c1,2024-05-01,1\n")
    shop.write("products.csv", "sku,name\np1,Tea\n")
    orders = {"order_id": "id", "customer_id": "customer", "ordered_at": "day"}
    shop.describe(
        {
            "orders": {"files": "orders.csv", "columns": orders},
            "products": {"files": "products.csv", "columns": {"product_id": "sku"}},
        }
    )
    totals = {load.table_name: load.totals for load in shop.load().tables}
    assert totals["products"].amount_read is None
    assert totals["orders"].amount_read == 0


def test_the_report_gives_the_commonest_reasons_without_their_values(shop):
    report = shop.load_orders("o1,,2024-05-01,1\no2,c1,2024-05-01,x\no3,c1,2024-05-01,y\no4\n")
    assert report.rejections.reasons == (
        ("net_amount … is no number of money", 2),
        ("1 columns instead of 4", 1),
        ("customer_id is missing", 1),
    )
    assert report.rejections.examples == (
        "orders.csv row 1: customer_id is missing",
        "orders.csv row 2: net_amount 'x' is no number of money",
        "orders.csv row 3: net_amount 'y' is no number of money",
    )


def test_the_report_is_a_table_with_the_same_keys_in_every_row(shop):
    shop.load_orders("o1,c1,2024-05-01,1\n,c1,2024-05-01,1\n")
    shop.write("orders_2.csv", "id,customer,day,amount\no9,c1,2024-05-09,1\n")
    row = shop.load().as_table()[0]
    assert row["source"], row["table"] == ("shop", "orders")
    assert (row["files_loaded"], row["files_skipped"], row["rows_loaded"], row["reasons"]) == (1, 1, 1, "")
    assert list(row)[:4] == ["source", "table", "files_loaded", "files_skipped"]


EVENTS = {
    "files": "clicks.csv",
    "columns": {
        "event_id": "id",
        "occurred_at": "at",
        "event_type": "'search'",
        "anonymous_id": "device",
        "customer_id": "who",
    },
}


def load_clicks(shop, rows, **keys):
    shop.write("orders.csv", "id,customer,day,amount\no1,c1,2024-05-01,10\n")
    shop.write("clicks.csv", "id,at,device,who\n" + "".join(f"e{number},{row}\n" for number, row in enumerate(rows)))
    orders = {"order_id": "id", "customer_id": "customer", "ordered_at": "day", "net_amount": "amount"}
    shop.describe({"orders": {"files": "orders.csv", "columns": orders}, "events": EVENTS}, **keys)
    return next(load for load in shop.load().tables if load.table_name == "events")


def test_words_that_stand_for_nobody_are_counted_by_column(shop):
    rows = ["2024-05-01,d1,undefined", "2024-05-01,d1,NULL", "2024-05-01,d2,Undefined", "2024-05-01,0000-0000,ann"]
    assert load_clicks(shop, rows).emptied == (
        ("customer_id 'undefined'", 2),
        ("anonymous_id '0000-0000'", 1),
        ("customer_id 'null'", 1),
    )


def test_rows_of_default_dates_and_of_nobody_are_named_and_refuse_no_load(shop):
    good = ["2024-05-01,d1,ann"] * 4
    load = load_clicks(shop, [*good, "1970-01-01 00:00:01,d1,ann", "2024-05-01,0,undefined"], max_rejected_share=0.02)
    assert (load.totals.rows_loaded, load.totals.rows_quarantined) == (4, 2)
    assert load.warnings == (
        "2 rows have a default date or name nobody, and are put aside; they are in quarantine.events with their "
        "reasons",
    )


def test_a_file_of_default_dates_is_refused(shop):
    with pytest.raises(LoadError, match="2 of 3 rows"):
        load_clicks(shop, ["2024-05-01,d1,ann", "1970-01-01,d1,ann", "1970-01-01,d1,bob"], max_rejected_share=0.02)


def test_rows_without_anybody_refuse_a_load_where_no_word_stood_for_nobody(shop):
    with pytest.raises(LoadError, match="neither anonymous_id nor customer_id is given"):
        load_clicks(shop, ["2024-05-01,d1,ann", "2024-05-01,,"], max_rejected_share=0.02)
