"""Fetches what the sources without a folder hold, each table into a file of its own that lives as long as the load."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from dagster_project.loading.extracts.api import fetch_api
from dagster_project.loading.extracts.origins import Database, SqliteDatabase
from dagster_project.loading.extracts.postgres import open_postgres
from dagster_project.loading.extracts.sqlite import open_sqlite
from dagster_project.loading.extracts.text_rows import Row, write_rows
from dagster_project.loading.file_rows import require_distinct
from dagster_project.loading.files import EXTRACT, SourceFile, find_files
from dagster_project.loading.source import Source, SourceTable
from dagster_project.loading.sql_text import quote_name


class _Reader(Protocol):
    label: str

    def read(self, query: str) -> tuple[list[str], Iterator[list[Row]]]: ...


class Extracts:
    """The files of every source, those of databases and APIs fetched."""

    def __init__(self, fetched: Mapping[tuple[str, str], SourceFile]) -> None:
        self._fetched = fetched

    def files(self, source: Source, table_name: str) -> list[SourceFile]:
        """The files that fill a table; raises SourceError when a folder has none of them."""
        fetched = self._fetched.get((source.name, table_name))
        return [fetched] if fetched else find_files(source, table_name)


@contextmanager
def fetch_extracts(sources: Sequence[Source], folder: Path) -> Iterator[Extracts]:
    """The files of ``sources``; those made here lie in ``folder``, which is emptied before and removed behind it.

    Raises SourceError or LoadError naming the source and what could not be fetched.
    """
    shutil.rmtree(folder, ignore_errors=True)  # what a killed load left
    try:
        fetched: dict[tuple[str, str], SourceFile] = {}
        for source in sources:
            if source.database is not None or source.api is not None:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if source.database is not None:
                fetched |= _fetch_database(source, source.database, folder)
            if source.api is not None:
                fetched |= fetch_api(source, source.api, folder)
        yield Extracts(fetched)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetch_database(source: Source, database: Database, folder: Path) -> dict[tuple[str, str], SourceFile]:
    fetched = {}
    with _open(source, database) as reader:
        for table_name, config in source.tables.items():
            name = config.table or f"query of {table_name}"
            names, batches = reader.read(_query(config))
            file = SourceFile(
                folder / f"{source.name}.{table_name}.parquet", name, EXTRACT, f"{name} of {reader.label}"
            )
            require_distinct(file, names)
            write_rows(file.path, names, batches)
            fetched[source.name, table_name] = file
    return fetched


def _open(source: Source, database: Database) -> AbstractContextManager[_Reader]:
    place = f"{source.yaml_path}: database"
    if isinstance(database, SqliteDatabase):
        return open_sqlite(database, source.yaml_path.parent, place)
    return open_postgres(database, place)


def _query(config: SourceTable) -> str:
    if config.query is not None:
        return config.query.rstrip().removesuffix(";")
    return "select * from " + ".".join(quote_name(part) for part in (config.table or "").split("."))
