import pytest

from dagster_project import names


@pytest.fixture(scope="module")
def groups(defs, graph):
    """Groups that a job materialises, by its name."""

    def of_job(name: str) -> set[str]:
        keys = defs.resolve_job_def(name).asset_layer.executable_asset_keys
        return {graph.get(key).group_name for key in keys}

    return of_job


FIRST_HALF = {names.RAW, names.STAGING, names.INTERMEDIATE, names.MARTS, names.AUDIT}
SECOND_HALF = {names.SCORING, names.SEGMENTS, names.PUBLISHED}


def test_night_does_everything_but_train(groups):
    assert groups("nightly") == FIRST_HALF | SECOND_HALF


def test_month_trains_scores_and_publishes(groups):
    assert groups("monthly_retrain") == {names.AUDIT, names.TRAINING} | SECOND_HALF


def test_first_half_publishes_nothing(groups):
    assert groups("load_and_build") == FIRST_HALF


def test_every_asset_is_in_a_job(defs, graph):
    jobs = ("nightly", "monthly_retrain")
    covered = {key for name in jobs for key in defs.resolve_job_def(name).asset_layer.executable_asset_keys}
    assert covered == graph.get_all_asset_keys()


@pytest.mark.parametrize("job", ["nightly", "monthly_retrain", "load_and_build"])
def test_dbt_step_is_in_a_job_as_a_whole_or_not_at_all(defs, job):
    """With a part of it, a data test could meet a table that was not built."""
    chosen = defs.resolve_job_def(job).asset_layer.executable_asset_keys
    for step in defs.assets:
        assert step.keys <= chosen or not step.keys & chosen, step.op.name


def test_only_the_month_has_partitions(defs):
    assert defs.resolve_job_def("nightly").partitions_def is None
    assert defs.resolve_job_def("monthly_retrain").partitions_def.name == "as_of_month"


def test_every_check_runs_in_the_night(defs, graph):
    night = defs.resolve_job_def("nightly").asset_layer.asset_graph.asset_check_keys
    trained = {key for key in graph.asset_check_keys if graph.get(key.asset_key).group_name == names.TRAINING}
    assert graph.asset_check_keys - night == trained
