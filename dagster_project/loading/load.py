"""Sources into the raw tables, in one transaction: all of a load is stored, or nothing of it."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path

import duckdb

from dagster_project.loading.binding import TableMapping
from dagster_project.loading.contract import TABLES
from dagster_project.loading.errors import LoadError
from dagster_project.loading.expressions import ExpressionParser, parse_expressions
from dagster_project.loading.extracts.extract import fetch_extracts
from dagster_project.loading.files import fingerprint, require_content
from dagster_project.loading.order_totals import find_lines_without_order, find_total_gaps
from dagster_project.loading.planning import find_newest_order_day, plan_load
from dagster_project.loading.raw_schema import create_raw_schema
from dagster_project.loading.report import LoadReport, TableLoad
from dagster_project.loading.source import Source
from dagster_project.loading.sql_text import quote_text
from dagster_project.loading.table_load import load_table

# What the queries of a load depend on: UTC for instants, file order for row numbers, and no conclusions from a Parquet
# file's statistics: they leave NaN out, and DuckDB would take a cast that fails on NaN for one that cannot fail.
_SESSION_SETTINGS = {
    "TimeZone": "UTC",
    "preserve_insertion_order": "true",
    "disabled_optimizers": "statistics_propagation",
}

# Rows of default dates and of nobody are no sign of a broken file unless they are most of it.
_EXCUSED_SHARE = 0.5

# What to try first, by a sign of it in the reasons.
_ADVICE = {
    "is no time between": "Times are read as 2024-05-01 13:45; others need strptime, epoch numbers to_timestamp. ",
    "customer_id is missing": "Where orders without a customer are those of guests, say coalesce(customer, 'guest'). ",
    "is no number of money": 'Decimal commas need `csv: {decimal: ","}`. ',
    "columns instead of": "Title lines above the header are left out by `csv: {skip: 1}`. ",
    "broken quotes": 'Where values are never quoted, say `csv: {quote: ""}`. ',
    "already loaded by source": "Where two shops count alike, `id_prefix: web-` in one of the sources keeps their "
    "orders apart; where two sources tell of one shop's orders, give both the same `shop`. ",
    "order_id '": "Where numbers begin again, make the identifier of the number and of what it belongs to, such "
    "as concat_ws('-', till, day, receipt); where the first row of an order is right, say `keep: first`. ",
}


def load_sources(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[Source],
    *,
    loaded_at: datetime,
    load_id: str,
    is_history: bool = False,
) -> LoadReport:
    """Load what is new in the files of ``sources``; the report has one entry per source and raw table.

    ``loaded_at`` is naive UTC. Later files of one raw table are stamped a microsecond later each, and no
    stamp is older than what is stored, so that (loaded_at, source_row) orders the versions of every key. With
    ``is_history``, what the files say counts as known since it occurred, also what was loaded as news before.

    Raises SourceError when a source does not fit its files, LoadError when a file cannot be read or more
    rows are broken than allowed; either way nothing of the load is stored.
    """
    mappings = _parse_mappings(connection, sources)
    with (
        _working_folder(connection) as folder,
        fetch_extracts(sources, folder / "extracts") as extracts,
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
            plan = plan_load(connection, mapping, files, loaded_at, look_at, is_history=is_history)
            loads.append(load_table(connection, mapping, plan, newest_order_day, load_id, folder))
        _require_few_rejections(mappings, loads)
        gaps = [*find_total_gaps(connection, load_id), *find_lines_without_order(connection, load_id)]
        return LoadReport(load_id, tuple(loads), tuple(gaps))


@contextmanager
def _working_folder(connection: duckdb.DuckDBPyConnection) -> Iterator[Path]:
    """Beside the warehouse's file, where there is room, and where whoever holds that file is alone."""
    row = connection.execute("select path from duckdb_databases() where database_name = current_database()").fetchone()
    folder = Path(f"{row[0]}.loading") if row and row[0] else Path(tempfile.mkdtemp(prefix="segments-loading-"))
    shutil.rmtree(folder, ignore_errors=True)  # what a killed load left
    folder.mkdir(mode=0o700, parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _parse_mappings(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> list[TableMapping]:
    parser = ExpressionParser(connection)
    shops: dict[str, set[str]] = {}
    for source in sources:
        shops.setdefault(source.shop_name, set()).add(source.name)
    return [
        TableMapping(source, table, parse_expressions(parser, source, table.name), frozenset(shops[source.shop_name]))
        for source in sources
        for table in TABLES.values()
        if table.name in source.tables
    ]


def _require_few_rejections(mappings: Sequence[TableMapping], loads: Sequence[TableLoad]) -> None:
    problems = []
    for mapping, load in zip(mappings, loads, strict=True):
        allowed = mapping.source.rejected_share_allowed(mapping.table)
        rejected, read = load.totals.rows_quarantined, load.totals.rows_read
        excused = load.rejections.excused if allowed and load.rejections.excused <= _EXCUSED_SHARE * read else 0
        if rejected - excused > allowed * read:
            examples = " | ".join(load.rejections.examples)
            advice = [advice for sign, advice in _ADVICE.items() if sign in examples]
            problems.append(
                f"{mapping.place}: {rejected:,} of {read:,} rows ({rejected / read:.1%}) break the contract, "
                f"allowed are {allowed:.1%}; e.g. {examples}. {''.join(advice)}Correct the "
                "file or the mapping, or raise max_rejected_share"
            )
    if problems:
        raise LoadError("\n".join([*problems, "Nothing of this load was stored."]))


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
