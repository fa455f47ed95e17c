"""Makes a whole set of tables visible at once, as an immutable folder behind the link ``current``.

A generation is written to a draft folder, made durable, renamed, and announced by swapping the link. Before
the swap nobody sees it; after it, readers that hold the old files go on reading them undisturbed. A publish
that dies leaves at most a draft, which the next one removes. The reasons and figures are in
docs/decisions/0003-published-generations.md.
"""

import errno
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dagster_project.file_lock import exclusive_lock, sync_folder
from dagster_project.publishing.manifest import Manifest, RunFacts, describe_file, write_manifest
from dagster_project.publishing.tables import PUBLISHED_SCHEMA, list_relations, write_tables
from dagster_project.warehouse import Connection, quote_identifier, require_free_space

CURRENT = "current"

# Everything that starts with a dot is a publish's own and is never read.
_LOCK = ".publish.lock"
_DRAFT_PREFIX = ".draft-"
_REMOVED_PREFIX = ".removed-"
_LINK_PREFIX = ".current-"
_STALE_PREFIXES = (_DRAFT_PREFIX, _REMOVED_PREFIX, _LINK_PREFIX)

# Measured: 6.4 bytes a value for DuckDB and Parquet together, where most columns are texts and sentences.
_BYTES_PER_VALUE = 16
# A DuckDB file takes whole blocks of 256 KiB: 1.3 MB for three small tables.
_BYTES_PER_TABLE = 1 << 20
# A generation is rarely much larger than the one before it.
_GROWTH = 1.5

_DISK_FULL_ERRNOS = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}
_DISK_FULL_TEXTS = tuple(os.strerror(code) for code in _DISK_FULL_ERRNOS)


@dataclass(frozen=True)
class PublishedGeneration:
    """A generation that ``current`` leads to, and the names of the old ones removed for it."""

    folder: Path
    manifest: Manifest
    removed: tuple[str, ...]


def name_generation(created_at: datetime, run_id: str) -> str:
    """A name that sorts by time and tells two runs of the same second apart."""
    return f"{created_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{run_id[:8]}"


def publish_generation(
    connection: Connection,
    *,
    published_folder: Path,
    generation: str,
    facts: RunFacts,
    keep: int,
    sort_keys: Mapping[str, Sequence[str]] | None = None,
) -> PublishedGeneration:
    """Publishes every table of schema ``segments``, and keeps the ``keep`` newest generations.

    Raises OSError (ENOSPC) when the disk is too small and FileExistsError when ``generation`` is the current
    one already. Until the link is swapped, any failure leaves the generation from before as it was.
    """
    _require_plain_name(generation)
    with exclusive_lock(published_folder / _LOCK):
        _sweep(published_folder)
        current = _linked_folder(published_folder)
        if current is not None and current.is_dir() and current.name == generation:
            raise FileExistsError(f"{current} is published already; a generation is never written twice")
        bytes_needed = _estimate_bytes(connection, current)
        require_free_space(published_folder, bytes_needed)
        draft = published_folder / f"{_DRAFT_PREFIX}{generation}"
        try:
            manifest = _write_draft(connection, draft, generation, facts, sort_keys or {})
        except BaseException as error:
            shutil.rmtree(draft, ignore_errors=True)
            if _is_disk_full(error):
                raise OSError(errno.ENOSPC, _explain_full_disk(published_folder, bytes_needed)) from error
            raise
        folder = _announce(published_folder, draft, generation)
        return PublishedGeneration(folder, manifest, _prune(published_folder, folder, keep))


def current_generation(published_folder: Path) -> Path | None:
    """The folder that ``current`` leads to; None before the first publish.

    Raises FileNotFoundError when the link leads nowhere, which no publish leaves behind.
    """
    folder = _linked_folder(published_folder)
    if folder is not None and not folder.is_dir():
        raise FileNotFoundError(
            f"{published_folder / CURRENT} leads to {folder}, which does not exist; publish again (make run)"
        )
    return folder


def list_generations(published_folder: Path) -> list[Path]:
    """The folders of all whole generations, oldest first."""
    return sorted(path for path in published_folder.glob("[!.]*") if path.is_dir() and not path.is_symlink())


def _linked_folder(published_folder: Path) -> Path | None:
    link = published_folder / CURRENT
    return published_folder / os.readlink(link) if link.is_symlink() else None


def _write_draft(
    connection: Connection,
    draft: Path,
    generation: str,
    facts: RunFacts,
    sort_keys: Mapping[str, Sequence[str]],
) -> Manifest:
    draft.mkdir()
    tables = write_tables(connection, draft, generation=generation, facts=facts, sort_keys=sort_keys)
    files = {str(path.relative_to(draft)): describe_file(path) for path in _files_in(draft)}
    manifest = Manifest(generation=generation, tables=tables, files=files, **facts.model_dump())
    write_manifest(draft, manifest)
    for path in _files_in(draft):
        _seal(path)
    for folder in [draft, *(path for path in draft.rglob("*") if path.is_dir())]:
        sync_folder(folder)
    return manifest


def _seal(path: Path) -> None:
    # A client that opens the file for writing by mistake fails by itself instead of locking others out.
    path.chmod(0o444)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _announce(published_folder: Path, draft: Path, generation: str) -> Path:
    folder = published_folder / generation
    if folder.exists():
        # A publish of this name died between its rename and its swap.
        _remove(folder)
    draft.rename(folder)
    sync_folder(published_folder)
    link = published_folder / f"{_LINK_PREFIX}{generation}"
    link.symlink_to(generation)
    os.replace(link, published_folder / CURRENT)
    sync_folder(published_folder)
    return folder


def _prune(published_folder: Path, current: Path, keep: int) -> tuple[str, ...]:
    generations = list_generations(published_folder)
    outdated = [folder for folder in generations[: max(len(generations) - keep, 0)] if folder != current]
    for folder in outdated:
        _remove(folder)
    return tuple(folder.name for folder in outdated)


def _remove(folder: Path) -> None:
    # Renamed first: a removal that dies half way must not leave something that looks like a generation.
    removed = folder.with_name(f"{_REMOVED_PREFIX}{folder.name}")
    folder.rename(removed)
    shutil.rmtree(removed)


def _sweep(published_folder: Path) -> None:
    for path in published_folder.iterdir():
        if path.is_symlink() and path.name.startswith(_STALE_PREFIXES):
            path.unlink()
        elif path.name.startswith(_STALE_PREFIXES):
            shutil.rmtree(path)


def _files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _estimate_bytes(connection: Connection, current: Path | None) -> int:
    relations = list_relations(connection)
    values = 0
    for relation in relations:
        table = f"{PUBLISHED_SCHEMA}.{quote_identifier(relation.name)}"
        row = connection.execute(f"select count(*) from {table}").fetchone()
        values += len(relation.columns) * (row[0] if row else 0)
    previous = sum(path.stat().st_size for path in _files_in(current)) if current else 0
    return max(values * _BYTES_PER_VALUE, int(previous * _GROWTH)) + len(relations) * _BYTES_PER_TABLE


def _require_plain_name(generation: str) -> None:
    if not generation.replace("-", "").isalnum() or generation == CURRENT:
        raise ValueError(f"{generation!r} is no name for a generation; use letters, digits and dashes")


def _is_disk_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in _DISK_FULL_ERRNOS:
        return True
    return any(text in str(error) for text in _DISK_FULL_TEXTS)


def _explain_full_disk(published_folder: Path, bytes_needed: int) -> str:
    free = shutil.disk_usage(published_folder).free
    return (
        f"The disk of {published_folder} ran full: a generation needs about {bytes_needed:,} bytes, {free:,} "
        "are free. Nothing was published and the draft is removed; free some space and run again"
    )
