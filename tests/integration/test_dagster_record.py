"""What Dagster knows after the first run: tables, checks, partitions, runs."""

import re
from typing import Any

import dagster as dg
import pytest

from dagster_project.file_lock import is_locked
from dagster_project.partitions import known_months
from tests.integration.homes import Home

# Assets that are no table of the warehouse.
NO_TABLES = {"behaviour_candidate", "behaviour_champion", "churn_candidate", "churn_champion", "published/generation"}
PUBLIC_SCHEMAS = ("raw", "ops", "marts", "segmentation", "segments")


@pytest.fixture(scope="session")
def materializations(graph: Any, instance: dg.DagsterInstance) -> dict[str, dg.AssetMaterialization]:
    events = {key: instance.get_latest_materialization_event(key) for key in graph.get_all_asset_keys()}
    return {key.to_user_string(): event.asset_materialization for key, event in events.items() if event is not None}


@pytest.fixture(scope="session")
def described(home: Home) -> dict[str, list[str]]:
    """Columns of each table and view of the warehouse."""
    rows = home.warehouse(
        "select schema_name || '/' || table_name as name, list(column_name order by column_index) as columns "
        "from duckdb_columns() where not internal group by name"
    )
    return dict(rows.iter_rows())


def test_every_asset_was_materialised(graph, materializations):
    assert {key.to_user_string() for key in graph.get_all_asset_keys()} == set(materializations)


def test_every_asset_is_a_table_or_view_of_its_name(materializations, described):
    assert set(materializations) - NO_TABLES <= set(described)


def test_every_stored_table_says_its_exact_rows(home, materializations):
    tables = home.warehouse("select schema_name, table_name from duckdb_tables() where not internal")
    for schema, table in tables.iter_rows():
        if f"{schema}/{table}" in materializations:
            said = materializations[f"{schema}/{table}"].metadata["dagster/row_count"].value
            assert said == home.warehouse(f"select count(*) from {schema}.{table}").item(), f"{schema}.{table}"


def test_public_tables_show_the_columns_that_they_have(materializations, described):
    shown = {
        name: [column.name for column in materialization.metadata["dagster/column_schema"].value.columns]
        for name, materialization in materializations.items()
        if name.split("/")[0] in PUBLIC_SCHEMAS
    }
    assert shown == {name: described[name] for name in shown}


def test_every_check_was_recorded_and_passed(graph, instance):
    latest = instance.event_log_storage.get_latest_asset_check_execution_by_key(list(graph.asset_check_keys))
    assert set(latest) == set(graph.asset_check_keys)
    failed = [key for key, record in latest.items() if not record.event.asset_check_evaluation.passed]
    assert failed == []


def test_months_with_an_as_of_date_are_partitions(home, instance):
    months = home.warehouse("select distinct strftime(as_of_date, '%Y-%m') as month from marts.fct_customer_features")
    assert known_months(instance) == sorted(months["month"])
    assert known_months(instance)[0] == "2023-10"
    assert known_months(instance)[-1] == "2024-06"


def test_first_run_built_before_it_trained_for_the_newest_month(instance):
    runs = {run.job_name: run for run in instance.get_runs()}
    assert set(runs) == {"load_and_build", "monthly_retrain"}
    assert {run.status for run in runs.values()} == {dg.DagsterRunStatus.SUCCESS}
    assert runs["monthly_retrain"].tags["dagster/partition"] == "2024-06"


def test_pictures_are_part_of_the_metadata(materializations):
    shown = {
        ("behaviour_candidate", "silhouette_and_stability"),
        ("churn_candidate", "reliability"),
        ("segmentation/segment_profiles", "sizes_and_profile"),
    }
    for asset, entry in shown:
        assert materializations[asset].metadata[entry].value.startswith("![")


def test_nothing_is_left_locked_or_claimed(home, instance):
    assert is_locked(home.settings.run_lock_path) is False
    assert instance.event_log_storage.get_concurrency_run_ids() == set()


def test_no_customer_is_named_in_what_dagster_keeps(home):
    """Runs, events and logs outlive a request to be erased."""
    customers = set(home.warehouse("select distinct customer_id from raw.orders")["customer_id"].drop_nulls())
    assert "c0001" in customers
    files = [path for path in home.settings.dagster_home.rglob("*") if path.is_file()]
    assert [path for path in files if path.suffix == ".db"]
    # A word of its own, which no part of a picture or hash is; a line break stands there as two characters.
    word = re.compile(rb"(?:\\[nt]|(?<![\w/+]))(c\d{4})(?![\w/+])")
    words = {found for path in files for found in word.findall(path.read_bytes())}
    assert sorted(word.decode() for word in words if word.decode() in customers) == []
