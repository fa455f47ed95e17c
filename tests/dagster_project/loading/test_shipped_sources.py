"""The sources that come with the project, on the real files; those of which none is at hand on small ones."""

import json
import shutil
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import yaml

from dagster_project.loading.errors import LoadError
from dagster_project.loading.load import load_sources
from dagster_project.loading.read_sources import read_sources
from dagster_project.settings import override_environment
from tests.dagster_project.loading.conftest import ORDERS

ROOT = Path(__file__).parents[3]
SHARED_DATA = ROOT.parent / "shared" / "data"

needs_shared_data = pytest.mark.skipif(
    not SHARED_DATA.is_dir(), reason="the real data beside the repository are not here"
)


@pytest.fixture(scope="module")
def load_shipped(tmp_path_factory):
    """Load a shipped source once for all tests of this module: its report and its warehouse."""
    loaded = {}

    def load(name):
        if name not in loaded:
            connection = duckdb.connect(str(tmp_path_factory.mktemp(name) / "warehouse.duckdb"), config={"threads": 2})
            sources = read_sources(ROOT / "dagster_project" / "sources" / f"{name}.yml")
            report = load_sources(connection, sources, loaded_at=datetime(2026, 1, 1), load_id="first")
            loaded[name] = {load.table_name: load.totals for load in report.tables}, connection
        return loaded[name]

    yield load
    for _, connection in loaded.values():
        connection.close()


def test_every_shipped_source_is_valid():
    names = {path.stem for path in (ROOT / "dagster_project" / "sources").glob("*.yml")}
    assert names == {
        *("complete_journey", "online_retail", "cdnow", "simulated_shop", "incident_event_log"),
        *("retailrocket", "crm_sales_opportunities", "ga4_export"),
    }
    for name in names - {"incident_event_log"}:  # tickets alone make no installation
        assert read_sources(ROOT / "dagster_project" / "sources" / f"{name}.yml")[0].name == name


def test_complete_journey_reconciles(load_shipped):
    totals, connection = load_shipped("complete_journey")
    assert {name: (table.rows_read, table.rows_loaded) for name, table in totals.items()} == {
        "customers": (801, 801),
        "order_lines": (1_469_307, 1_469_307),
        "products": (92_331, 92_331),
        "campaigns": (27, 27),
        "campaign_members": (6_589, 6_589),
        "coupon_redemptions": (2_102, 2_102),
    }
    paid = connection.execute(
        "select count(*), count(distinct order_id), count(distinct customer_id), sum(net_amount) "
        "from raw.order_lines where quantity > 0 and net_amount > 0"
    ).fetchall()
    assert paid == [(1_458_032, 155_368, 2_469, Decimal("4596027.06"))]


def test_complete_journey_times_are_utc_and_its_dates_the_shops(load_shipped):
    _, connection = load_shipped("complete_journey")
    assert connection.execute("select max(ordered_at), max(arrived_at) from raw.order_lines").fetchall() == [
        (datetime(2018, 1, 1, 4, 1, 20), datetime(2018, 1, 1, 4, 1, 20))
    ]
    # 3 March 2017 began at 05:00 UTC in New York, and 9 April, in summer time, at 04:00.
    assert connection.execute("select started_at, ended_at from raw.campaigns where campaign_id = '1'").fetchall() == [
        (datetime(2017, 3, 3, 5), datetime(2017, 4, 9, 4))
    ]


@needs_shared_data
def test_online_retail_reconciles(load_shipped):
    totals, connection = load_shipped("online_retail")
    assert totals["order_lines"].rows_loaded == 525_461
    paid = connection.execute(
        "select count(*), count(distinct order_id), count(distinct customer_id), sum(net_amount) "
        "from raw.order_lines where customer_id is not null and not starts_with(order_id, 'C') "
        "and quantity > 0 and unit_price > 0"
    ).fetchall()
    assert paid == [(407_664, 19_213, 4_312, Decimal("8832003.2740"))]


@needs_shared_data
def test_online_retail_tells_its_lines_apart(load_shipped):
    _, connection = load_shipped("online_retail")
    kinds = connection.execute("select line_kind, count(*) from raw.order_lines group by 1").fetchall()
    assert dict(kinds) == {
        None: 522_495,
        "shipping": 1_740,
        "adjustment": 927,
        "discount": 100,
        "fee": 74,
        "gift_voucher": 67,
        "test": 58,
    }
    assert connection.execute("select count(*) from raw.order_lines where is_return").fetchall() == [(10_206,)]


@needs_shared_data
def test_online_retail_customers_have_one_country_each(load_shipped):
    totals, connection = load_shipped("online_retail")
    assert connection.execute("select count(distinct customer_id) from raw.customers").fetchall() == [(4_383,)]
    assert totals["customers"].rows_loaded - totals["customers"].rows_replaced == 4_383


@needs_shared_data
def test_cdnow_says_255_orders_twice(load_shipped):
    totals, _ = load_shipped("cdnow")
    orders = totals["orders"]
    assert (orders.rows_read, orders.rows_duplicate, orders.rows_loaded) == (69_659, 255, 69_404)
    assert orders.amount_read == Decimal("2500315.63")


@pytest.fixture(scope="module")
def load_tickets(open_shop):
    """Load the help desk's tickets beside a shop that has an order; its report and its warehouse."""
    with open_shop() as shop:
        shop.write("orders.csv", "id,customer,day,amount\n1,2403,2016-03-01,5\n")
        shop.describe({"orders": ORDERS}, currency="USD")
        shutil.copy(ROOT / "dagster_project" / "sources" / "incident_event_log.yml", shop.folder)
        with override_environment({"SOURCE_DATA": str(SHARED_DATA)}):
            report = shop.load()
        yield next(load for load in report.tables if load.table_name == "support_tickets"), shop


@needs_shared_data
def test_help_desk_reconciles(load_tickets):
    load, _ = load_tickets
    assert (load.totals.rows_read, load.totals.rows_quarantined) == (141_712, 29)
    assert load.totals.rows_loaded + load.totals.rows_duplicate == 141_712 - 29
    # Of 24,918 tickets 3 have no row with a caller.
    assert load.totals.rows_loaded - load.totals.rows_replaced == 24_915
    assert load.rejections.reasons == (("customer_id is missing", 29),)


@needs_shared_data
def test_a_ticket_of_the_help_desk_is_open_until_it_is_closed(load_tickets):
    _, shop = load_tickets
    versions = shop.rows(
        "select opened_at, closed_at, arrived_at from raw.support_tickets "
        "where ticket_id = '0000045' order by source_row"
    )
    opened_at, closed_at = datetime(2016, 2, 29, 1, 16), datetime(2016, 3, 5, 12)
    assert versions[0] == (opened_at, None, datetime(2016, 2, 29, 1, 23))
    assert versions[-1] == (opened_at, closed_at, closed_at)
    assert shop.rows("select count(*) from raw.support_tickets where closed_at > arrived_at") == [(0,)]
    closed = "select count(distinct ticket_id) from raw.support_tickets where closed_at is not null"
    assert shop.rows(closed) == [(24_915,)]


@pytest.fixture
def load_example(shop):
    """Load a shipped source on small files written as the real ones are: what became of each table's rows."""

    def load(name, files):
        for file, content in files.items():
            shop.write(file, content)
        shutil.copy(ROOT / "dagster_project" / "sources" / f"{name}.yml", shop.folder)
        with override_environment({"SOURCE_DATA": str(shop.folder / "files")}):
            report = shop.load(at=datetime(2026, 1, 1))
        return {load.table_name: (load.totals.rows_loaded, load.totals.rows_quarantined) for load in report.tables}

    return load


def test_retailrocket_feeds_orders_and_events_from_one_file(shop, load_example):
    log = (
        "timestamp,visitorid,event,itemid,transactionid\n"
        "1433221332117,257597,view,355908,\n"
        "1433221999827,257597,addtocart,355908,\n"
        "1433222276276,257597,transaction,355908,4000\n"
        "1433222276276,257597,transaction,67045,4000\n"
        "1433223236124,287857,view,5206,\n"
    )
    assert load_example("retailrocket", {"events.csv": log}) == {"order_lines": (2, 0), "events": (5, 0)}
    assert shop.rows("select order_id, line_number, product_id, customer_id from raw.order_lines order by 2") == [
        ("4000", 1, "355908", "257597"),
        ("4000", 2, "67045", "257597"),
    ]
    assert shop.rows("select occurred_at, event_type, customer_id from raw.events order by source_row limit 3") == [
        (datetime(2015, 6, 2, 5, 2, 12, 117000), "product_view", None),
        (datetime(2015, 6, 2, 5, 13, 19, 827000), "add_to_cart", None),
        (datetime(2015, 6, 2, 5, 17, 56, 276000), "purchase", "257597"),
    ]


def test_crm_deals_end_when_they_are_closed(shop, load_example):
    accounts = (
        "account,sector,year_established,revenue,employees,office_location,subsidiary_of\n"
        "Cancity,retail,2001,718.62,2448,United States,\nIsdom,medical,2002,3178.24,4540,United States,\n"
    )
    pipeline = (
        "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
        "1C1I7A6R,Moses Frase,GTX Plus Basic,Cancity,Won,2016-10-20,2017-03-01,1054\n"
        "Z063OYW0,Darcel Schlecht,GTXPro,Isdom,Lost,2016-10-25,2017-03-11,0\n"
        "6PTR7VBR,Versie Hillebrand,GTK 500,Isdom,Engaging,2016-12-02,,\n"
        "4RNNX5XB,Moses Frase,GTX Basic,,Prospecting,,,\n"
        "EC4QE1BX,Darcel Schlecht,MG Special,Cancity,Prospecting,,,\n"
    )
    files = {"accounts.csv": accounts, "sales_pipeline.csv": pipeline}
    assert load_example("crm_sales_opportunities", files) == {
        "customers": (2, 0),
        "accounts": (2, 0),
        "order_lines": (1, 0),
        "deals": (4, 0),
        "deal_stage_changes": (5, 0),
    }
    moves = "select stage_change_id, cast(changed_at as date)::varchar, amount from raw.deal_stage_changes order by 1"
    assert shop.rows(moves) == [
        ("1C1I7A6R-engaging", "2016-10-20", None),
        ("1C1I7A6R-won", "2017-03-01", 1054),
        ("6PTR7VBR-engaging", "2016-12-02", None),
        ("Z063OYW0-engaging", "2016-10-25", None),
        ("Z063OYW0-lost", "2017-03-11", 0),
    ]


def ga4_event(name, **keys):
    parameters = {"ga_session_id": {"int_value": "17"}, "engagement_time_msec": {"int_value": "2500"}}
    parameters["page_location"] = {"string_value": "https://shop.example.org/p/tee?x=1"}
    event = {"event_timestamp": "1604217600000001", "event_name": name, "user_pseudo_id": "5.7"}
    event["event_params"] = [{"key": key, "value": value} for key, value in parameters.items()]
    event |= {"device": {"category": "mobile"}, "traffic_source": {"medium": "(none)", "source": "(direct)"}}
    return json.dumps(event | keys) + "\n"


def test_ga4_items_are_lines_and_parameters_columns(shop, load_example):
    items = [
        {"item_id": "tee", "item_category": "Apparel", "price": 12.5, "quantity": "2"},
        {"item_id": "cap", "item_category": "Apparel", "price": 5, "item_revenue": 4},
    ]
    bought = {"items": items, "ecommerce": {"transaction_id": "T1", "purchase_revenue": 29.0}}
    log = ga4_event("view_item", items=items[:1]) + ga4_event("purchase", **bought) + ga4_event("page_view", items=[])
    loaded = load_example("ga4_export", {"events_20201101.json": log})
    assert loaded == {"orders": (1, 0), "order_lines": (2, 0), "events": (3, 0)}
    assert shop.rows("select order_id, customer_id, ordered_at, net_amount from raw.orders") == [
        ("T1", "5.7", datetime(2020, 11, 1, 8, 0, 0, 1), 29)
    ]
    assert shop.rows("select order_id, product_id, quantity, net_amount from raw.order_lines order by 2") == [
        ("T1", "cap", 1, 4),
        ("T1", "tee", 2, 25),
    ]
    columns = "event_type, customer_id, product_id, session_id, page_path, engaged_seconds, device_type, medium"
    assert shop.rows(f"select {columns} from raw.events order by source_row") == [
        ("product_view", None, "tee", "17", "/p/tee", Decimal("2.5"), "mobile", None),
        ("purchase", "5.7", "tee", "17", "/p/tee", Decimal("2.5"), "mobile", None),
        ("page_view", None, None, "17", "/p/tee", Decimal("2.5"), "mobile", None),
    ]


@pytest.fixture
def cut_retail(shop):
    """Online Retail as files of its lines up to a day and from another day on, described by the shipped mapping."""
    mapping = yaml.safe_load((ROOT / "dagster_project" / "sources" / "online_retail.yml").read_text())
    whole = SHARED_DATA / "online_retail_2009_2010.parquet"

    def cut(name: str, condition: str) -> None:
        path = shop.write(f"{name}.parquet", b"")
        shop.connection.execute(f"copy (select * from '{whole}' where {condition}) to '{path}' (format parquet)")

    def describe(name: str, files: str, **keys: float) -> None:
        lines = mapping["tables"]["order_lines"] | {"files": files}
        shop.describe({"order_lines": lines}, name=name, time_zone="Europe/London", currency="GBP", **keys)

    return cut, describe


PAID = (
    "select count(*), count(distinct order_id), count(distinct customer_id), sum(net_amount) from raw.order_lines "
    "where customer_id is not null and not starts_with(order_id, 'C') and quantity > 0 and unit_price > 0"
)


@needs_shared_data
@pytest.mark.parametrize("day", ["2009-12-14", "2010-07-01", "2010-11-30"])
@pytest.mark.parametrize("at_once", [True, False])
def test_online_retail_in_two_files_that_overlap_is_what_it_is_whole(shop, cut_retail, day, at_once):
    cut, describe = cut_retail
    cut("lines_1", f"InvoiceDate < date '{day}' + 8")
    describe("retail", "lines_*.parquet")
    if not at_once:
        shop.load()
    cut("lines_2", f"InvoiceDate >= date '{day}'")
    report = shop.load()
    assert shop.rows(PAID) == [(407_664, 19_213, 4_312, Decimal("8832003.2740"))]
    assert (report.rows_quarantined, report.tables[0].totals.rows_removed, report.warnings) == (0, 0, ())


@needs_shared_data
def test_orders_that_two_sources_of_online_retail_bring_are_named(shop, cut_retail):
    cut, describe = cut_retail
    cut("a", "InvoiceDate < date '2010-07-02'")
    cut("b", "InvoiceDate >= date '2010-07-01'")
    describe("a_retail", "a.parquet")
    describe("b_retail", "b.parquet", max_rejected_share=0)
    with pytest.raises(LoadError, match=r"b.parquet row 1: key already loaded by source a_retail"):
        shop.load()
