"""The whole loop from a terminal: load, build, train where needed, score, publish, and say what came out.

``python -m dagster_project.run``, which is ``make demo`` and ``make run``. Everything runs as Dagster jobs
and is visible in the UI afterwards.
"""

import sys

import dagster as dg

from dagster_project import names
from dagster_project.dagster_home import prepare_dagster_home
from dagster_project.file_lock import exclusive_lock
from dagster_project.loading.errors import SourceError
from dagster_project.loading.read_sources import read_sources
from dagster_project.settings import Settings, SettingsError, override_environment, read_settings

EXIT_FAILED = 1
EXIT_UNUSABLE = 2


def main() -> int:
    """Runs the loop; the exit status is 0 when a generation was published, 2 when it could not begin."""
    try:
        settings = read_settings()
        read_sources(settings.sources)
    except (SettingsError, SourceError) as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_UNUSABLE
    home = prepare_dagster_home(settings)
    with override_environment({"DAGSTER_HOME": str(home)}):
        with exclusive_lock(home / "opening.lock"):
            instance = dg.DagsterInstance.get()
        with instance:
            succeeded = _run_loop(settings, instance)
    if not succeeded:
        sys.stdout.write("\nNothing new was published; the reason is above and in the UI (make ui).\n")
        return EXIT_FAILED
    from dagster_project.summary import print_summary

    print_summary(settings)
    return 0


def _run_loop(settings: Settings, instance: dg.DagsterInstance) -> bool:
    from dagster_project.definitions import defs
    from dagster_project.partitions import newest_month
    from dagster_project.resources import build_resources

    models = build_resources(settings)["models"]
    if models.is_trained(names.MODELS):
        return _execute(defs, instance, "nightly")
    # Not every model was trained yet: build the marts first, then train for the newest month they have.
    if not _execute(defs, instance, "load_and_build"):
        return False
    try:
        month = newest_month(instance)
    except LookupError as error:
        sys.stderr.write(f"{error}\n")
        return False
    return _execute(defs, instance, "monthly_retrain", partition_key=month)


def _execute(
    defs: dg.Definitions, instance: dg.DagsterInstance, job_name: str, partition_key: str | None = None
) -> bool:
    of_month = f" for {partition_key}" if partition_key else ""
    sys.stdout.write(f"\nJob {job_name}{of_month}\n")
    sys.stdout.flush()
    result = defs.resolve_job_def(job_name).execute_in_process(
        instance=instance,
        partition_key=partition_key,
        raise_on_error=False,
        run_config={"loggers": {"progress": {}}},
        tags={"started_by": "command line"},
    )
    return result.success


if __name__ == "__main__":
    sys.exit(main())
