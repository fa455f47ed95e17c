"""One run of a small job under the run lock, as a process of its own that tests can kill.

Its step writes ``<folder>/<name>.started`` and ends when ``<folder>/go`` exists.
Arguments: name, folder, run id.
"""

import sys
import time
from pathlib import Path

import dagster as dg

from dagster_project.run_lock import RunLock


def make_job(name: str, folder: Path) -> dg.JobDefinition:
    @dg.op(pool="warehouse_writer", name=f"{name}_step")
    def step(run_lock: RunLock) -> None:
        with (folder / "order").open("a") as order:
            order.write(f"{name}\n")
        (folder / f"{name}.started").touch()
        while not (folder / "go").exists():
            time.sleep(0.05)

    @dg.job(
        name=name,
        executor_def=dg.in_process_executor,
        resource_defs={"run_lock": RunLock(path=str(folder / "run.lock"), message_every_seconds=0.5)},
    )
    def job() -> None:
        step()

    return job


if __name__ == "__main__":
    own_name, own_folder, own_run_id = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    with dg.DagsterInstance.from_config(str(own_folder / "dagster")) as instance:
        result = make_job(own_name, own_folder).execute_in_process(
            instance=instance, run_id=own_run_id, raise_on_error=False
        )
    sys.exit(0 if result.success else 1)
