"""The sources that come with the project, on the real files."""

import shutil
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

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
    assert names == {"complete_journey", "online_retail", "cdnow", "simulated_shop", "incident_event_log"}
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
