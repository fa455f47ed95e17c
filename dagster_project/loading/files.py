"""The files of a source: where its folder is, which files a table is made from, what is in them."""

import hashlib
import importlib.util
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dagster_project.loading.errors import LoadError, SourceError
from dagster_project.loading.file_bytes import is_blank, name_in_archive
from dagster_project.loading.source import Source
from dagster_project.settings import SettingsError, expand_variables

# The format of files that were fetched from a database or an API.
EXTRACT = "extract"

_PACKAGE_PREFIX = "package:"
_PACKED = (".gz", ".gzip", ".zip")
_FORMAT_BY_ENDING = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}


@dataclass(frozen=True)
class SourceFile:
    """A file of a source: ``name`` is its path relative to the source's folder.

    Of a file that was fetched, ``name`` is the table or query, and ``fetched_from`` says of what.
    """

    path: Path
    name: str
    format: str
    fetched_from: str | None = None

    @property
    def place(self) -> str:
        """What a person knows the file by."""
        return self.fetched_from or str(self.path)


@dataclass(frozen=True)
class Fingerprint:
    """What a file held when it was looked at."""

    content_hash: str
    size: int
    modified_ns: int


def resolve_folder(source: Source) -> Path:
    """The folder of a source's files; raises SourceError when a variable or package it names is missing."""
    try:
        folder = expand_variables(source.folder or "")
    except SettingsError as error:
        raise SourceError(f"{source.yaml_path}: folder: {error}") from error
    if folder.startswith(_PACKAGE_PREFIX):
        return _package_folder(source, folder.removeprefix(_PACKAGE_PREFIX))
    return (source.yaml_path.parent / Path(folder).expanduser()).resolve()


def find_files(source: Source, table_name: str) -> list[SourceFile]:
    """The files that fill a table, numbers in their names counted as numbers (part2 before part10).

    A source without a folder has none. Raises SourceError when there are none, unless the table is optional.
    """
    if source.folder is None:
        return []
    folder, config = resolve_folder(source), source.tables[table_name]
    paths = {path for pattern in config.files for path in folder.glob(pattern) if path.is_file()}
    if not paths and not config.optional:
        raise SourceError(
            f"{source.yaml_path}: tables.{table_name}.files: no file matches {', '.join(config.files)} in "
            f"{folder}; correct `folder` or `files`, or say `optional: true`"
        )
    files = [_source_file(source, table_name, path, folder) for path in paths]
    return sorted(files, key=lambda file: _natural_order(file.name))


def require_content(source: Source, table_name: str, files: Sequence[SourceFile]) -> None:
    """Raise SourceError when all of a table's delimited files are empty, unless the table is optional."""
    if not files or source.tables[table_name].optional:
        return
    if all(file.format == "csv" and is_blank(file.path) for file in files):
        shown = ", ".join(file.name for file in files[:3])
        raise SourceError(
            f"{source.yaml_path}: tables.{table_name}.files: every file is empty, not even a header is there "
            f"({len(files)}: {shown}); export them anew, or say `optional: true`"
        )


def fingerprint(path: Path) -> Fingerprint:
    """SHA-256, size and modification time of a file."""
    stat = path.stat()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Fingerprint(digest, stat.st_size, stat.st_mtime_ns)


def require_unchanged(path: Path, seen: Fingerprint) -> None:
    """Raise LoadError when a file was written to since its fingerprint was taken."""
    stat = path.stat()
    if (stat.st_size, stat.st_mtime_ns) != (seen.size, seen.modified_ns):
        raise LoadError(f"{path} was changed while it was read; load again when whatever writes it has ended")


def _package_folder(source: Source, reference: str) -> Path:
    name, _, below = reference.partition("/")
    spec = importlib.util.find_spec(name) if name.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise SourceError(f"{source.yaml_path}: folder: the package {name!r} is not installed; install it with pip")
    return Path(spec.submodule_search_locations[0]) / below


def _source_file(source: Source, table_name: str, path: Path, folder: Path) -> SourceFile:
    endings = _endings(path.name) or _endings(name_in_archive(path))
    file_format = source.tables[table_name].format or _FORMAT_BY_ENDING.get(endings[-1] if endings else "")
    if file_format is None:
        raise SourceError(
            f"{source.yaml_path}: tables.{table_name}: the ending of {path.name} tells no format; "
            "say `format: parquet`, `csv` or `jsonl`"
        )
    return SourceFile(path, path.relative_to(folder).as_posix(), file_format)


def _endings(name: str) -> list[str]:
    return [ending.lower() for ending in Path(name).suffixes if ending.lower() not in _PACKED]


def _natural_order(name: str) -> list[tuple[int, int, str]]:
    parts = re.split(r"(\d+)", name)
    return [(0, int(part), part) if part.isdigit() else (1, 0, part) for part in parts]
