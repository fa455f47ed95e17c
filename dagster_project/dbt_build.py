"""Runs dbt inside this process and reports each node to Dagster as it ends.

dagster-dbt's own resource starts a process for ``dbt --version`` and another one for the build, each of which
imports dbt anew; in this process the import and the parsed project are paid for once. The events are
translated by dagster-dbt itself. Figures and what was rejected: docs/decisions/0002-dbt-in-process.md.
"""

import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt.asset_utils import get_subset_selection_for_context
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from dagster_project.dbt_manifest import DBT_FOLDER
from dagster_project.dbt_metadata import describe_node
from dagster_project.settings import Settings, override_environment

# Nodes whose failure ends the step; dbt has logged the reason of each.
_FAILED = {"error", "fail", "runtime error"}

# The parsed project, kept for the second build of the run: parsing again costs as much as a small build.
_parsed_projects: dict[Path, Any] = {}


class DbtError(RuntimeError):
    """A dbt command failed; the message says which nodes and why."""


def run_dbt(
    arguments: Sequence[str],
    *,
    settings: Settings,
    target_folder: Path,
    environment: Mapping[str, str] | None = None,
    callbacks: Sequence[Any] = (),
) -> Any:
    """The result of one dbt command; raises DbtError with dbt's own reasons when it fails."""
    from dbt.cli.main import dbtRunner

    target_folder.mkdir(parents=True, exist_ok=True)
    variables = {
        "WAREHOUSE_PATH": str(settings.warehouse_path),
        "DUCKDB_MEMORY_LIMIT": settings.memory_limit,
        **(environment or {}),
    }
    locations = {
        "--project-dir": DBT_FOLDER,
        "--profiles-dir": DBT_FOLDER,
        "--target-path": target_folder,
        "--log-path": settings.home / "logs" / "dbt",
    }
    options = [word for option, value in locations.items() for word in (option, str(value))]
    with override_environment(variables):
        runner = dbtRunner(manifest=_parsed_projects.get(settings.home), callbacks=list(callbacks))
        try:
            outcome = runner.invoke([*arguments, *options, "--quiet", "--no-use-colors"])
        finally:
            _release_warehouse()
            _close_log_files()
    if arguments[0] == "parse" and outcome.success:
        _parsed_projects[settings.home] = outcome.result
    if not outcome.success:
        raise DbtError(_explain(arguments, outcome))
    return outcome.result


def build_nodes(
    context: dg.AssetExecutionContext,
    *,
    manifest: Mapping[str, Any],
    settings: Settings,
    environment: Mapping[str, str],
    full_refresh: bool = False,
) -> Iterator[dg.Output | dg.AssetCheckResult]:
    """Builds the selected nodes of ``context`` and yields each table and data test as it ends.

    Tables come with row count, columns and column lineage. Raises DbtError after the last event when a node failed.
    """
    translator = _translator_of(context)
    selection, indirect_selection = get_subset_selection_for_context(
        context=context,
        manifest=manifest,
        select=context.op.tags.get("dagster_dbt/select"),
        exclude=context.op.tags.get("dagster_dbt/exclude"),
        selector=None,
        dagster_dbt_translator=translator,
        current_dbt_indirect_selection_env=None,
    )
    # Unit tests test the SQL, not the data: the test suite runs them, a run that makes tables does not.
    arguments = ["build", *selection, "--exclude-resource-type", "unit_test"]
    # A few tables made anew from parents that hold the newest dates only would lose the others.
    if full_refresh and not context.is_subset:
        arguments.append("--full-refresh")
    if context.is_subset and not indirect_selection:
        # A test that also reads a table outside the selection would judge old rows by new ones.
        indirect_selection = "cautious"
    if indirect_selection:
        arguments += ["--indirect-selection", indirect_selection]
    for event, metadata in _stream_events(arguments, manifest, settings=settings, environment=environment):
        message = DbtCoreCliEventMessage(raw_event=event, event_history_metadata={})
        for translated in message.to_default_asset_events(manifest, translator, context):
            yield _with_metadata(translated, metadata)


def _stream_events(
    arguments: Sequence[str], manifest: Mapping[str, Any], *, settings: Settings, environment: Mapping[str, str]
) -> Iterator[tuple[dict[str, Any], Mapping[str, Any]]]:
    """Result events of the nodes, each as soon as dbt reports it, with metadata of the table it built."""
    from dbt_common.events.base_types import EventMsg
    from google.protobuf.json_format import MessageToDict

    events: queue.Queue[Any] = queue.Queue()
    end = object()
    target_folder = settings.dbt_target_folder / "build"

    def keep_results(message: EventMsg) -> None:
        if message.info.name in {"LogSeedResult", "LogModelResult", "LogTestResult"}:
            event = MessageToDict(message, preserving_proto_field_name=True)
            is_built = message.info.name != "LogTestResult" and event["data"].get("status") != "error"
            unique_id = event["data"]["node_info"]["unique_id"]
            events.put((event, describe_node(manifest, unique_id, target_folder / "compiled") if is_built else {}))

    def build() -> None:
        try:
            run_dbt(
                arguments,
                settings=settings,
                target_folder=target_folder,
                environment=environment,
                callbacks=[keep_results],
            )
            events.put(end)
        except BaseException as error:
            events.put(error)

    builder = threading.Thread(target=build, name="dbt", daemon=True)
    builder.start()
    while (item := events.get()) is not end:
        if isinstance(item, BaseException):
            raise item
        yield item
    builder.join()


def _with_metadata(event: Any, metadata: Mapping[str, Any]) -> Any:
    if not metadata or not isinstance(event, dg.Output):
        return event
    return dg.Output(value=None, output_name=event.output_name, metadata={**event.metadata, **metadata})


def _translator_of(context: dg.AssetExecutionContext) -> Any:
    return next(iter(context.assets_def.metadata_by_key.values()))["dagster_dbt/dagster_dbt_translator"]


def _release_warehouse() -> None:
    """Closes dbt's connections: an open one keeps every other connection away from the file."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import cleanup_connections

    cleanup_connections()
    if DuckDBConnectionManager._ENV is not None:
        DuckDBConnectionManager._ENV.close()
        DuckDBConnectionManager.close_all_connections()


def _close_log_files() -> None:
    """Closes dbt's log files: the next command drops their handlers, open as they are."""
    from dbt_common.events.event_manager_client import get_event_manager

    for logger in get_event_manager().loggers:
        for handler in logger._python_logger.handlers if logger._python_logger else ():
            handler.close()


def _explain(arguments: Sequence[str], outcome: Any) -> str:
    if outcome.exception is not None:
        return f"dbt {arguments[0]} failed: {outcome.exception}"
    failed = [result for result in outcome.result.results if result.status in _FAILED]
    reasons = "; ".join(f"{result.node.name}: {_shorten(result.message)}" for result in failed[:3])
    return f"dbt {arguments[0]}: {len(failed)} of {len(outcome.result.results)} nodes failed: {reasons}"


def _shorten(message: str | None) -> str:
    return " ".join((message or "no message").split())[:300]
