"""One raw table of one source: looked at for its keys, decided where rows depend on others, and appended."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from dagster_project.loading.accounting import Rejections, Totals, read_rejections, write_ledger
from dagster_project.loading.appending import Appender
from dagster_project.loading.binding import TableMapping, bind
from dagster_project.loading.departures import find_departures
from dagster_project.loading.errors import LoadError
from dagster_project.loading.exclusions import find_left_out
from dagster_project.loading.files import require_unchanged
from dagster_project.loading.judging import FileRowsOfTable
from dagster_project.loading.keys import Suspicion, find_suspects, note_keys, start_keys
from dagster_project.loading.planning import LoadPlan, PlannedFile, note_shape, register_plan
from dagster_project.loading.readers import read_rows
from dagster_project.loading.report import TableLoad
from dagster_project.loading.rereads import require_successors
from dagster_project.loading.shapes import FileShape, describe_shape, find_changes, read_earlier_shapes
from dagster_project.loading.suspects import find_stored_versions, note_suspects, start_suspects
from dagster_project.loading.verdicts import find_verdicts, tell_verdicts
from dagster_project.loading.versions import decide, start_decisions
from dagster_project.loading.wording import several

# A history in which every second row is a correction of another may be; more is a key that is none.
_REPLACED_SHARE = 0.5


@dataclass
class _Findings:
    shapes: list[FileShape]
    emptied: Counter[str] = field(default_factory=Counter)
    changes: list[str] = field(default_factory=list)


def load_table(
    connection: duckdb.DuckDBPyConnection,
    mapping: TableMapping,
    plan: LoadPlan,
    newest_order_day: date | None,
    load_id: str,
    folder: Path,
) -> TableLoad:
    """What became of the planned files; rows that wait for the second look lie in ``folder`` meanwhile."""
    source_name, table_name = mapping.source.name, mapping.table.name
    if not plan.files:
        return TableLoad(source_name, table_name, files_skipped=plan.skipped)
    register_plan(connection, plan)
    start_keys(connection, mapping)
    findings = _Findings(read_earlier_shapes(connection, mapping))
    appender = Appender(connection, mapping, newest_order_day, load_id)
    files: list[FileRowsOfTable | None] = []
    for index, planned in enumerate(plan.files):
        scratch = folder / f"{source_name}.{table_name}.{index}.parquet"
        with _naming(mapping, planned):
            files.append(_look_at(connection, mapping, planned, index, scratch, findings))
        appender.quarantine_malformed(index, planned)
    if any(planned.is_reread for planned in plan.files):
        require_successors(connection, mapping)
    warnings = _find_left_out(connection, plan, files)
    start_decisions(connection, mapping)
    suspicion = find_suspects(connection, mapping)
    if suspicion.has_suspects:
        start_suspects(connection, mapping)
        warnings += _decide(connection, mapping, plan, files, newest_order_day, load_id, suspicion)
    for rows, planned in zip(files, plan.files, strict=True):
        if rows is not None:
            with _naming(mapping, planned):
                appender.append_file(rows, planned)
        require_unchanged(planned.file.path, planned.seen)
    appender.append_departures()
    totals, rejections = write_ledger(connection, mapping, load_id), read_rejections(connection, mapping)
    warnings += [*_doubt_key(mapping, plan, totals), *_name_excused(mapping, rejections)]
    _clean_up(connection, folder)
    return TableLoad(
        source_name,
        table_name,
        files_loaded=tuple(planned.file.name for planned in plan.files),
        files_skipped=plan.skipped,
        totals=totals,
        rejections=rejections,
        changes=tuple(findings.changes),
        warnings=tuple(warnings),
        emptied=tuple(sorted(findings.emptied.items(), key=lambda item: (-item[1], item[0]))),
    )


def _doubt_key(mapping: TableMapping, plan: LoadPlan, totals: Totals) -> list[str]:
    """Rows of a first load that replace each other may be corrections; where they are many, the key is none."""
    is_first = all(planned.is_history and not planned.is_reread for planned in plan.files)
    if not is_first or totals.rows_replaced <= _REPLACED_SHARE * totals.rows_loaded:
        return []
    return [
        f"{totals.rows_replaced:,} of {totals.rows_loaded:,} rows of a first load replace another one of the same key; "
        f"look whether {', '.join(mapping.table.key)} tells rows apart"
    ]


def _name_excused(mapping: TableMapping, rejections: Rejections) -> list[str]:
    if not rejections.excused:
        return []
    worth = f" worth {rejections.excused_amount:,.2f}" if mapping.table.has_column("net_amount") else ""
    return [
        f"{several(rejections.excused, 'row')}{worth} put aside for a default date, or for naming nobody; look at "
        f"quarantine.{mapping.table.name}"
    ]


def _count_emptied(connection: duckdb.DuckDBPyConnection, rows: FileRowsOfTable, emptied: Counter[str]) -> None:
    """Count the values of a file that stand for nothing."""
    for bound in rows.binding.columns:
        if bound.conversion.is_emptied != "false":
            for word, count in connection.execute(rows.emptied(bound)).fetchall():
                emptied[f"{bound.column.name} {word!r}"] += count


def _look_at(
    connection: duckdb.DuckDBPyConnection,
    mapping: TableMapping,
    planned: PlannedFile,
    index: int,
    scratch: Path,
    findings: _Findings,
) -> FileRowsOfTable | None:
    """The rows of a file with their keys noted, and how it differs from all files before it; None of an empty one."""
    read = read_rows(connection, planned.file, mapping.config, scratch)
    findings.changes += [f"{planned.file.name}: {note}" for note in read.notes]
    if not read.column_types:  # a JSON lines file without a row has none
        return None
    rows = FileRowsOfTable(bind(connection, mapping, planned.file, read), index)
    note_keys(connection, rows)
    _count_emptied(connection, rows, findings.emptied)
    shape = describe_shape(connection, planned.file, read)
    found = find_changes(shape, findings.shapes, keep_extra=mapping.config.keep_extra)
    note_shape(connection, index, shape.to_json(), found)
    findings.changes += [f"{planned.file.name}: {change}" for change in found]
    if shape not in findings.shapes:
        findings.shapes.append(shape)
    return rows


def _find_left_out(
    connection: duckdb.DuckDBPyConnection, plan: LoadPlan, files: list[FileRowsOfTable | None]
) -> list[str]:
    """What the ``where`` of the table leaves out of the store, in words; in a complete list such rows have left."""
    warnings = []
    for rows, planned in zip(files, plan.files, strict=True):
        is_first = planned.is_history and not planned.is_said_history
        if rows is not None and not is_first and not rows.binding.mapping.config.complete:
            warnings += find_left_out(connection, rows, planned.file.name)
    return warnings


def _decide(
    connection: duckdb.DuckDBPyConnection,
    mapping: TableMapping,
    plan: LoadPlan,
    files: list[FileRowsOfTable | None],
    newest_order_day: date | None,
    load_id: str,
    suspicion: Suspicion,
) -> list[str]:
    """Fill DECISIONS with the rows that depend on others; what could not be told, in words."""
    present = [(rows, planned) for rows, planned in zip(files, plan.files, strict=True) if rows is not None]
    for rows, planned in present:
        with _naming(mapping, planned):
            note_suspects(connection, rows)
    find_stored_versions(connection, mapping, has_stored=suspicion.has_stored)
    find_verdicts(connection, mapping, has_positions=any(rows.has_positions for rows, _ in present))
    warnings = [*tell_verdicts(connection), *find_departures(connection, mapping, plan)]
    decide(connection, mapping, newest_order_day, load_id)
    return warnings


@contextmanager
def _naming(mapping: TableMapping, planned: PlannedFile) -> Iterator[None]:
    """Errors of DuckDB with the file that was read."""
    try:
        yield
    except duckdb.Error as error:
        raise LoadError(f"{mapping.place}: reading {planned.file.place} failed: {error}") from error


def _clean_up(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    for (name,) in connection.execute("select table_name from duckdb_tables() where temporary").fetchall():
        connection.execute(f"drop table temp.{name}")
    for path in folder.glob("*.parquet"):
        path.unlink()
