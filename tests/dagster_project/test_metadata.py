import base64
from datetime import date

import polars as pl

from dagster_project.metadata import describe_frame, describe_table, picture, tabulate


def records(metadata) -> list[dict]:
    return [record.data for record in metadata.value.records] if hasattr(metadata, "value") else metadata


def test_numbers_are_rounded_for_reading():
    assert records(tabulate([{"share": 0.123456, "customers": 7}])) == [{"share": 0.1235, "customers": 7}]


def test_dates_are_shown_as_text_and_nothing_as_nothing():
    shown = records(tabulate(pl.DataFrame({"day": [date(2024, 6, 30)], "reason": [None]})))
    assert shown == [{"day": "2024-06-30", "reason": None}]


def test_no_rows_are_shown_as_a_table_that_says_so():
    assert records(tabulate([])) == [{"rows": "none"}]


def test_long_tables_are_cut_for_the_page():
    assert len(records(tabulate([{"n": number} for number in range(500)]))) == 200


def test_picture_lies_in_the_text_itself():
    text = picture(b"png", "segments").value
    assert text == f"![segments](data:image/png;base64,{base64.b64encode(b'png').decode()})"


def test_table_is_described_by_its_own_rows_only():
    described = pl.DataFrame(
        {
            "schema": ["raw", "raw", "ops"],
            "table": ["orders", "orders", "load_ledger"],
            "column": ["order_id", "net_amount", "load_id"],
            "type": ["VARCHAR", "DECIMAL(18,4)", "VARCHAR"],
            "comment": ["The order's identifier", None, None],
            "row_count": [5, 5, 1],
        }
    )
    metadata = describe_table(described, "raw", "orders")
    assert metadata["dagster/row_count"] == 5
    columns = metadata["dagster/column_schema"].columns
    assert [(column.name, column.type, column.description) for column in columns] == [
        ("order_id", "VARCHAR", "The order's identifier"),
        ("net_amount", "DECIMAL(18,4)", None),
    ]


def test_absent_table_has_no_description():
    empty = pl.DataFrame(schema={"schema": pl.String, "table": pl.String, "row_count": pl.Int64})
    assert describe_table(empty, "raw", "orders") == {}


def test_frame_is_described_with_its_types():
    metadata = describe_frame(pl.DataFrame({"customer_id": ["c1", "c2"]}), {"customer_id": "Key of the customer."})
    assert metadata["dagster/row_count"] == 2
    (column,) = metadata["dagster/column_schema"].columns
    assert (column.name, column.type, column.description) == ("customer_id", "String", "Key of the customer.")
