"""One file into ``temp.staged_rows``: mapped, converted, and each broken rule said in words.

Good and broken rows stand in one table until all files of a raw table are read; ``__reason`` is NULL for
the good ones.
"""

import duckdb

from dagster_project.loading.binding import BoundColumn, FileBinding, TableMapping, bind, mapped_name
from dagster_project.loading.columns import Column, Table
from dagster_project.loading.errors import LoadError
from dagster_project.loading.expressions import Expression
from dagster_project.loading.file_rows import MALFORMED_RECORDS, SOURCE_ROW, FileRows
from dagster_project.loading.files import SourceFile
from dagster_project.loading.planning import LOAD_FILES
from dagster_project.loading.source import RECEIVED_AT
from dagster_project.loading.sql_text import name_list, quote_name, quote_text

# A clock that runs ahead, or a time zone that was taken for another, is no more than a day off.
CLOCK_SKEW_DAYS = 1

STAGED_ROWS = "temp.staged_rows"
_KEYS_OF_OTHERS = "temp.keys_of_other_sources"

# Behind the contract columns of a staged row. What a contract column may be called too (erasure_requests has a
# reason, deals an amount) begins with two underscores.
_BOOKKEEPING = (
    (RECEIVED_AT, "timestamp"),
    ("extra", "json"),
    ("row_hash", "ubigint"),
    ("file_index", "bigint"),
    ("source_row", "bigint"),
    ("__reason", "varchar"),
    ("__original_row", "json"),
    ("__amount", "decimal(18,4)"),
)


def start_staging(connection: duckdb.DuckDBPyConnection, mapping: TableMapping) -> None:
    """Empty the staged rows and note which keys of the table other sources have loaded already."""
    table = mapping.table
    columns = [(column.name, column.kind.value) for column in table.columns] + list(_BOOKKEEPING)
    body = ", ".join(f"{quote_name(name)} {type_}" for name, type_ in columns)
    connection.execute(f"create or replace temp table {STAGED_ROWS} ({body})")
    keys = name_list(table.key)
    connection.execute(
        f"create or replace temp table {_KEYS_OF_OTHERS} as select {keys}, min(source_name) as owner "
        f"from raw.{table.name} where source_name <> {quote_text(mapping.source.name)} group by {keys}"
    )


def stage_file(
    connection: duckdb.DuckDBPyConnection,
    mapping: TableMapping,
    file: SourceFile,
    rows: FileRows,
    file_index: int,
) -> None:
    """Append what ``file`` holds for the table, malformed records included, to the staged rows.

    Raises SourceError when the mapping does not fit the file's columns, LoadError when reading it fails.
    """
    if rows.column_types:  # a JSON lines file without a row has none
        query = _staging_query(bind(connection, mapping, file, rows), file_index)
        try:
            connection.execute(f"insert into {STAGED_ROWS} {query}")
        except duckdb.Error as error:
            raise LoadError(f"{mapping.place}: reading {file.place} failed: {error}") from error
    connection.execute(
        f"insert into {STAGED_ROWS} by name select {file_index} as file_index, source_row, "
        f"problem as __reason, json_object('line', text) as __original_row from {MALFORMED_RECORDS}"
    )


def _staging_query(binding: FileBinding, file_index: int) -> str:
    """The rows of a file in the shape of the staged rows; each step is named after what it did."""
    table = binding.mapping.table
    where = binding.mapping.expressions.where
    key_pairs = " and ".join(f"completed.{quote_name(key)} = others.{quote_name(key)}" for key in table.key)
    return f"""
        with file_rows as ({binding.query}),
        selected as (select * from file_rows {_only_where(where)}),
        mapped as (select {_mapped(binding)} from selected),
        converted as (select mapped.*, {_converted(binding)} from mapped),
        completed as (select * {_derived(binding)} from converted),
        owned as (
            select completed.*, others.owner as __owner
            from completed left join {_KEYS_OF_OTHERS} as others on {key_pairs}
        ),
        judged as (select *, {_reason(binding, file_index)} as __reason from owned)
        select {name_list(table.column_names)}, {RECEIVED_AT}, __extra,
            {_row_hash(table)}, {file_index}, {SOURCE_ROW},
            __reason, case when __reason is not null then {_original_row(binding)} end,
            {"net_amount" if table.has_column("net_amount") else "null"}
        from judged
    """


def _only_where(condition: Expression | None) -> str:
    # A comment at the end of the condition must not swallow the bracket.
    return f"where (\n{condition.sql}\n)" if condition else ""


def _mapped(binding: FileBinding) -> str:
    """The mapped values as they are, the whole row, and the part of it that is kept as JSON."""
    row = _struct({name: quote_name(name) for name in binding.column_types})
    extra = _struct({name: _finite(quote_name(name), binding.column_types[name]) for name in binding.extra})
    values = [_mapped_value(bound) for bound in binding.columns]
    return ", ".join([SOURCE_ROW, f"{row} as __row", f"to_json({extra}) as __extra", *values])


def _mapped_value(bound: BoundColumn) -> str:
    if bound.attempt is None:
        return f"{quote_name(bound.expression.bare_column or '')} as {mapped_name(bound.column)}"
    # The struct is NULL where the expression fails on a row, and holds a NULL where it gives one.
    return f"try(struct_pack(value := (\n{bound.expression.sql}\n))) as {bound.attempt}"


def _converted(binding: FileBinding) -> str:
    values = {column.name: f"cast(null as {column.kind.value})" for column in binding.mapping.table.columns}
    values[RECEIVED_AT] = "cast(null as timestamp)"
    values |= {bound.column.name: bound.conversion.value for bound in binding.columns}
    return ", ".join(f"{value} as {quote_name(name)}" for name, value in values.items())


def _derived(binding: FileBinding) -> str:
    """Values that follow from others where the source maps none."""
    table, mapped = binding.mapping.table, binding.mapping.expressions.columns
    replaced = []
    if table.has_column("line_number") and "line_number" not in mapped:
        replaced.append(f"row_number() over (partition by order_id order by {SOURCE_ROW}) as line_number")
    if table.has_column("currency"):
        currency = quote_text(binding.mapping.source.currency)
        replaced.append(f"coalesce(upper(currency), {currency}) as currency")
    return f"replace ({', '.join(replaced)})" if replaced else ""


def _reason(binding: FileBinding, file_index: int) -> str:
    """Everything that is wrong with a row, as one text; NULL for a good row."""
    table, source = binding.mapping.table, binding.mapping.source
    bound = {column.column.name: column for column in binding.columns}
    required = source.required_columns(table)
    rules = [_column_rule(column, bound.get(column.name), column.name in required) for column in table.columns]
    if RECEIVED_AT in bound:
        rules.append(_column_rule(bound[RECEIVED_AT].column, bound[RECEIVED_AT], False))
    if table.any_of:
        none_given = " and ".join(f"{quote_name(name)} is null" for name in table.any_of)
        rules.append(f"case when {none_given} then 'neither {' nor '.join(table.any_of)} is given' end")
    if table.has_happened and table.occurred_at in bound:
        loaded_at = f"(select loaded_at from {LOAD_FILES} where file_index = {file_index})"
        is_future = f"{quote_name(table.occurred_at)} > {loaded_at} + interval '{CLOCK_SKEW_DAYS}' day"
        rules.append(f"case when {is_future} then '{table.occurred_at} lies after the day of the load' end")
    if table.has_column("currency"):
        unlike = f"currency <> {quote_text(source.currency)}"
        rules.append(f"case when {unlike} then 'currency ' || currency || ' is not {source.currency}' end")
    rules.append("case when __owner is not null then 'key already loaded by source ' || __owner end")
    return f"nullif(concat_ws('; ', {', '.join(rule for rule in rules if rule)}), '')"


def _column_rule(column: Column, bound: BoundColumn | None, is_required: bool) -> str:
    value = quote_name(column.name)
    cases = []
    if bound and bound.attempt:
        failed = f"{column.name} {bound.expression.failure}"
        cases.append(f"when {bound.attempt} is null then {quote_text(failed)}")
    if bound:
        cases.append(f"when {value} is null and {bound.conversion.is_present} then {bound.conversion.complaint}")
        for name, is_lost in bound.lost_offsets.items():
            advice = f"{column.name} is {name} without its offset: map it as it is, or cast it to timestamptz"
            cases.append(f"when {is_lost} then {quote_text(advice)}")
        for name, is_misread in bound.misread_words.items():
            advice = "say what it means under zone_words, and map it as it is"
            advice = f"{column.name} guesses at the zone word in {name}: {advice}"
            cases.append(f"when {is_misread} then {quote_text(advice)}")
    if is_required:
        is_guest = f" and not {bound.conversion.is_emptied}" if bound else ""
        cases.append(f"when {value} is null{is_guest} then {quote_text(column.name + ' is missing')}")
    return f"case {' '.join(cases)} end" if cases else ""


def _row_hash(table: Table) -> str:
    """Hash of the contract columns and extra; a column that is NULL takes no part in it."""
    # MD5, because DuckDB's own hash may change with its version and make every row look corrected. Names go
    # with the values, so that a column the contract gains later changes no hash.
    fields = {**{name: quote_name(name) for name in table.column_names}, "extra": "__extra"}
    parts = [f"{quote_text(name + '=')} || cast({value} as varchar)" for name, value in fields.items()]
    return f"md5_number_lower(concat_ws(chr(31), {', '.join(parts)}))"


def _struct(values: dict[str, str]) -> str:
    if not values:
        return "null"
    return f"struct_pack({', '.join(f'{quote_name(name)} := {value}' for name, value in values.items())})"


def _original_row(binding: FileBinding) -> str:
    """The row as it came, as JSON; what JSON has no number for is kept as text."""
    fields = {name: f"struct_extract(__row, {quote_text(name)})" for name in binding.column_types}
    for name, type_ in binding.column_types.items():
        finite, text = _finite(fields[name], type_), f"to_json(cast({fields[name]} as varchar))"
        if finite != fields[name]:
            fields[name] = f"coalesce(to_json({finite}), {text})"
    return f"to_json({_struct(fields)})"


def _finite(value: str, type_: str) -> str:
    """``value``, or NULL where it is NaN or infinite, which JSON cannot hold."""
    return f"case when isfinite({value}) then {value} end" if type_.upper() in ("DOUBLE", "FLOAT") else value
