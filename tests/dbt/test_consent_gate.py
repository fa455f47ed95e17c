"""Who takes consent back is in no table that models learn from or write about, nor in one of their histories."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from tests.dbt.corner_shop import REFUSING_CUSTOMER
from tests.dbt.warehouses import ALL_MARTS, PUBLISHED, Workshop, read

# What a shop keeps of its sales whoever may be profiled; dim_customers says who may not.
ACCOUNTS = {"marts.dim_customers", "marts.fct_order_lines", "marts.fct_orders"}

REFUSAL = f"""
insert into raw.consents by name
select
    'k2' as consent_event_id, '{REFUSING_CUSTOMER}' as customer_id, 'segmentation' as purpose,
    'withdrawn' as decision, timestamp '2024-07-11 12:00:00' as occurred_at,
    timestamp '2024-07-11 18:00:00' as loaded_at, 1 as source_row
"""


@pytest.fixture(scope="module")
def after_refusal(workshop: Workshop, after_scoring: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    refused = Path(shutil.copy(after_scoring, tmp_path_factory.mktemp("refused")))
    with duckdb.connect(str(refused)) as connection:
        connection.execute(REFUSAL)
    return workshop.build(refused, select=(*ALL_MARTS, *PUBLISHED))


def tables_with(warehouse: Path, customer_id: str) -> set[str]:
    """The marts and published tables that hold a row of a customer, of all that have a customer in a column."""
    query = """
        select distinct schema_name || '.' || table_name from duckdb_columns()
        where column_name = 'customer_id' and schema_name in ('marts', 'segments')
    """
    tables = read(warehouse, query).to_series().to_list()
    counts = {
        table: read(warehouse, f"select count(*) from {table} where customer_id = '{customer_id}'").item()
        for table in tables
    }
    return {table for table, count in counts.items() if count}


def test_somebody_without_a_refusal_is_in_every_table(after_scoring):
    in_models = {"marts.fct_customer_features", "marts.fct_customer_labels", "marts.fct_customer_order_days"}
    published = {
        "segments.customer_explanations",
        "segments.customer_scores",
        "segments.customer_segment_history",
        "segments.customer_segments",
    }
    assert tables_with(after_scoring, REFUSING_CUSTOMER) == ACCOUNTS | in_models | published


def test_somebody_who_refuses_is_in_the_accounts_only(after_refusal):
    assert tables_with(after_refusal, REFUSING_CUSTOMER) == ACCOUNTS


def test_the_others_stay(after_scoring, after_refusal):
    def read_customers(warehouse: Path) -> set[str]:
        return set(read(warehouse, "select customer_id from segments.customer_segments").to_series())

    assert read_customers(after_scoring) - read_customers(after_refusal) == {REFUSING_CUSTOMER}


def test_the_customer_list_says_who_may_not_be_profiled(after_refusal):
    query = "select customer_id from marts.dim_customers where not is_profiled order by customer_id"
    assert read(after_refusal, query).to_series().to_list() == [REFUSING_CUSTOMER, "c07"]


def test_a_stay_goes_on_over_a_second_run(after_refusal):
    stays = read(after_refusal, "select distinct valid_from, valid_to from segments.customer_segment_history")
    assert stays.rows() == [(date(2024, 7, 7), None)]
