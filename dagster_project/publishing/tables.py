"""Copies the tables of the published schema into files of their own: one DuckDB file, and Parquet.

The DuckDB file keeps the oldest storage version, so that every client from 1.0 on opens it. Its tables lie
in its schema ``main``: in a file that is called segments.duckdb, DuckDB takes ``segments.<table>`` for
"catalog segments", and a schema of the same name would make that ambiguous.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from dagster_project.publishing.manifest import RunFacts, TableFacts
from dagster_project.warehouse import Connection, DatabaseError, quote_identifier, quote_literal

PUBLISHED_SCHEMA = "segments"
DATABASE_NAME = "segments.duckdb"
PARQUET_FOLDER = "parquet"
MANIFEST_TABLE = "manifest"
STORAGE_VERSION = "v1.0.0"

# Columns that differ between two runs on the same data.
RUN_STAMPS = frozenset({"computed_at", "generation", "run_id"})

_DRAFT = "published_draft"

_MANIFEST_COMMENTS = {
    "generation": "Name of the generation that this file is; the same in every row",
    "as_of_date": "Day up to whose end the published tables know what happened",
    "created_at": "When the generation was made, in UTC",
    "run_id": "Dagster run that made the generation",
    "model_versions": "JSON object: the model version behind each published result",
    "table_name": "Published table that this row describes",
    "row_count": "Rows of that table",
    "content_hash": "Hash of that table's rows without run stamps; equal for equal results",
}


@dataclass(frozen=True)
class Relation:
    """A table or view to publish: its columns as (name, type, comment), in their order."""

    name: str
    comment: str | None
    columns: tuple[tuple[str, str, str | None], ...]


def list_relations(connection: Connection) -> list[Relation]:
    """The tables and views of the published schema by name; raises ValueError when there is none."""
    columns: dict[str, list[tuple[str, str, str | None]]] = {}
    for table, *column in connection.execute(_COLUMNS_SQL, [PUBLISHED_SCHEMA]).fetchall():
        columns.setdefault(table, []).append((column[0], column[1], column[2]))
    comments = dict(connection.execute(_COMMENTS_SQL, [PUBLISHED_SCHEMA] * 2).fetchall())
    relations = [Relation(name, comments.get(name), tuple(columns[name])) for name in sorted(columns)]
    if not relations:
        raise ValueError(f"Schema {PUBLISHED_SCHEMA} has no table to publish; build its dbt models first")
    for relation in relations:
        if not relation.name.isidentifier() or relation.name == MANIFEST_TABLE:
            raise ValueError(f"{relation.name!r} cannot be published: rename it to a plain word of its own")
    return relations


def write_tables(
    connection: Connection,
    folder: Path,
    *,
    generation: str,
    facts: RunFacts,
    sort_keys: Mapping[str, Sequence[str]],
) -> dict[str, TableFacts]:
    """Writes the DuckDB file and one Parquet file per table into ``folder``; returns each table's facts.

    Rows are stored in the order of ``sort_keys`` and then of all other columns, so equal rows give equal
    Parquet files. All tables of the DuckDB file come from one transaction, hence from one state.
    """
    relations = list_relations(connection)
    with _attached(connection, folder / DATABASE_NAME):
        connection.execute("begin")
        tables = {}
        for relation in relations:
            _copy_table(connection, relation, sort_keys.get(relation.name, ()))
            tables[relation.name] = measure_table(connection, f"{_DRAFT}.main", relation)
        _write_manifest_table(connection, generation, facts, tables)
        connection.execute("commit")
        (folder / PARQUET_FOLDER).mkdir()
        for relation in relations:
            target = quote_literal(str(folder / PARQUET_FOLDER / f"{relation.name}.parquet"))
            source = f"{_DRAFT}.main.{quote_identifier(relation.name)}"
            connection.execute(f"copy {source} to {target} (format parquet, compression zstd)")
    if leftovers := sorted(path.name for path in folder.glob(f"{DATABASE_NAME}.*")):
        raise RuntimeError(f"{folder} holds {leftovers} after the file was closed; its tables may lie there")
    return tables


def measure_table(connection: Connection, schema: str, relation: Relation) -> TableFacts:
    """Row count and content hash of one table; the hash ignores row order and run stamps."""
    columns = [column for column in relation.columns if column[0] not in RUN_STAMPS]
    # Each value is written with its length, so that no two rows share a text.
    texts = [f"cast({quote_identifier(name)} as varchar)" for name, _, _ in columns]
    row_text = " || ".join(f"coalesce(length({text}) || ':' || {text}, '~')" for text in texts) or "''"
    row = connection.execute(
        "select count(*), coalesce(sum(md5_number_lower(row_text)), 0), "
        "coalesce(sum(md5_number_upper(row_text)), 0) "
        f"from (select {row_text} as row_text from {schema}.{quote_identifier(relation.name)})"
    ).fetchone()
    assert row is not None  # an aggregate without groups always has one row
    identity = json.dumps([[column[:2] for column in columns], *map(str, row)])
    return TableFacts(row_count=row[0], content_hash=hashlib.sha256(identity.encode()).hexdigest())


@contextmanager
def _attached(connection: Connection, path: Path) -> Iterator[None]:
    connection.execute(
        f"attach {quote_literal(str(path))} as {_DRAFT} (storage_version {quote_literal(STORAGE_VERSION)})"
    )
    try:
        yield
        connection.execute(f"checkpoint {_DRAFT}")
    except BaseException:
        # Nothing to roll back where the failure came after the commit; the first error is the one to tell.
        with suppress(DatabaseError):
            connection.execute("rollback")
        with suppress(DatabaseError):
            connection.execute(f"detach {_DRAFT}")
        raise
    connection.execute(f"detach {_DRAFT}")


def _copy_table(connection: Connection, relation: Relation, keys: Sequence[str]) -> None:
    names = [name for name, _, _ in relation.columns]
    if unknown := sorted(set(keys) - set(names)):
        raise ValueError(f"{relation.name} has no column {unknown} to sort by; its columns are {names}")
    order = ", ".join(map(quote_identifier, dict.fromkeys([*keys, *names])))
    target = f"{_DRAFT}.main.{quote_identifier(relation.name)}"
    source = f"{PUBLISHED_SCHEMA}.{quote_identifier(relation.name)}"
    connection.execute(f"create table {target} as select * from {source} order by {order}")
    _comment(connection, f"table {target}", relation.comment)
    for name, _, comment in relation.columns:
        _comment(connection, f"column {target}.{quote_identifier(name)}", comment)


def _write_manifest_table(
    connection: Connection,
    generation: str,
    facts: RunFacts,
    tables: Mapping[str, TableFacts],
) -> None:
    target = f"{_DRAFT}.main.{MANIFEST_TABLE}"
    connection.execute(
        f"create table {target} (generation varchar, as_of_date date, created_at timestamp, run_id varchar, "
        "model_versions varchar, table_name varchar, row_count bigint, content_hash varchar)"
    )
    versions = json.dumps(facts.model_versions, sort_keys=True)
    shared = [generation, facts.as_of_date, facts.created_at, facts.run_id, versions]
    for name, table in tables.items():
        values = [*shared, name, table.row_count, table.content_hash]
        connection.execute(f"insert into {target} values (?, ?, ?, ?, ?, ?, ?, ?)", values)
    _comment(connection, f"table {target}", "One row per published table: what it holds and where from")
    for name, comment in _MANIFEST_COMMENTS.items():
        _comment(connection, f"column {target}.{name}", comment)


def _comment(connection: Connection, subject: str, comment: str | None) -> None:
    if comment is not None:
        connection.execute(f"comment on {subject} is {quote_literal(comment)}")


_COLUMNS_SQL = """
select table_name, column_name, data_type, comment
from duckdb_columns()
where database_name = current_database() and schema_name = ? and not internal
order by table_name, column_index
"""

_COMMENTS_SQL = """
select table_name, comment from duckdb_tables()
where database_name = current_database() and schema_name = ?
union all
select view_name, comment from duckdb_views()
where database_name = current_database() and schema_name = ?
"""
