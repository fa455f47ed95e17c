"""What a changed mapping leaves behind: rows of a re-read file that nothing replaces."""

import duckdb

from dagster_project.loading.binding import TableMapping
from dagster_project.loading.errors import LoadError
from dagster_project.loading.keys import ROW_KEYS
from dagster_project.loading.planning import LOAD_FILES
from dagster_project.loading.sql_text import name_list, quote_name, quote_text


def require_successors(connection: duckdb.DuckDBPyConnection, mapping: TableMapping) -> None:
    """Raise LoadError when a changed mapping gives the rows of a re-read file other keys.

    Raw rows are never deleted, so the rows under the old keys would be counted beside the new ones.
    """
    table, source = mapping.table, quote_text(mapping.source.name)
    keys = name_list(table.key)
    shown = " || ' ' || ".join(f"cast({quote_name(key)} as varchar)" for key in table.key)
    rows = connection.execute(f"""
        with reread_contents as (select content_hash from {LOAD_FILES} where is_reread),
        earlier_loads as (
            select distinct loaded_at from ops.load_ledger semi join reread_contents using (content_hash)
            where source_name = {source} and table_name = {quote_text(table.name)}
        ),
        earlier_keys as (
            select distinct {keys} from raw.{table.name} semi join earlier_loads using (loaded_at)
            where source_name = {source} and source_row is not null
        ),
        orphans as (
            select * from earlier_keys
            where hash({keys}) not in (select key_hash from {ROW_KEYS} where key_hash is not null)
        )
        select count(*) over (), {shown} from orphans order by 2 limit 3
    """).fetchall()
    if rows:
        raise LoadError(
            f"{mapping.place}: the changed mapping no longer makes {rows[0][0]:,} keys that are stored, e.g. "
            f"{[row[1] for row in rows]}; they would be counted twice. Undo the change of the key or of "
            "`where`, or load everything into a new SEGMENTS_HOME"
        )
