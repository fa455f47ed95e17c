"""Rules for the definitions: what every asset, check, schedule and job of the project has."""

import dagster as dg
import pytest

from dagster_project import names
from dagster_project.partitions import AS_OF_MONTHS

# In the order of the flow, as a person reads the lineage from left to right.
GROUPS = [
    names.RAW,
    names.STAGING,
    names.INTERMEDIATE,
    names.MARTS,
    names.AUDIT,
    names.TRAINING,
    names.SCORING,
    names.SEGMENTS,
    names.PUBLISHED,
]

# Their checks are dbt's data tests, which dbt describes.
DBT_STEPS = {"customer_marts", "segment_tables"}


@pytest.fixture(scope="module")
def steps(defs: dg.Definitions) -> list[dg.AssetsDefinition]:
    """Everything that runs: asset steps and check steps."""
    return [*defs.assets, *defs.asset_checks]


def keys_of(graph, group):
    return {key for key in graph.get_all_asset_keys() if graph.get(key).group_name == group}


def test_definitions_load_as_a_whole(defs):
    dg.Definitions.validate_loadable(defs)


def test_every_asset_is_described(graph):
    assert [key for key in graph.get_all_asset_keys() if not (graph.get(key).description or "").strip()] == []


def test_every_asset_is_in_a_group_of_the_flow(graph):
    assert {graph.get(key).group_name for key in graph.get_all_asset_keys()} == set(GROUPS)


def test_every_asset_has_an_owner(graph):
    assert [key for key in graph.get_all_asset_keys() if list(graph.get(key).owners) != names.OWNERS] == []


def test_every_asset_has_a_kind(graph):
    assert [key for key in graph.get_all_asset_keys() if not graph.get(key).kinds] == []


def test_every_check_of_ours_is_described(steps):
    specs = [spec for step in steps if step.op.name not in DBT_STEPS for spec in step.check_specs]
    assert specs
    assert [spec.name for spec in specs if not spec.description] == []


def test_every_step_takes_the_pool_of_the_warehouse(steps):
    assert [step for step in steps if step.op.pool != names.WAREHOUSE_POOL] == []


def test_every_step_holds_the_run_lock(steps):
    assert [step for step in steps if "run_lock" not in step.required_resource_keys] == []


def test_all_partitioned_assets_share_one_set_of_months(graph):
    partitioned = {key for key in graph.get_all_asset_keys() if graph.get(key).partitions_def is not None}
    assert partitioned == keys_of(graph, names.TRAINING)
    assert {graph.get(key).partitions_def for key in partitioned} == {AS_OF_MONTHS}


def test_all_partitioned_assets_are_backfilled_alike(graph):
    assert len({graph.get(key).backfill_policy for key in keys_of(graph, names.TRAINING)}) == 1


def test_runs_execute_in_one_process(defs):
    assert defs.executor is dg.in_process_executor


def test_schedules_and_sensors_run_without_being_switched_on(defs):
    assert {schedule.default_status for schedule in defs.schedules} == {dg.DefaultScheduleStatus.RUNNING}
    assert {sensor.default_status for sensor in defs.sensors} == {dg.DefaultSensorStatus.RUNNING}


def test_schedules_count_days_where_the_shop_is(defs):
    assert {schedule.execution_timezone for schedule in defs.schedules} == {"America/New_York"}


def test_only_files_and_the_seed_come_from_nowhere(graph):
    roots = {key for key in graph.get_all_asset_keys() if not graph.get(key).parent_keys}
    assert roots == keys_of(graph, names.RAW)


def test_everything_that_is_built_leads_to_the_published_generation(graph):
    generation = dg.AssetKey(["published", "generation"])
    used = graph.get(generation).parent_keys
    reached = set(used)
    while used:
        used = {parent for key in used for parent in graph.get(key).parent_keys} - reached
        reached |= used
    accounting = {
        dg.AssetKey(["marts", name]) for name in ("dim_customers", "fct_orders", "fct_order_lines", "fct_feature_loads")
    }
    stored_only = {dg.AssetKey(["raw", "customers"]), dg.AssetKey(["staging", "stg_customers"])}
    assert graph.get_all_asset_keys() - reached - {generation} <= accounting | stored_only


def test_every_published_table_waits_for_the_publish(graph):
    tables = {key for key in graph.get_all_asset_keys() if key.path[0] == "segments"}
    assert graph.get(dg.AssetKey(["published", "generation"])).parent_keys == tables


def test_scores_come_from_champions_and_never_from_candidates(graph):
    for key in keys_of(graph, names.SCORING):
        parents = {parent.to_user_string() for parent in graph.get(key).parent_keys}
        assert not {"behaviour_candidate", "churn_candidate"} & parents


def test_data_tests_block_what_comes_after_them(steps):
    specs = [spec for step in steps if step.op.name in DBT_STEPS for spec in step.check_specs]
    assert len(specs) > 50
    assert [spec.name for spec in specs if not spec.blocking] == []
