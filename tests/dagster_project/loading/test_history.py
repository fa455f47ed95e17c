"""History that is loaded later: known since it occurred where somebody says so."""

from datetime import datetime

import pytest

from dagster_project.loading.errors import LoadError
from dagster_project.loading.load import load_sources
from dagster_project.loading.read_sources import read_sources
from tests.dagster_project.loading.conftest import ORDERS

HEADER = "id,customer,day,amount\n"
OCCURRED = datetime(2017, 5, 1)
SECOND = datetime(2024, 6, 2, 2, 0)
VERSIONS = "select net_amount, arrived_at from raw.orders where order_id = 'o1' order by loaded_at"


def load_first(shop):
    shop.load_orders("o1,c1,2017-05-01,1000\no2,c1,2017-06-01,5\n", file="orders_1.csv")


def load_history(shop):
    return load_sources(
        shop.connection,
        read_sources(shop.folder),
        loaded_at=datetime(2024, 6, 9),
        load_id="history",
        is_history=True,
    ).tables[0]


def test_a_correction_of_the_past_is_news_unless_it_is_said_to_be_history(shop):
    load_first(shop)
    shop.load_orders("o1,c1,2017-05-01,10\n", file="orders_2.csv")
    assert shop.rows(VERSIONS) == [(1000, OCCURRED), (10, SECOND)]


@pytest.mark.parametrize("history", ["orders_2*.csv", ["nothing", "orders_2.csv"]])
def test_files_that_the_yaml_calls_history_are_known_since_they_occurred(shop, history):
    load_first(shop)
    shop.describe({"orders": ORDERS | {"history": history}})
    shop.load_orders("o1,c1,2017-05-01,10\n", file="orders_2.csv")
    assert shop.rows(VERSIONS) == [(1000, OCCURRED), (10, OCCURRED)]
    assert shop.rows("select is_history, known_from from ops.load_ledger where source_file = 'orders_2.csv'") == [
        (True, OCCURRED)
    ]


def test_a_load_that_is_said_to_be_history_is_known_since_it_occurred(shop):
    load_first(shop)
    shop.write("orders_2.csv", HEADER + "o1,c1,2017-05-01,10\n")
    load_history(shop)
    assert shop.rows(VERSIONS) == [(1000, OCCURRED), (10, OCCURRED)]


def test_what_was_loaded_as_news_becomes_history_when_it_is_said(shop):
    load_first(shop)
    shop.load_orders("o1,c1,2017-05-01,10\n", file="orders_2.csv")
    totals = load_history(shop).totals
    assert shop.rows(VERSIONS) == [(1000, OCCURRED), (10, SECOND), (10, OCCURRED)]
    assert (totals.rows_read, totals.rows_loaded) == (1, 1)


def test_what_is_history_already_is_passed_over(shop):
    load_first(shop)
    load_history(shop)
    assert load_history(shop).files_loaded == ()


def test_naming_a_file_that_was_loaded_as_news_reads_it_again(shop):
    load_first(shop)
    shop.load_orders("o3,c1,2017-05-01,10\n", file="orders_2.csv")
    shop.describe({"orders": ORDERS | {"history": "orders_2.csv"}})
    assert shop.load().tables[0].files_loaded == ("orders_2.csv",)
    assert shop.rows("select max(arrived_at), min(arrived_at) from raw.orders where order_id = 'o3'") == [
        (SECOND, OCCURRED)
    ]


def test_what_came_after_a_file_that_becomes_history_still_counts_as_later(shop):
    load_first(shop)
    shop.load_orders("o1,c1,2017-05-01,50\n", file="orders_2.csv")
    shop.load_orders("o1,c1,2017-05-01,60\n", file="orders_3.csv")
    shop.describe({"orders": ORDERS | {"history": "orders_2.csv"}})
    shop.load()
    newest = "select net_amount, arrived_at from raw.orders where order_id = 'o1' order by loaded_at desc limit 1"
    assert shop.rows(newest) == [(60, datetime(2024, 6, 3, 2, 0))]


def test_history_whose_later_files_are_gone_is_refused(shop):
    load_first(shop)
    shop.load_orders("o1,c1,2017-05-01,50\n", file="orders_2.csv")
    shop.load_orders("o1,c1,2017-05-01,60\n", file="orders_3.csv")
    (shop.folder / "files" / "orders_3.csv").unlink()
    with pytest.raises(
        LoadError, match=r"followed by 1 files that are not there any more as they were, e.g. \['orders_3"
    ):
        load_history(shop)
