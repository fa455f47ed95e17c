"""The entry: everything Dagster knows of this project, by name."""

import dagster as dg

from dagster_project import jobs
from dagster_project.assets import audit, publication, raw, scoring, training, transformation
from dagster_project.checks import published_checks, segment_checks
from dagster_project.progress import progress_logger
from dagster_project.resources import build_resources
from dagster_project.schedules import build_schedules
from dagster_project.sensors import new_files_sensor
from dagster_project.settings import read_settings

_resources = build_resources(read_settings())

defs = dg.Definitions(
    assets=[
        raw.load,
        transformation.customer_marts,
        audit.data_audit,
        *training.ASSETS,
        *scoring.ASSETS,
        transformation.segment_tables,
        publication.generation,
    ],
    asset_checks=[*segment_checks.CHECKS, *published_checks.CHECKS],
    jobs=jobs.ALL,
    schedules=build_schedules(_resources["sources"].time_zone()),
    sensors=[new_files_sensor],
    resources=_resources,
    loggers={"console": dg.colored_console_logger, "progress": progress_logger},
    # One writer anyway: other executors start a process a step, at three times the CPU, and leave
    # orphans that hold the warehouse when a run is killed.
    executor=dg.in_process_executor,
)
