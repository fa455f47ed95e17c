"""Sources into the raw tables, in one transaction: all of a load is stored, or nothing of it."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from pathlib import Path

import duckdb

from dagster_project.loading.accounting import Rejections, Totals, read_rejections, write_ledger
from dagster_project.loading.binding import TableMapping
from dagster_project.loading.contract import TABLES
from dagster_project.loading.errors import LoadError
from dagster_project.loading.expressions import ExpressionParser, parse_expressions
from dagster_project.loading.extracts.extract import fetch_extracts
from dagster_project.loading.files import fingerprint, require_content, require_unchanged
from dagster_project.loading.planning import (
    LoadPlan,
    find_newest_order_day,
    note_shape,
    plan_load,
    register_plan,
)
from dagster_project.loading.raw_schema import create_raw_schema
from dagster_project.loading.readers import read_rows
from dagster_project.loading.report import LoadReport, TableLoad
from dagster_project.loading.rereads import require_successors
from dagster_project.loading.shapes import describe_shape, find_changes, read_earlier_shapes
from dagster_project.loading.source import Source
from dagster_project.loading.sql_text import quote_text
from dagster_project.loading.staging import stage_file, start_staging
from dagster_project.loading.versions import append_rows, version_rows

# What the queries of a load depend on: UTC for instants, file order for row numbers.
_SESSION_SETTINGS = {"TimeZone": "UTC", "preserve_insertion_order": "true"}

# What to try first, by a sign of it in the reasons.
_ADVICE = {
    "is no time between": "Times are read as 2024-05-01 13:45; others need strptime, epoch numbers to_timestamp. ",
    "broken quotes": 'Where values are never quoted, say `csv: {quote: ""}`. ',
}

_TEMPORARY_TABLES = (
    "file_rows",
    "malformed_records",
    "csv_records",
    "json_lines",
    "staged_rows",
    "keys_of_other_sources",
    "load_files",
    "stored_versions",
    "versioned_rows",
)


def load_sources(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], *, loaded_at: datetime, load_id: str
) -> LoadReport:
    """Load what is new in the files of ``sources``; the report has one entry per source and raw table.

    ``loaded_at`` is naive UTC. Later files of one raw table are stamped a microsecond later each, and no
    stamp is older than what is stored, so that (loaded_at, source_row) orders the versions of every key.

    Raises SourceError when a source does not fit its files, LoadError when a file cannot be read or more
    rows are broken than allowed; either way nothing of the load is stored.
    """
    mappings = _parse_mappings(connection, sources)
    with (
        fetch_extracts(sources, _extracts_folder(connection)) as extracts,
        _session(connection),
        _transaction(connection),
    ):
        create_raw_schema(connection)
        newest_order_day = find_newest_order_day(connection, sources[0])
        look_at = cache(fingerprint)  # one file may fill several tables
        loads = []
        for mapping in mappings:
            files = extracts.files(mapping.source, mapping.table.name)
            require_content(mapping.source, mapping.table.name, files)
            plan = plan_load(connection, mapping, files, loaded_at, look_at)
            loads.append(_load_table(connection, mapping, plan, newest_order_day, load_id))
        _require_few_rejections(mappings, loads)
        return LoadReport(load_id, tuple(loads))


def _extracts_folder(connection: duckdb.DuckDBPyConnection) -> Path:
    """Beside the warehouse's file, where there is room, and where whoever holds that file is alone."""
    row = connection.execute("select path from duckdb_databases() where database_name = current_database()").fetchone()
    if row and row[0]:
        return Path(f"{row[0]}.extracts")
    return Path(tempfile.mkdtemp(prefix="segments-extracts-"))


def _parse_mappings(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> list[TableMapping]:
    parser = ExpressionParser(connection)
    return [
        TableMapping(source, table, parse_expressions(parser, source, table.name))
        for source in sources
        for table in TABLES.values()
        if table.name in source.tables
    ]


def _load_table(
    connection: duckdb.DuckDBPyConnection,
    mapping: TableMapping,
    plan: LoadPlan,
    newest_order_day: date | None,
    load_id: str,
) -> TableLoad:
    totals, rejections = Totals(), Rejections()
    changes: list[str] = []
    if plan.files:
        register_plan(connection, plan)
        start_staging(connection, mapping)
        changes = _stage_files(connection, mapping, plan)
        require_successors(connection, mapping)
        version_rows(connection, mapping, newest_order_day, load_id)
        append_rows(connection, mapping, load_id)
        totals, rejections = write_ledger(connection, mapping, load_id), read_rejections(connection)
        _drop_temporary_tables(connection)
    return TableLoad(
        source_name=mapping.source.name,
        table_name=mapping.table.name,
        files_loaded=tuple(planned.file.name for planned in plan.files),
        files_skipped=plan.skipped,
        totals=totals,
        rejections=rejections,
        changes=tuple(changes),
    )


def _stage_files(connection: duckdb.DuckDBPyConnection, mapping: TableMapping, plan: LoadPlan) -> list[str]:
    """Stage the planned files one by one; how they differ from all files before them, with their names."""
    shapes, changes = read_earlier_shapes(connection, mapping), list[str]()
    for index, planned in enumerate(plan.files):
        rows = read_rows(connection, planned.file, mapping.config)
        stage_file(connection, mapping, planned.file, rows, index)
        changes += [f"{planned.file.name}: {note}" for note in rows.notes]
        if rows.column_types:
            shape = describe_shape(connection, planned.file, rows)
            found = find_changes(shape, shapes, keep_extra=mapping.config.keep_extra)
            note_shape(connection, index, shape.to_json(), found)
            changes += [f"{planned.file.name}: {change}" for change in found]
            if shape not in shapes:
                shapes.append(shape)
        require_unchanged(planned.file.path, planned.seen)
    return changes


def _require_few_rejections(mappings: Sequence[TableMapping], loads: Sequence[TableLoad]) -> None:
    problems = []
    for mapping, load in zip(mappings, loads, strict=True):
        allowed = mapping.source.rejected_share_allowed(mapping.table)
        rejected, read = load.totals.rows_quarantined, load.totals.rows_read
        if rejected > allowed * read:
            examples = " | ".join(load.rejections.examples)
            advice = [advice for sign, advice in _ADVICE.items() if sign in examples]
            problems.append(
                f"{mapping.place}: {rejected:,} of {read:,} rows ({rejected / read:.1%}) break the contract, "
                f"allowed are {allowed:.1%}; e.g. {examples}. {''.join(advice)}Correct the "
                "file or the mapping, or raise max_rejected_share"
            )
    if problems:
        raise LoadError("\n".join([*problems, "Nothing of this load was stored."]))


def _drop_temporary_tables(connection: duckdb.DuckDBPyConnection) -> None:
    for name in _TEMPORARY_TABLES:
        connection.execute(f"drop table if exists temp.{name}")


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


@contextmanager
def _session(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """The settings a load depends on, put back afterwards."""
    before = {
        name: connection.execute("select current_setting(?)", [name]).fetchall()[0][0] for name in _SESSION_SETTINGS
    }
    try:
        for name, value in _SESSION_SETTINGS.items():
            connection.execute(f"set {name} = {quote_text(value)}")
        yield
    finally:
        for name, value in before.items():
            connection.execute(f"set {name} = {quote_text(str(value))}")
