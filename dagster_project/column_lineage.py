"""Which upstream columns each column of a dbt model is made of, as rows that people can read.

The open UI of Dagster draws no column lineage, so it is shown as a table beside the others.
"""

from collections.abc import Mapping, Sequence

# Columns and their types by table, the tables by schema.
TablesBySchema = Mapping[str, Mapping[str, Mapping[str, str]]]


def trace_columns(sql: str, columns: Sequence[str], upstream: TablesBySchema) -> list[dict[str, str]]:
    """One row per column in their order: ``column`` and ``made_of``, the upstream columns its value comes from.

    Raises sqlglot's errors where it cannot read the compiled ``sql``.
    """
    from sqlglot import exp, parse_one
    from sqlglot.lineage import lineage
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope

    schema: dict[str, object] = {
        name: {table: dict(types) for table, types in tables.items()} for name, tables in upstream.items()
    }
    # Qualified once for all columns: that is most of the work.
    query = qualify(parse_one(sql, dialect="duckdb"), dialect="duckdb", schema=schema, validate_qualify_columns=False)
    scope = build_scope(query)
    rows = []
    for column in columns:
        node = lineage(column, query, schema=schema, dialect="duckdb", scope=scope, trim_selects=False)
        leaves = {
            f"{table.db}.{table.name}.{exp.to_column(leaf.name).name}"
            for leaf in node.walk()
            if not leaf.downstream and (table := leaf.expression.find(exp.Table))
        }
        rows.append({"column": column, "made_of": ", ".join(sorted(leaves)) or "computed here"})
    return rows
