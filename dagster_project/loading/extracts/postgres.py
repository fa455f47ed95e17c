"""Rows of a PostgreSQL database, read in one read-only snapshot, each value as the text the server writes it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from dagster_project.loading.errors import LoadError, SourceError
from dagster_project.loading.extracts.origins import PostgresDatabase, expand
from dagster_project.loading.extracts.text_rows import BATCH_ROWS, Row

if TYPE_CHECKING:
    import psycopg

_CONNECT_TIMEOUT_SECONDS = 10


class PostgresReader:
    """One snapshot of a PostgreSQL database."""

    def __init__(self, connection: psycopg.Connection[Any], label: str, password: str | None) -> None:
        self._connection = connection
        self._password = password
        self.label = label

    def read(self, query: str) -> tuple[list[str], Iterator[list[Row]]]:
        """Names and rows of a query; raises LoadError when it cannot be run, also while rows are taken."""
        # COPY takes one query, but says no names and would run a second statement behind it. Prepared, the text
        # must be one query, and its columns are described without a row being read.
        described = f"select * from (\n{query}\n) as extract limit 0".encode()
        with _errors_named(self.label, self._password):
            columns = self._connection.execute(described, prepare=True).description or []
        return [column.name for column in columns], self._batches(query)

    def _batches(self, query: str) -> Iterator[list[Row]]:
        copy = f"copy (\n{query}\n) to stdout".encode()
        with (
            _errors_named(self.label, self._password),
            self._connection.cursor() as cursor,
            cursor.copy(copy) as rows,
        ):
            found = rows.rows()
            while batch := list(islice(found, BATCH_ROWS)):
                yield [*batch]


@contextmanager
def open_postgres(database: PostgresDatabase, place: str) -> Iterator[PostgresReader]:
    """A reader of the database; raises SourceError without the extra, LoadError when there is no connection."""
    try:
        import psycopg
    except ImportError as error:
        raise SourceError(
            f"{place}: PostgreSQL needs the extra `postgres`; install it: pip install -e '.[postgres]'"
        ) from error
    given = {"dbname": database.name, "host": database.host, "port": database.port, "user": database.user}
    settings = {key: expand(text, place) for key, text in given.items() if text is not None}
    password = expand(database.password, place) if database.password else None
    user, host, port = settings.get("user", ""), settings.get("host", "local socket"), settings.get("port", "")
    address = f"{'@'.join(filter(None, [user, host]))}{port and ':' + port}"
    label = _mask(f"PostgreSQL database {settings['dbname']} ({address})", password)
    with _errors_named(label, password):
        connection = psycopg.connect(
            **settings,
            password=password,
            sslmode=database.ssl_mode,
            connect_timeout=_CONNECT_TIMEOUT_SECONDS,
            client_encoding="utf8",
            application_name="customer segmentation, loading",
        )
    try:
        connection.read_only = True
        # All tables of a load from one state of the database.
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with _errors_named(label, password):
            # However the server or the user is set: text of times that cannot be misread.
            connection.execute("set datestyle to 'ISO, YMD'")
            connection.execute("set timezone to 'UTC'")
        yield PostgresReader(connection, label, password)
    finally:
        connection.close()


@contextmanager
def _errors_named(label: str, password: str | None) -> Iterator[None]:
    import psycopg

    try:
        yield
    except (psycopg.Error, UnicodeDecodeError) as error:
        message = str(error).strip()
        # Without its cause, whose own text might hold what is masked here.
        raise LoadError(f"{label}: {_mask(message, password)}; nothing of this load was stored") from None


def _mask(text: str, password: str | None) -> str:
    return text.replace(password, "***") if password else text
