"""When the jobs run: once per local day and once per local month, in the shop's own time zone."""

from collections.abc import Sequence

import dagster as dg

from dagster_project import names
from dagster_project.jobs import monthly_retrain, nightly
from dagster_project.model_store import ModelStore
from dagster_project.partitions import known_months

# Hours that every day has once: clocks change between 0:00 and 3:00.
NIGHTLY_CRON = "0 4 * * *"
MONTHLY_CRON = "0 6 1 * *"


def build_schedules(time_zone: str) -> Sequence[dg.ScheduleDefinition]:
    """Both schedules, running as soon as the daemon does."""

    @dg.schedule(
        job=monthly_retrain,
        cron_schedule=MONTHLY_CRON,
        execution_timezone=time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Retrains on the first of the month, for the newest month that had ended.",
    )
    def monthly_retrain_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        this_month = f"{context.scheduled_execution_time:%Y-%m}"
        ended = [month for month in known_months(context.instance) if month < this_month]
        if not ended:
            return dg.SkipReason("No month of data has ended yet; the nightly job registers the months it finds.")
        return dg.RunRequest(run_key=f"{this_month}:{ended[-1]}", partition_key=ended[-1])

    @dg.schedule(
        job=nightly,
        cron_schedule=NIGHTLY_CRON,
        execution_timezone=time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Loads, builds, scores and publishes every night.",
    )
    def nightly_schedule(models: ModelStore) -> dg.RunRequest | dg.SkipReason:
        if not models.is_trained(names.MODELS):
            return dg.SkipReason(
                "No model can score yet: run load_and_build, then monthly_retrain for a month (make run does both)."
            )
        return dg.RunRequest()

    return [nightly_schedule, monthly_retrain_schedule]
