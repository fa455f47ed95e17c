"""Headers and totals among the rows of a file."""

import pytest

from dagster_project.loading.contract import TABLES
from dagster_project.loading.csv_intruders import HEADER_AGAIN, TOTAL_LINE, has_intruder, name_intruder
from tests.dagster_project.loading.conftest import ORDERS
from tests.dagster_project.loading.good_rows import describe_table, make_rows, write_csv

NAMES = ["id", "name", "amount", "note"]


@pytest.mark.parametrize(
    ("fields", "intruder"),
    [
        (["id", "name", "amount", "note"], HEADER_AGAIN),
        (["id", "name", "amount", "remark"], HEADER_AGAIN),
        ([" id", "name ", "amount", ""], HEADER_AGAIN),
        (["id", "name", "5", "x"], None),
        (["Total", "", "123.45", ""], TOTAL_LINE),
        (["", "GRAND TOTAL:", "1.234,50 EUR", ""], TOTAL_LINE),
        (["Summe", "", "", ""], TOTAL_LINE),
        (["Итого", "", "12", ""], TOTAL_LINE),
        (["Total", "Total yoghurt", "1.20", ""], None),
        (["Total", "12", "1.20", "3"], None),
        (["p1", "Total", "1.20", ""], None),
        (["totally", "", "1.20", ""], None),
        (["", "", "", ""], None),
    ],
)
def test_an_intruder_is_told_from_a_row(shop, fields, intruder):
    assert name_intruder(fields, NAMES) == intruder
    values = ", ".join(f"nullif('{value}', '') as {name}" for value, name in zip(fields, NAMES, strict=True))
    is_suspect = shop.rows(f"select coalesce({has_intruder(NAMES)}, false) from (select {values})")[0][0]
    assert is_suspect >= (intruder is not None)


def test_a_file_of_one_column_has_no_totals():
    assert name_intruder(["Total"], ["product_id"]) is None
    assert name_intruder(["product_id"], ["product_id"]) == HEADER_AGAIN


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_in_every_table_headers_and_totals_are_quarantined(shop, table):
    rows = make_rows(table, 2)
    content = write_csv(rows)
    header = content.partition(b"\n")[0]
    total = b"Total" + b"," * (len(table.columns) - 1) + b"\n"
    shop.write(f"{table.name}.csv", content + header + b"\n" + total)
    tables = {
        "orders": {"files": "none.csv", "optional": True, "columns": dict.fromkeys(ORDERS["columns"], "x")},
        table.name: describe_table(table, "csv") | {"max_rejected_share": 1.0},
    }
    shop.describe(tables)
    shop.load()
    assert shop.rows(f"select count(*) from raw.{table.name}") == [(2,)]
    assert shop.rows(f"select source_row, reason from quarantine.{table.name} order by 1") == [
        (3, "line 4: the header again"),
        (4, "line 5: a line of totals"),
    ]
