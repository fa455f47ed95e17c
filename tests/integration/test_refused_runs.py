"""Runs that must not publish: a source that no longer fits its files, and stored rows that break a data test."""

import dagster as dg
import pytest

from tests.integration.conftest import SideRuns
from tests.integration.homes import FinishedRun, Home


@pytest.fixture
def broken_source(side_runs: SideRuns) -> tuple[Home, FinishedRun]:
    """A run whose source names a column that the file does not have."""
    return side_runs.broken_source


@pytest.fixture
def corrupted(side_runs: SideRuns) -> tuple[Home, FinishedRun]:
    """A run on a history that somebody altered by hand: a customer is in two segments at once."""
    return side_runs.corrupted


def test_missing_column_fails_the_run_and_says_which_one(broken_source):
    _, run = broken_source
    assert run.exit_code == 1
    assert "Nothing new was published" in run.output
    for word in ("broken.yml", "order_lines", "net_amount", "gross_total", "lines.csv"):
        assert word in run.output


def test_missing_column_leaves_the_published_generation(broken_source, home):
    broken, _ = broken_source
    assert broken.verify().generation == home.manifest().generation


def test_missing_column_stores_no_row(broken_source, home):
    broken, _ = broken_source
    loads = "select load_id, source_file, rows_loaded from ops.load_ledger order by all"
    assert broken.warehouse(loads).equals(home.warehouse(loads))


def test_failing_data_test_fails_the_run_and_names_the_test(corrupted):
    _, run = corrupted
    assert run.exit_code == 1
    assert "unique_combination_customer_segment_history" in run.output


def test_failing_data_test_leaves_the_published_generation(corrupted, home):
    corrupted_home, _ = corrupted
    assert corrupted_home.verify().generation == home.manifest().generation


def test_failing_data_test_is_a_failed_check_in_dagster(corrupted):
    corrupted_home, _ = corrupted
    key = dg.AssetCheckKey(
        dg.AssetKey(["segments", "customer_segment_history"]),
        "unique_combination_customer_segment_history_segmentation__customer_id__valid_from",
    )
    with corrupted_home.instance() as instance:
        checks = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])
    (record,) = checks.values()
    assert record.event.asset_check_evaluation.passed is False
