"""The step customer_marts of the job load_and_build, as a run of its own in this process."""

import sys

import dagster as dg

from dagster_project.definitions import defs


def main() -> int:
    """The exit status; 0 when all nodes were built and all of their tests passed."""
    keys = defs.resolve_asset_graph().get_all_asset_keys()
    (marts,) = [step for step in defs.assets or [] if step.op.name == "customer_marts"]
    with dg.DagsterInstance.get() as instance:
        result = defs.resolve_job_def("load_and_build").execute_in_process(
            instance=instance, asset_selection=sorted(marts.keys & keys), raise_on_error=False
        )
    return 0 if result.success else 1


if __name__ == "__main__":
    sys.exit(main())
