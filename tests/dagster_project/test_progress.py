import re

import dagster as dg
import pytest

from dagster_project.progress import progress_logger


@dg.op(name="load")
def load_step() -> None:
    """A step that has a title."""


@dg.op(name="unheard_of", ins={"start": dg.In(dg.Nothing)})
def untitled_step() -> None:
    """A step that has none."""


@dg.op(name="customer_marts", ins={"start": dg.In(dg.Nothing)})
def failing_step() -> None:
    """A step that fails for a reason of its own."""
    try:
        raise ValueError("no magic bytes")
    except ValueError as error:
        raise RuntimeError("orders.parquet cannot be read; bring it whole") from error


@dg.job(logger_defs={"progress": progress_logger}, executor_def=dg.in_process_executor)
def small_job() -> None:
    """A step with a title, one without, and one that fails."""
    failing_step(untitled_step(load_step()))


@pytest.fixture(scope="module")
def lines() -> list[str]:
    """What the terminal shows of one run."""
    capture = pytest.MonkeyPatch()
    written: list[str] = []
    capture.setattr("sys.stdout.write", written.append)
    with dg.DagsterInstance.ephemeral() as instance:
        small_job.execute_in_process(instance=instance, raise_on_error=False, run_config={"loggers": {"progress": {}}})
    capture.undo()
    return [line for line in "".join(written).splitlines() if line.strip()]


def test_step_is_told_as_it_begins_with_the_seconds_so_far(lines):
    assert re.fullmatch(r" +\d+\.\d s  Loading new files of the sources", lines[0])


def test_step_without_a_title_is_not_told(lines):
    assert not any("unheard_of" in line for line in lines)


def test_failure_is_told_in_the_words_of_the_step(lines):
    assert len(lines) == 3
    assert lines[2].endswith("FAILED in customer_marts: RuntimeError: orders.parquet cannot be read; bring it whole")
