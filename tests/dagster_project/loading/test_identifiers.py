"""Words that stand for nobody, as whole loads meet them: guests, shared devices and broken rows."""

import pytest

from dagster_project.loading.contract import TABLES
from dagster_project.loading.identifiers import IDENTIFIER_COLUMNS
from tests.dagster_project.loading.good_rows import describe_table, make_rows, write_csv

EVENTS = {
    "files": "events.csv",
    "columns": {
        "event_id": "id",
        "occurred_at": "at",
        "event_type": "kind",
        "anonymous_id": "device",
        "customer_id": "user",
    },
}
ORDER = {
    "orders": {"files": "none.csv", "optional": True, "columns": dict.fromkeys(TABLES["orders"].column_names, "x")}
}


def test_an_order_of_a_placeholder_is_a_guests_and_one_of_nobody_is_broken(shop):
    load = shop.load_orders(
        "o1,undefined,2024-05-01,10\no2,,2024-05-02,20\no3,c3,2024-05-03,30\no4,NULL,2024-05-04,40\n"
    )
    assert (load.totals.rows_loaded, load.totals.rows_quarantined) == (3, 1)
    assert shop.rows("select order_id, customer_id from raw.orders order by 1") == [
        ("o1", None),
        ("o3", "c3"),
        ("o4", None),
    ]
    assert shop.rows("select source_row, reason from quarantine.orders") == [(2, "customer_id is missing")]


def test_visits_of_placeholders_are_those_of_the_device_or_the_customer_alone(shop):
    shop.write(
        "events.csv",
        "id,at,kind,device,user\n"
        "e1,2024-05-01 10:00,page_view,d1,undefined\n"
        "e2,2024-05-01 10:01,page_view,00000000-0000-0000-0000-000000000000,ann\n"
        "e3,2024-05-01 10:02,page_view,(not set),null\n",
    )
    shop.describe(ORDER | {"events": EVENTS})
    shop.load()
    assert shop.rows("select event_id, anonymous_id, customer_id from raw.events order by 1") == [
        ("e1", "d1", None),
        ("e2", None, "ann"),
    ]
    assert shop.rows("select source_row, reason from quarantine.events") == [
        (3, "neither anonymous_id nor customer_id names anybody")
    ]


@pytest.mark.parametrize(
    "table",
    [
        table
        for table in TABLES.values()
        if "customer_id" in table.key + table.required and not table.has_guests and table.name != "erasure_requests"
    ],
    ids=lambda table: table.name,
)
def test_where_a_customer_is_needed_a_placeholder_is_a_broken_row(shop, table):
    rows = make_rows(table, 2)
    rows[1]["customer_id"] = "(not set)"
    shop.write(f"{table.name}.csv", write_csv(rows))
    shop.describe(ORDER | {table.name: describe_table(table, "csv")})
    shop.load()
    assert shop.rows(f"select count(*) from raw.{table.name}") == [(1,)]
    assert shop.rows(f"select source_row, reason from quarantine.{table.name}") == [
        (2, "customer_id '(not set)' names nobody; where it does, say so under is_identifier")
    ]


def test_a_source_decides_what_is_an_identifier(shop):
    shop.write("orders.csv", "id,customer,day,amount\no1,0,2024-05-01,1\no2,LAUFKUNDE,2024-05-02,1\n")
    columns = {"order_id": "id", "customer_id": "customer", "ordered_at": "day"}
    words = {"no_identifier": ["Laufkunde"], "is_identifier": ["0"]}
    shop.describe({"orders": {"files": "orders.csv", "columns": columns}}, **words)
    shop.load()
    assert shop.rows("select order_id, customer_id from raw.orders order by 1") == [("o1", "0"), ("o2", None)]


def test_identifiers_of_people_and_devices_are_columns_of_the_contract():
    names = {name for table in TABLES.values() for name in table.column_names}
    assert set(IDENTIFIER_COLUMNS) <= names


def test_an_end_that_is_a_default_day_is_no_end(shop):
    shop.write("campaigns.csv", "id,begin,end\nk1,2024-05-01,9999-12-31\nk2,1970-01-01,2024-05-02\n")
    columns = {"campaign_id": "id", "started_at": "begin", "ended_at": "end"}
    shop.describe(ORDER | {"campaigns": {"files": "campaigns.csv", "columns": columns}})
    shop.load()
    assert shop.rows("select campaign_id, ended_at from raw.campaigns") == [("k1", None)]
    assert shop.rows("select source_row, reason from quarantine.campaigns") == [
        (2, "started_at '1970-01-01' is a default date, which systems write where they know none")
    ]
