"""Rows of an SQLite database, read in one snapshot and without the right to change anything."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from dagster_project.loading.errors import LoadError, SourceError
from dagster_project.loading.extracts.origins import SqliteDatabase, expand
from dagster_project.loading.extracts.text_rows import BATCH_ROWS, Row, decode

# A writer that holds the file for longer than this is reported.
_LOCK_TIMEOUT_SECONDS = 30

# What a query may do: look. Without this it could attach other files.
_ALLOWED = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE))


class SqliteReader:
    """One snapshot of an SQLite file."""

    def __init__(self, connection: sqlite3.Connection, label: str) -> None:
        self._connection = connection
        self.label = label

    def read(self, query: str) -> tuple[list[str], Iterator[list[Row]]]:
        """Names and rows of a query; raises LoadError when it cannot be run, also while rows are taken."""
        with _errors_named(self.label):
            cursor = self._connection.execute(query)
        if cursor.description is None:
            raise LoadError(f"{self.label}: {query!r} gives no rows; write a select")
        return [column[0] for column in cursor.description], self._batches(cursor)

    def _batches(self, cursor: sqlite3.Cursor) -> Iterator[list[Row]]:
        while True:
            with _errors_named(self.label):
                batch = cursor.fetchmany(BATCH_ROWS)
            if not batch:
                return
            yield batch


@contextmanager
def open_sqlite(database: SqliteDatabase, folder: Path, place: str) -> Iterator[SqliteReader]:
    """A reader of the file; raises SourceError when there is none, LoadError when it cannot be read."""
    path = (folder / Path(expand(database.path, f"{place}.path")).expanduser()).resolve()
    if not path.is_file():
        raise SourceError(f"{place}.path: {path} does not exist; correct it to where the SQLite file is")
    label = f"SQLite database {path}"
    with _errors_named(label):
        opened = sqlite3.connect(
            f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None, timeout=_LOCK_TIMEOUT_SECONDS
        )
    with closing(opened) as connection:
        connection.text_factory = decode
        with _errors_named(label):
            connection.execute("begin")  # all tables of a load from one state of the database
            connection.execute("select count(*) from sqlite_schema").fetchone()
        connection.set_authorizer(_authorize)
        yield SqliteReader(connection, label)


def _authorize(action: int, *_details: str | None) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


@contextmanager
def _errors_named(label: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise LoadError(f"{label}: {error}; nothing of this load was stored") from error
