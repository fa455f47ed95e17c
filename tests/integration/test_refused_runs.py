"""Runs that must not publish: a source that no longer fits its files, and rows that break a data test."""

from pathlib import Path

import dagster as dg
import duckdb
import pytest
import yaml

from tests.integration.homes import FinishedRun, Home


@pytest.fixture(scope="module")
def broken_source(homes: Path, home: Home) -> tuple[Home, FinishedRun]:
    """A run whose source names a column that the file does not have."""
    document = yaml.safe_load(home.source.read_text())
    document["tables"]["order_lines"]["columns"]["net_amount"] = "gross_total"
    path = home.source.with_name("broken.yml")
    path.write_text(yaml.safe_dump(document))
    broken = home.copy(homes / "broken_source", source=path)
    return broken, broken.run()


@pytest.fixture(scope="module")
def corrupted(homes: Path, home: Home) -> tuple[Home, FinishedRun]:
    """A run on raw rows of which somebody deleted some by hand, past the loader."""
    corrupted = home.copy(homes / "corrupted")
    with duckdb.connect(str(corrupted.settings.warehouse_path)) as connection:
        connection.execute("delete from raw.order_lines where order_id = 'o00001'")
    return corrupted, corrupted.run()


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
    assert "revenue_is_equal_from_files_to_features" in run.output


def test_failing_data_test_leaves_the_published_generation(corrupted, home):
    corrupted_home, _ = corrupted
    assert corrupted_home.verify().generation == home.manifest().generation


def test_failing_data_test_is_a_failed_check_in_dagster(corrupted):
    corrupted_home, _ = corrupted
    key = dg.AssetCheckKey(dg.AssetKey(["segments", "revenue_waterfall"]), "revenue_is_equal_from_files_to_features")
    with corrupted_home.instance() as instance:
        checks = instance.event_log_storage.get_latest_asset_check_execution_by_key([key])
    (record,) = checks.values()
    assert record.event.asset_check_evaluation.passed is False
