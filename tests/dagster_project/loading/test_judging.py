"""Which rows are good, what is said of the others, and what is kept of both."""

import json
from datetime import datetime
from decimal import Decimal

import duckdb
import pytest

from dagster_project.loading.errors import SourceError

LINES = {
    "files": "lines.csv",
    "columns": {
        "order_id": "id",
        "line_number": "n",
        "customer_id": "who",
        "ordered_at": "day",
        "product_id": "sku",
        "quantity": "units",
        "net_amount": "amount",
    },
}
LINE_HEADER = "id,n,who,day,sku,units,amount\n"
ORDERS = {
    "files": "orders*.csv",
    "columns": {"order_id": "id", "customer_id": "customer", "ordered_at": "day", "net_amount": "amount"},
}


def load_orders_with(shop, columns, text, **config):
    shop.describe({"orders": ORDERS | {"columns": ORDERS["columns"] | columns} | config})
    shop.write("orders.csv", text)
    return shop.load().tables[0]


def quarantined(shop, table="orders"):
    return shop.rows(f"select source_row, reason from quarantine.{table} order by source_row")


def test_every_broken_rule_of_a_row_is_named(shop):
    shop.load_orders("o1,c1,2024-05-01,1\no2,,abc,1.2x\n")
    assert quarantined(shop) == [
        (
            2,
            "customer_id is missing; ordered_at 'abc' is no time between 1900 and 2099; "
            "net_amount '1.2x' is no number of money",
        )
    ]


def test_a_quarantined_row_is_kept_as_it_came(shop):
    shop.load_orders("o2, ,2024-05-01,1.5\n")
    row, amount, file = shop.rows("select row, amount, source_file from quarantine.orders")[0]
    assert json.loads(row) == {"id": "o2", "customer": " ", "day": "2024-05-01", "amount": "1.5"}
    assert (amount, file) == (Decimal("1.5"), "orders.csv")


def test_an_amount_that_cannot_be_read_is_null_in_the_quarantine(shop):
    shop.load_orders("o1,c1,2024-05-01,one\n")
    assert shop.rows("select amount from quarantine.orders") == [(None,)]


def test_texts_are_trimmed_and_empty_ones_are_null(shop):
    text = "id,customer,day,amount,shop\n o1 ,\tc1,2024-05-01, 5 ,\u00a0\n"
    load_orders_with(shop, {"store_id": "shop"}, text)
    assert shop.rows("select order_id, customer_id, net_amount, store_id from raw.orders") == [("o1", "c1", 5, None)]


def test_a_status_is_stored_in_lower_case(shop):
    load_orders_with(shop, {"status": "state"}, "id,customer,day,amount,state\no1,c1,2024-05-01,1, PAID\n")
    assert shop.rows("select status from raw.orders") == [("paid",)]


def test_an_unknown_status_is_quarantined(shop):
    load_orders_with(shop, {"status": "state"}, "id,customer,day,amount,state\no1,c1,2024-05-01,1,shipped\n")
    assert quarantined(shop) == [(1, "status 'shipped' is none of placed, paid, cancelled, returned")]


def test_an_empty_status_is_no_error(shop):
    load_orders_with(shop, {"status": "state"}, "id,customer,day,amount,state\no1,c1,2024-05-01,1,\n")
    assert shop.rows("select status from raw.orders") == [(None,)]


def test_the_currency_of_the_source_stands_in_where_the_file_has_none(shop):
    shop.load_orders("o1,c1,2024-05-01,1\n")
    assert shop.rows("select currency from raw.orders") == [("EUR",)]


def test_an_order_in_another_currency_is_quarantined(shop):
    text = "id,customer,day,amount,cur\no1,c1,2024-05-01,1,eur\no2,c1,2024-05-01,1,USD\n"
    load_orders_with(shop, {"currency": "cur"}, text)
    assert quarantined(shop) == [(2, "currency USD is not EUR")]
    assert shop.rows("select currency from raw.orders") == [("EUR",)]


def test_an_expression_that_fails_on_a_row_costs_that_row_only(shop):
    columns = {"net_amount": "cast(amount as decimal(18,4)) * 2", "ordered_at": "strptime(day, '%d.%m.%Y')"}
    text = "id,customer,day,amount\no1,c1,01.05.2024,2\no2,c1,2024-05-01,2\no3,c1,02.05.2024,x\no4,c1,03.05.2024,\n"
    load_orders_with(shop, columns, text)
    assert quarantined(shop) == [
        (2, "ordered_at cannot be computed by strptime(day, '%d.%m.%Y')"),
        (3, "net_amount cannot be computed by cast(amount as decimal(18,4)) * 2"),
    ]
    assert shop.rows("select order_id, net_amount from raw.orders order by 1") == [("o1", 4), ("o4", None)]


def test_columns_that_are_mapped_to_nothing_as_they_are_stay_in_extra(shop):
    columns = {"net_amount": "cast(amount as decimal(18,4)) + 1"}
    load_orders_with(shop, columns, "id,customer,day,amount,note,Büro\no1,c1,2024-05-01,2,hi,\n")
    assert json.loads(shop.rows("select extra from raw.orders")[0][0]) == {"amount": "2", "note": "hi", "Büro": None}


def test_extra_is_null_where_every_column_is_mapped(shop):
    shop.load_orders("o1,c1,2024-05-01,1\n")
    assert shop.rows("select extra from raw.orders") == [(None,)]


def test_extra_is_null_where_it_is_not_kept(shop):
    load_orders_with(shop, {}, "id,customer,day,amount,note\no1,c1,2024-05-01,2,hi\n", keep_extra=False)
    assert shop.rows("select extra from raw.orders") == [(None,)]


def test_a_row_without_an_identifier_is_named_after_its_place(shop):
    load_orders_with(shop, {"order_id": "source_file || ':' || source_row"}, "customer,day,amount\nc1,2024-05-01,1\n")
    assert shop.rows("select order_id, extra from raw.orders") == [("orders.csv:1", None)]


def test_the_place_of_a_row_may_be_mapped_bare(shop):
    text = "customer,day,amount\nc1,2024-05-01,1\nc1,2024-05-01,1\n"
    load_orders_with(shop, {"order_id": "source_row", "store_id": "source_file"}, text, where="source_row > 1")
    assert shop.rows("select order_id, store_id from raw.orders") == [("2", "orders.csv")]


def test_a_column_of_the_file_goes_before_the_place(shop):
    text = "id,customer,day,amount,Source_Row\no1,c1,2024-05-01,1,x\n"
    load_orders_with(shop, {"store_id": "source_row"}, text)
    assert shop.rows("select store_id from raw.orders") == [("x",)]


def test_where_chooses_the_rows_and_keeps_their_place_in_the_file(shop):
    text = "id,customer,day,amount\no1,c1,2024-05-01,1\no2,c1,2024-05-01,2\no3,c1,2024-05-01,3\n"
    totals = load_orders_with(shop, {}, text, where="id <> 'o2' -- not this one").totals
    assert totals.rows_read == 2
    assert shop.rows("select order_id, source_row from raw.orders order by 1") == [("o1", 1), ("o3", 3)]


def test_a_consent_needs_a_customer_or_a_visitor(shop):
    shop.write("orders.csv", "id,customer,day,amount\no1,c1,2024-05-01,1\n")
    shop.write(
        "consents.csv",
        "id,who,visitor,what,said,day\n"
        "k1,c1,,Segmentation,Denied,2024-05-01\n"
        "k2,,v1,prediction,granted,2024-05-01\n"
        "k3,,,analytics,granted,2024-05-01\n",
    )
    columns = {"consent_event_id": "id", "customer_id": "who", "anonymous_id": "visitor"}
    columns |= {"purpose": "what", "decision": "said", "occurred_at": "day"}
    shop.describe(
        {"orders": ORDERS, "consents": {"files": "consents.csv", "columns": columns, "max_rejected_share": 1}}
    )
    shop.load()
    assert shop.rows("select consent_event_id, purpose, decision from raw.consents order by 1") == [
        ("k1", "segmentation", "denied"),
        ("k2", "prediction", "granted"),
    ]
    assert quarantined(shop, "consents") == [(3, "neither customer_id nor anonymous_id is given")]


def test_a_line_without_a_customer_is_loaded(shop):
    shop.write("lines.csv", LINE_HEADER + "o1,1,,2024-05-01,p1,1,5\n")
    shop.describe({"order_lines": LINES})
    shop.load()
    assert shop.rows("select order_id, customer_id from raw.order_lines") == [("o1", None)]


def test_a_line_without_a_time_is_quarantined_where_there_are_no_orders(shop):
    shop.write("lines.csv", LINE_HEADER + "o1,1,c1,,p1,1,5\n")
    shop.describe({"order_lines": LINES})
    shop.load()
    assert quarantined(shop, "order_lines") == [(1, "ordered_at is missing")]


def test_a_line_without_a_time_is_loaded_where_there_are_orders(shop):
    shop.write("orders.csv", "id,customer,day,amount\no1,c1,2024-05-01,1\n")
    shop.write("lines.csv", LINE_HEADER + "o1,1,c1,,p1,1,5\n")
    shop.describe({"orders": ORDERS, "order_lines": LINES})
    shop.load()
    assert shop.rows("select ordered_at, arrived_at from raw.order_lines") == [(None, None)]


def test_half_a_line_number_is_quarantined(shop):
    shop.write("lines.csv", LINE_HEADER + "o1,1.5,c1,2024-05-01,p1,1,5\no1,2.0,c1,2024-05-01,p1,1,5\n")
    shop.describe({"order_lines": LINES})
    shop.load()
    assert quarantined(shop, "order_lines") == [(1, "line_number '1.5' is no whole number")]
    assert shop.rows("select line_number from raw.order_lines") == [(2,)]


def test_nan_and_infinity_are_quarantined_and_kept_readable(shop):
    path = shop.write("orders.parquet", b"")
    shop.connection.execute(
        "copy (select 'o1' as id, 'c1' as customer, date '2024-05-01' as day, 'nan'::double as amount union all "
        f"select 'o2', 'c1', date '2024-05-01', '-infinity'::double) to '{path}' (format parquet)"
    )
    shop.describe({"orders": ORDERS | {"files": "orders.parquet"}})
    shop.load()
    assert [reason for _, reason in quarantined(shop)] == [
        "net_amount 'nan' is no number of money",
        "net_amount '-inf' is no number of money",
    ]
    rows = [json.loads(row, parse_constant=pytest.fail) for (row,) in shop.rows("select row from quarantine.orders")]
    assert sorted(row["amount"] for row in rows) == ["-inf", "nan"]


def test_nan_in_an_unmapped_column_is_null_in_extra(shop):
    path = shop.write("orders.parquet", b"")
    shop.connection.execute(
        "copy (select 'o1' as id, 'c1' as customer, timestamp '2024-05-01 08:00' as day, 1 as amount, "
        f"'nan'::double as weight) to '{path}' (format parquet)"
    )
    shop.describe({"orders": ORDERS | {"files": "orders.parquet"}})
    shop.load()
    assert shop.rows("select extra, ordered_at from raw.orders") == [('{"weight":null}', datetime(2024, 5, 1, 8))]


def test_a_missing_column_is_an_error_that_names_everything(shop):
    shop.describe({"orders": ORDERS})
    shop.write("orders_1.csv", "id,customer,day,amount\no1,c1,2024-05-01,1\n")
    shop.write("orders_2.csv", "id,customer,date,amount\no2,c1,2024-05-01,1\n")
    with pytest.raises(SourceError) as refused:
        shop.load()
    assert "shop.yml: tables.orders.columns.ordered_at: 'day' names day, which" in str(refused.value)
    assert "orders_2.csv does not have; its columns are amount, customer, date, id." in str(refused.value)


def test_a_column_that_may_be_lacking_is_null(shop):
    columns = {"coupon_code": "upper(coupon)"}
    load_orders_with(shop, columns, "id,customer,day,amount\no1,c1,2024-05-01,1\n", may_lack=["coupon"])
    assert shop.rows("select coupon_code from raw.orders") == [(None,)]


def test_a_clock_function_is_no_column(shop):
    with pytest.raises(SourceError, match="names current_date, which"):
        load_orders_with(shop, {"ordered_at": "current_date"}, "id,customer,day,amount\no1,c1,2024-05-01,1\n")


def test_an_expression_of_the_wrong_type_is_an_error_that_names_it(shop):
    with pytest.raises(SourceError, match=r"does not fit .*orders.csv: ordered_at needs a time .* gives INTEGER; cast"):
        load_orders_with(shop, {"ordered_at": "length(day)::integer"}, "id,customer,day,amount\n")


def test_an_expression_that_does_not_fit_the_column_types_is_an_error(shop):
    with pytest.raises(SourceError, match=r"columns.net_amount: 'amount \* amount' does not fit .*orders.csv"):
        load_orders_with(shop, {"net_amount": "amount * amount"}, "id,customer,day,amount\no1,c1,2024-05-01,1\n")


def test_what_a_row_says_does_not_depend_on_the_format_of_the_file(shop, connection):
    shop.load_orders("o1,c1,2024-05-01,1.50\n")
    path = shop.write("orders.parquet", b"")
    connection.execute(
        "copy (select 'o1' as id, 'c1' as customer, date '2024-05-01' as day, 1.5::decimal(9,2) as amount) "
        f"to '{path}' (format parquet)"
    )
    shop.describe({"orders": ORDERS | {"files": "orders.parquet"}})
    assert shop.load().tables[0].totals.rows_duplicate == 1


def test_sql_in_a_value_is_a_value(shop):
    shop.load_orders('"x\'); drop table raw.orders; --",c1,2024-05-01,1\n')
    assert shop.rows("select order_id from raw.orders") == [("x'); drop table raw.orders; --",)]


def test_sql_in_a_column_name_is_a_column_name(shop):
    text = 'id,customer,day,amount,"a""; drop table raw.orders; --"\no1,c1,2024-05-01,1,2\n'
    load_orders_with(shop, {}, text)
    assert json.loads(shop.rows("select extra from raw.orders")[0][0]) == {'a"; drop table raw.orders; --': "2"}


def test_a_failing_where_refuses_the_load(shop):
    with pytest.raises(Exception, match=r"tables.orders: reading .*orders.csv failed") as refused:
        load_orders_with(shop, {}, "id,customer,day,amount\no1,c1,2024-05-01,x\n", where="cast(amount as integer) > 0")
    assert isinstance(refused.value.__cause__, duckdb.Error)


@pytest.mark.parametrize(
    ("amount", "other"),
    [
        ("cast(20 as bigint)", "coalesce(paid, total)"),
        ("cast(20 as double)", "case when paid > 5 then paid else total end"),
        ("cast(20 as decimal(9,2))", "coalesce(paid + 0, total)"),
        ("{'net': 20, 'currency': 'EUR'}", "coalesce(paid.net, total)"),
        ("[20, 1]", "coalesce(paid[1], total)"),
    ],
)
def test_a_column_that_a_parquet_file_lacks_fits_the_type_that_others_have(shop, amount, other):
    for name, column in (("a", f"{amount} as paid, cast(0 as bigint)"), ("b", "cast(30 as bigint)")):
        path = shop.write(f"{name}.parquet", b"")
        shop.connection.execute(
            f"copy (select '{name}' as id, 'c1' as customer, date '2024-05-01' as day, {column} as total) "
            f"to '{path}' (format parquet)"
        )
    columns = {"order_id": "id", "customer_id": "customer", "ordered_at": "day", "net_amount": other}
    shop.describe({"orders": {"files": "*.parquet", "columns": columns, "may_lack": ["paid"]}})
    shop.load()
    assert shop.rows("select order_id, net_amount from raw.orders order by 1") == [("a", 20), ("b", 30)]
    assert shop.rows("select count(*) from quarantine.orders") == [(0,)]


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_column_that_a_text_file_lacks_is_text(shop, ending):
    shop.write("a.csv", "id,customer,day,total,paid\na,c1,2024-05-01,1,20\n")
    lacking = {"csv": "id,customer,day,total\nb,c1,2024-05-01,30\n"}
    lacking["jsonl"] = '{"id": "b", "customer": "c1", "day": "2024-05-01", "total": 30}\n'
    shop.write(f"b.{ending}", lacking[ending])
    columns = {"order_id": "id", "customer_id": "customer", "ordered_at": "day", "net_amount": "coalesce(paid, total)"}
    shop.describe({"orders": {"files": ["a.csv", f"b.{ending}"], "columns": columns, "may_lack": ["paid"]}})
    shop.load()
    assert shop.rows("select order_id, net_amount from raw.orders order by 1") == [("a", 20), ("b", 30)]
