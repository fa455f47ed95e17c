"""Which files a load reads for a raw table, which it passes over, and since when each was known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path

import duckdb

from dagster_project.loading.binding import TableMapping
from dagster_project.loading.errors import LoadError
from dagster_project.loading.files import Fingerprint, SourceFile
from dagster_project.loading.source import Source
from dagster_project.loading.sql_text import quote_text

# One row per file that is read for the raw table at hand.
LOAD_FILES = "temp.load_files"

_TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class StoredState:
    """What a raw table holds before a load: whether nothing yet of the source, and the newest stamp of any."""

    is_empty: bool
    last_loaded_at: datetime | None


@dataclass(frozen=True)
class PlannedFile:
    """A file to read.

    ``known_since`` is when its content was first loaded, ``is_history`` whether its rows count as known since they
    occurred (the source's first load of the table, or somebody says so: ``is_said_history``), ``is_reread`` whether
    it was loaded before.
    """

    file: SourceFile
    seen: Fingerprint
    loaded_at: datetime
    known_since: datetime
    is_history: bool
    is_said_history: bool
    is_reread: bool


@dataclass(frozen=True)
class LoadPlan:
    """The files to read in the order of their versions, and those loaded already."""

    files: tuple[PlannedFile, ...]
    skipped: tuple[str, ...]


@dataclass(frozen=True)
class _EarlierLoad:
    file_name: str
    mapping_hash: str
    loaded_at: datetime
    is_history: bool


def plan_load(
    connection: duckdb.DuckDBPyConnection,
    mapping: TableMapping,
    files: Sequence[SourceFile],
    loaded_at: datetime,
    look_at: Callable[[Path], Fingerprint],
    *,
    is_history: bool = False,
) -> LoadPlan:
    """The plan for the files of one source and raw table; a content that this mapping has loaded is passed over.

    With ``is_history``, all files are history, and so are those that the table's ``history`` names: of them, what was
    loaded as news is read again.
    """
    stored = _read_stored_state(connection, mapping)
    mapping_hash = mapping.source.mapping_hash(mapping.table.name)
    earlier = _earlier_loads(connection, mapping)
    newest_of_name = _newest_contents(earlier)
    follows = _follow_history(mapping, files, earlier, look_at, is_history=is_history)
    to_read: dict[str, tuple[SourceFile, Fingerprint]] = {}
    skipped: list[str] = []
    for file in files:
        seen = look_at(file.path)
        if newest_of_name.get(file.name, seen.content_hash) != seen.content_hash:
            # The file said something else in between, so what it says now is news, even if it said so before.
            earlier.pop(seen.content_hash, None)
        loads = [load for load in earlier.get(seen.content_hash, []) if load.mapping_hash == mapping_hash]
        if (loads and seen.content_hash not in follows) or seen.content_hash in to_read:
            skipped.append(file.name)
        else:
            to_read[seen.content_hash] = (file, seen)
    # Contents read again come in the order in which they first came, so that corrections stay the later ones.
    ordered = sorted(to_read.values(), key=lambda item: _first_load(earlier, item[1], loaded_at).loaded_at)
    start = loaded_at if stored.last_loaded_at is None else max(loaded_at, stored.last_loaded_at + _TICK)
    planned = [
        _plan_file(
            file,
            seen,
            earlier,
            stored,
            start + position * _TICK,
            is_said_history=is_history or _is_named_history(mapping, file),
        )
        for position, (file, seen) in enumerate(ordered)
    ]
    return LoadPlan(tuple(planned), tuple(skipped))


def register_plan(connection: duckdb.DuckDBPyConnection, plan: LoadPlan) -> None:
    """Make LOAD_FILES, the plan as a table for the queries of the load."""
    connection.execute(
        f"create or replace temp table {LOAD_FILES} (file_index bigint, source_file varchar, "
        "content_hash varchar, bytes bigint, loaded_at timestamp, known_since timestamp, "
        "is_history boolean, is_said_history boolean, is_reread boolean, file_shape json, changes varchar)"
    )
    rows = [
        (
            index,
            planned.file.name,
            planned.seen.content_hash,
            planned.seen.size,
            planned.loaded_at,
            planned.known_since,
            planned.is_history,
            planned.is_said_history,
            planned.is_reread,
        )
        for index, planned in enumerate(plan.files)
    ]
    connection.executemany(f"insert into {LOAD_FILES} values (?, ?, ?, ?, ?, ?, ?, ?, ?, null, null)", rows)


def note_shape(connection: duckdb.DuckDBPyConnection, file_index: int, shape: str, changes: Sequence[str]) -> None:
    """Keep with a planned file what it looks like and how that differs from earlier files."""
    connection.execute(
        f"update {LOAD_FILES} set file_shape = ?, changes = nullif(?, '') where file_index = ?",
        [shape, "; ".join(changes), file_index],
    )


def business_day(column: str, source: Source) -> str:
    """SQL of the shop's calendar day of a UTC timestamp column."""
    zone = quote_text(source.time_zone)
    return f"cast(timezone({zone}, timezone('UTC', {column})) as date)"


def find_newest_order_day(connection: duckdb.DuckDBPyConnection, source: Source) -> date | None:
    """The newest business day with a stored order, of any source; None before the first one.

    As-of dates up to the day before it may have been scored: only what happened on it or later is in order.
    """
    newest = (
        "select max(ordered_at) as ordered_at from raw.orders "
        "union all select max(ordered_at) as ordered_at from raw.order_lines"
    )
    return connection.execute(f"select max({business_day('ordered_at', source)}) from ({newest})").fetchall()[0][0]


def _read_stored_state(connection: duckdb.DuckDBPyConnection, mapping: TableMapping) -> StoredState:
    row = connection.execute(
        f"select count(*) filter (source_name = ?) = 0, max(loaded_at) from raw.{mapping.table.name}",
        [mapping.source.name],
    ).fetchall()[0]
    return StoredState(*row)


def _plan_file(
    file: SourceFile,
    seen: Fingerprint,
    earlier: dict[str, list[_EarlierLoad]],
    stored: StoredState,
    stamp: datetime,
    *,
    is_said_history: bool,
) -> PlannedFile:
    is_reread = seen.content_hash in earlier
    first = _first_load(earlier, seen, stamp)
    return PlannedFile(
        file=file,
        seen=seen,
        loaded_at=stamp,
        known_since=first.loaded_at,
        is_history=is_said_history or (first.is_history if is_reread else stored.is_empty),
        is_said_history=is_said_history,
        is_reread=is_reread,
    )


def _follow_history(
    mapping: TableMapping,
    files: Sequence[SourceFile],
    earlier: dict[str, list[_EarlierLoad]],
    look_at: Callable[[Path], Fingerprint],
    *,
    is_history: bool,
) -> set[str]:
    """The contents that were loaded as news and are history now, and all that was loaded after the first of them.

    What came later is read again behind them, or what they say would count as the newest. Raises LoadError when a file
    that came later is not there any more.
    """
    present = {look_at(file.path).content_hash: file for file in files}
    loaded = {content: min(load.loaded_at for load in loads) for content, loads in earlier.items()}
    become = [
        loaded[content]
        for content, file in present.items()
        if content in earlier
        and not any(load.is_history for load in earlier[content])
        and (is_history or _is_named_history(mapping, file))
    ]
    if not become:
        return set()
    follows = {content for content, loaded_at in loaded.items() if loaded_at >= min(become)}
    missing = sorted({load.file_name for content in follows - present.keys() for load in earlier[content]})
    if missing:
        raise LoadError(
            f"{mapping.place}: what is to become history was followed by {len(missing):,} files that are not there any "
            f"more as they were, e.g. {missing[:3]}, and would count as newer than they; bring them back, or load "
            "everything into a new SEGMENTS_HOME"
        )
    return follows


def _is_named_history(mapping: TableMapping, file: SourceFile) -> bool:
    return any(fnmatchcase(file.name, pattern) for pattern in mapping.config.history)


def _first_load(earlier: dict[str, list[_EarlierLoad]], seen: Fingerprint, now: datetime) -> _EarlierLoad:
    loads = earlier.get(seen.content_hash)
    return min(loads, key=lambda load: load.loaded_at) if loads else _EarlierLoad("", "", now, False)


def _newest_contents(earlier: dict[str, list[_EarlierLoad]]) -> dict[str, str]:
    """The content that was loaded last under each name."""
    loads = [(load.loaded_at, load.file_name, content) for content, same in earlier.items() for load in same]
    return {name: content for _, name, content in sorted(loads)}


def _earlier_loads(connection: duckdb.DuckDBPyConnection, mapping: TableMapping) -> dict[str, list[_EarlierLoad]]:
    rows = connection.execute(
        "select content_hash, source_file, mapping_hash, loaded_at, is_history from ops.load_ledger "
        "where source_name = ? and table_name = ?",
        [mapping.source.name, mapping.table.name],
    ).fetchall()
    loads: dict[str, list[_EarlierLoad]] = {}
    for content_hash, *facts in rows:
        loads.setdefault(content_hash, []).append(_EarlierLoad(*facts))
    return loads
