"""Starts the nightly job when a source's folder has new or changed files."""

import hashlib
import json

import dagster as dg

from dagster_project import names
from dagster_project.jobs import nightly
from dagster_project.loading.files import find_files
from dagster_project.model_store import ModelStore
from dagster_project.resources import SourceFolder

# Files come by the hour, not by the second; more ticks only fill the sensor's page.
INTERVAL_SECONDS = 300


@dg.sensor(
    job=nightly,
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Runs the nightly job when files of a source are new or changed.",
)
def new_files_sensor(
    context: dg.SensorEvaluationContext, sources: SourceFolder, models: ModelStore
) -> dg.RunRequest | dg.SkipReason:
    """One run per state of the files; the first look only notes the state, the schedule loads it."""
    state = _describe_files(sources)
    before, now = context.cursor, _digest(state)
    if before == now:
        return dg.SkipReason(f"The {len(state):,} files of the sources are as they were.")
    if before is None:
        context.update_cursor(now)
        return dg.SkipReason(f"Noted {len(state):,} files; the next change starts a run.")
    if not models.is_trained(names.MODELS):
        return dg.SkipReason("New files wait until a model can score: make run loads them, trains and publishes.")
    context.update_cursor(now)
    return dg.RunRequest(run_key=f"files:{now}")


def _describe_files(sources: SourceFolder) -> list[tuple[str, int, int]]:
    paths = {
        file.path
        for source in sources.read()
        for table_name in source.tables
        for file in find_files(source, table_name)
    }
    return [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(paths)]


def _digest(state: list[tuple[str, int, int]]) -> str:
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()[:16]
