"""Rows of a file as rows of the contract: mapped, converted, and each broken rule said in words.

A load reads a file more than once, each time no more of it than is asked for. So a file is a query here, and what is
asked of its rows is what DuckDB computes.
"""

from dataclasses import dataclass

from dagster_project.loading.binding import BoundColumn, FileBinding, mapped_name
from dagster_project.loading.columns import Column, Table
from dagster_project.loading.conversion import NAMES_NOBODY
from dagster_project.loading.expressions import Expression
from dagster_project.loading.file_rows import SOURCE_ROW
from dagster_project.loading.planning import LOAD_FILES
from dagster_project.loading.source import IS_DELETED, RECEIVED_AT
from dagster_project.loading.sql_text import name_list, quote_name, quote_text

# A clock that runs ahead, or a time zone that was taken for another, is no more than a day off.
CLOCK_SKEW_DAYS = 1

# What was decided about rows that cannot be judged alone: one row per file_index and source_row, with a verdict where
# the row is rejected for what other rows say.
DECISIONS = "temp.decisions"

# Everything that is wrong with a row; NULL for a good one.
REASON = "__reason"

# What tells facts of one source from those of another in which numbers begin again. People, devices, companies,
# products and campaigns are the same whichever source names them.
_IDS_OF_FACTS = frozenset(
    (
        *("order_id", "event_id", "redemption_id", "ticket_id", "engagement_id", "deal_id", "stage_change_id"),
        *("call_id", "activity_id", "consent_event_id", "request_id"),
    )
)


@dataclass(frozen=True)
class FileRowsOfTable:
    """The rows of one planned file that are meant for a raw table, as queries over its mapping."""

    binding: FileBinding
    file_index: int

    @property
    def has_positions(self) -> bool:
        """Whether rows get a number by their place among the others, so that none may be left out before."""
        mapping = self.binding.mapping
        return mapping.table.has_column("line_number") and "line_number" not in mapping.expressions.columns

    def query(self, selected: str) -> str:
        """``selected`` of the converted rows."""
        return f"{self._steps(None)} select {selected} from completed"

    def judged(self, selected: str, *, where: str, only: str | None = None, is_decided: bool) -> str:
        """``selected`` of the converted rows with REASON and, where some ``is_decided``, what DECISIONS say of them."""
        decided = "completed"
        if is_decided:
            decided = (
                "completed left join (select source_row, verdict, is_duplicate, is_replacement, decided_arrived_at "
                f"from {DECISIONS} where file_index = {self.file_index} and source_row is not null) as decisions "
                f"on completed.{SOURCE_ROW} = decisions.source_row"
            )
        reason = _reason(self.binding, self.file_index, is_decided=is_decided)
        judged = f"judged as (select *, {reason} as {REASON} from {decided})"
        return f"{self._steps(only)}, {judged} select {selected} from judged where {where}"

    def excluded(self, selected: str) -> str:
        """``selected`` of the converted rows that the table's ``where`` leaves out."""
        return f"{self._steps(None, excluded=True)} select {selected} from completed"

    def emptied(self, bound: BoundColumn) -> str:
        """The words of a column that stand for nothing, each with its count, the commonest first."""
        word, is_emptied = bound.conversion.emptied_word, bound.conversion.is_emptied
        steps = self._steps(None).rpartition("converted as (")[0].rstrip().removesuffix(",")
        return f"{steps} select {word}, count(*) from trimmed where {is_emptied} group by 1 order by 2 desc, 1"

    @property
    def original_row(self) -> str:
        """SQL of the row as it came, as JSON."""
        return _original_row(self.binding)

    def _steps(self, only: str | None, *, excluded: bool = False) -> str:
        """The steps up to ``completed``, each named after what it did."""
        binding = self.binding
        chosen = f"where {SOURCE_ROW} in (select source_row from {only})" if only else ""
        before, after = ("", chosen) if self.has_positions else (chosen, "")
        return f"""
            with file_rows as ({binding.query}),
            picked as (select * from file_rows {before}),
            selected as (select * from picked {_only_where(binding.mapping.expressions.where, excluded=excluded)}),
            mapped as (select {_mapped(binding)} from selected),
            trimmed as (select * {_trimmed(binding)} from mapped),
            converted as (select trimmed.*, {_converted(binding)} from trimmed),
            numbered as (select * {_derived(binding)} from converted),
            completed as (select * from numbered {after})
        """


def content_hash(table: Table, extra: str) -> str:
    """SQL of a hash of all that a row says; compared within one load only, so that it may change with DuckDB."""
    return f"hash({name_list(table.column_names)}, {extra}, coalesce({IS_DELETED}, false))"


def key_hash(table: Table) -> str:
    """SQL of a hash of a row's key; NULL where a part of the key is missing."""
    missing = " or ".join(f"{quote_name(name)} is null" for name in table.key)
    return f"case when {missing} then null else hash({name_list(table.key)}) end"


def row_key(table: Table) -> str:
    """SQL of a row's key as one text, as far as it could be read."""
    return f"nullif(concat_ws(' ', {name_list(table.key)}), '')"


def _only_where(condition: Expression | None, *, excluded: bool) -> str:
    # A comment at the end of the condition must not swallow the bracket.
    met = f"(\n{condition.sql}\n)" if condition else "true"
    return f"where {met} is distinct from true" if excluded else (f"where {met}" if condition else "")


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


def _trimmed(binding: FileBinding) -> str:
    """The texts of a row without their blanks, each once."""
    texts = [bound.conversion for bound in binding.columns if bound.conversion.text is not None]
    return "".join(f", {conversion.text} as {conversion.text_name}" for conversion in texts)


def _converted(binding: FileBinding) -> str:
    values = {column.name: f"cast(null as {column.kind.value})" for column in binding.mapping.table.columns}
    values |= {RECEIVED_AT: "cast(null as timestamp)", IS_DELETED: "cast(null as boolean)"}
    values |= {bound.column.name: bound.conversion.value for bound in binding.columns}
    prefix = binding.mapping.source.id_prefix
    if prefix:
        for name in _IDS_OF_FACTS & values.keys():
            values[name] = f"{quote_text(prefix)} || {values[name]}"
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


def _reason(binding: FileBinding, file_index: int, *, is_decided: bool) -> str:
    """Everything that is wrong with a row, as one text; NULL for a good row.

    Of a row that has left, only its key is asked for: a system may have emptied the rest.
    """
    table = binding.mapping.table
    bound = {column.column.name: column for column in binding.columns}
    keys = [_column_rule(column, bound.get(column.name), True) for column in table.columns if column.name in table.key]
    of_rows = [rule for rule in _rules(binding, file_index) if rule not in keys]
    said = [rule for rule in keys if rule]
    if IS_DELETED in bound:
        said.append(_column_rule(bound[IS_DELETED].column, bound[IS_DELETED], False))
        said += [f"case when {IS_DELETED} is distinct from true then {rule} end" for rule in of_rows]
    else:
        said += of_rows
    if is_decided:
        said.append("verdict")
    return f"nullif(concat_ws('; ', {', '.join(said)}), '')"


def _rules(binding: FileBinding, file_index: int) -> list[str]:
    table, source = binding.mapping.table, binding.mapping.source
    bound = {column.column.name: column for column in binding.columns}
    required = source.required_columns(table)
    rules = [_column_rule(column, bound.get(column.name), column.name in required) for column in table.columns]
    if RECEIVED_AT in bound:
        rules.append(_column_rule(bound[RECEIVED_AT].column, bound[RECEIVED_AT], False))
    if table.any_of:
        none_given = " and ".join(f"{quote_name(name)} is null" for name in table.any_of)
        is_nobody = " or ".join(bound[name].conversion.is_emptied for name in table.any_of if name in bound)
        neither = f"neither {' nor '.join(table.any_of)}"
        said = f"case when {is_nobody or 'false'} then '{neither} {NAMES_NOBODY}' else '{neither} is given' end"
        rules.append(f"case when {none_given} then {said} end")
    if table.has_happened and table.occurred_at in bound:
        loaded_at = f"(select loaded_at from {LOAD_FILES} where file_index = {file_index})"
        is_future = f"{quote_name(table.occurred_at)} > {loaded_at} + interval '{CLOCK_SKEW_DAYS}' day"
        rules.append(f"case when {is_future} then '{table.occurred_at} lies after the day of the load' end")
    if table.has_column("currency"):
        unlike = f"currency <> {quote_text(source.currency)}"
        rules.append(f"case when {unlike} then 'currency ' || currency || ' is not {source.currency}' end")
    return [rule for rule in rules if rule]


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
            advice = "map it as it is, and say under zone_words what a word behind it means"
            advice = f"{column.name} takes {name} for the time of another zone: {advice}"
            cases.append(f"when {is_misread} then {quote_text(advice)}")
    if is_required:
        is_guest = f" and not {bound.conversion.is_emptied}" if bound else ""
        cases.append(f"when {value} is null{is_guest} then {quote_text(column.name + ' is missing')}")
    return f"case {' '.join(cases)} end" if cases else ""


def _struct(values: dict[str, str]) -> str:
    if not values:
        return "null"
    return f"struct_pack({', '.join(f'{quote_name(name)} := {value}' for name, value in values.items())})"


def _original_row(binding: FileBinding) -> str:
    # What JSON has no number for is kept as text.
    fields = {name: f"struct_extract(__row, {quote_text(name)})" for name in binding.column_types}
    for name, type_ in binding.column_types.items():
        finite, text = _finite(fields[name], type_), f"to_json(cast({fields[name]} as varchar))"
        if finite != fields[name]:
            fields[name] = f"coalesce(to_json({finite}), {text})"
    return f"to_json({_struct(fields)})"


def _finite(value: str, type_: str) -> str:
    """``value``, or NULL where it is NaN or infinite, which JSON cannot hold."""
    return f"case when isfinite({value}) then {value} end" if type_.upper() in ("DOUBLE", "FLOAT") else value
