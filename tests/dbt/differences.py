"""How the tables of two warehouse files differ, to the bit."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

# Which as-of dates a run makes anew is not the same in a rebuild, which makes all of them.
PLAN = "intermediate.int_as_of_dates_to_build"
DATES = "intermediate.int_as_of_dates"


def find_differences(kept: Path, rebuilt: Path) -> list[str]:
    """Columns, tables and rows that only one of the two files has; numbers are compared by every bit of them."""
    with duckdb.connect() as connection:
        for name, path in (("kept", kept), ("rebuilt", rebuilt)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        columns, other_columns = (list_columns(connection, name) for name in ("kept", "rebuilt"))
        differences = [f"column {column}" for column in sorted(set(columns) ^ set(other_columns))]
        for table in sorted({table for table, *_ in columns} - {PLAN}):
            differences += compare_rows(connection, table, [column for other, column, _ in columns if other == table])
    return differences


def list_columns(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str, str]]:
    """Table, name and type of each column of all tables that are built before the models of ml."""
    query = f"""
        select columns.schema_name || '.' || columns.table_name, columns.column_name, columns.data_type
        from duckdb_columns() as columns
        inner join duckdb_tables() as tables using (database_name, schema_name, table_name)
        where columns.database_name = '{database}' and columns.schema_name in ('intermediate', 'marts')
    """
    return connection.sql(query).fetchall()


def compare_rows(connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> list[str]:
    """Some rows of each file that the other one has not, or not as often."""
    # What is made by as-of dates is made for those that a run makes anew; the mart keeps the others.
    is_part = table.startswith("intermediate.") and table != DATES and "as_of_date" in columns
    condition = f"where as_of_date in (select as_of_date from kept.{PLAN})" if is_part else ""
    # As text, in which a number is written so that every bit of it counts.
    lines = f"select cast(row({', '.join(columns)}) as varchar) as line from {{}}.{table} {condition}"
    both = [lines.format(name) for name in ("kept", "rebuilt")]
    differences = []
    for name, here, there in (("kept", *both), ("rebuilt", *both[::-1])):
        rows = connection.sql(f"({here}) except all ({there}) order by all limit 3").fetchall()
        differences += [f"{table}, only {name}: {line}" for (line,) in rows]
    return differences
