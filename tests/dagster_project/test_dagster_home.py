import os
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.dagster_home import SHIPPED_CONFIGURATION, prepare_dagster_home
from dagster_project.launcher import CheckedRunLauncher
from dagster_project.settings import Settings, read_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"SEGMENTS_HOME": str(tmp_path)})


def test_shipped_configuration_loads_with_one_writer_and_no_telemetry(settings):
    with dg.DagsterInstance.from_config(str(prepare_dagster_home(settings))) as instance:
        concurrency = instance.get_concurrency_config()
        assert concurrency.pool_config.default_pool_limit == 1
        assert concurrency.pool_config.pool_granularity.value == "op"
        assert concurrency.run_queue_config.max_concurrent_runs == 1
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
        assert isinstance(instance.run_launcher, CheckedRunLauncher)


def test_run_monitoring_outlasts_the_longest_wait_for_the_run_lock(settings):
    from dagster_project.run_lock import DEFAULT_WAIT_SECONDS

    with dg.DagsterInstance.from_config(str(prepare_dagster_home(settings))) as instance:
        assert instance.run_monitoring_enabled
        assert instance.run_monitoring_max_runtime_seconds > DEFAULT_WAIT_SECONDS
        assert instance.run_monitoring_settings["free_slots_after_run_end_seconds"] > 0


def test_step_that_failed_is_not_run_again_by_itself(settings):
    with dg.DagsterInstance.from_config(str(prepare_dagster_home(settings))) as instance:
        assert instance.run_retries_enabled
        assert not instance.run_retries_retry_on_asset_or_op_failure


def test_everything_dagster_stores_lies_below_its_home(settings):
    home = prepare_dagster_home(settings)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        captured = instance.compute_log_manager.get_captured_local_path(["run", "compute_logs", "step"], "out")
        stored = [instance.storage_directory(), captured, instance.get_ref().run_storage_data.config_yaml]
        assert all(str(home) in place for place in stored)


def test_local_changes_last_until_the_shipped_configuration_is_newer(settings):
    configuration = prepare_dagster_home(settings) / "dagster.yaml"
    configuration.write_text("telemetry: {enabled: false}\n")
    prepare_dagster_home(settings)
    assert configuration.read_text() == "telemetry: {enabled: false}\n"
    older = SHIPPED_CONFIGURATION.stat().st_mtime - 1
    os.utime(configuration, (older, older))
    prepare_dagster_home(settings)
    assert configuration.read_bytes() == SHIPPED_CONFIGURATION.read_bytes()
    assert configuration.with_name("dagster.yaml.previous").read_text() == "telemetry: {enabled: false}\n"
