"""Runs jobs of the installation that the environment names, one after the other, in one process.

Arguments: job, or job:partition. Ends with the status 1 when one of them fails.
"""

import sys

import dagster as dg

from dagster_project.definitions import defs


def main(jobs: list[str]) -> int:
    """Runs ``jobs`` and returns the exit status."""
    with dg.DagsterInstance.get() as instance:
        for job in jobs:
            name, _, partition = job.partition(":")
            result = defs.resolve_job_def(name).execute_in_process(
                instance=instance, partition_key=partition or None, raise_on_error=False
            )
            if not result.success:
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
