"""Identifiers that are written in two ways, so that one person or device counts as two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from dagster_project.auditing.examples import mask_examples
from dagster_project.auditing.findings import OK, WARNING, Finding, grade, say_money, say_share
from dagster_project.auditing.identifiers import Identifiers
from dagster_project.auditing.settings import Limits
from dagster_project.warehouse import Connection, quote_identifier, quote_literal

_EXAMPLES = 3
# What an identifier stands for, one of it and many.
_THINGS = {
    "customer_id": ("person", "people"),
    "anonymous_id": ("device", "devices"),
    "account_id": ("account", "accounts"),
}


@dataclass(frozen=True)
class _Difference:
    """One way in which the same identifier is written differently.

    ``fold`` is the SQL that takes it off ``%s``, and ``only_if`` a cheap condition without which there is
    nothing to take off.
    """

    name: str
    words: str
    fold: str
    only_if: str


def _replace(pattern: str, replacement: str = "") -> str:
    return f"regexp_replace(%s, {quote_literal(pattern)}, {quote_literal(replacement)}, 'g')"


_HAS_OTHERS = "regexp_matches(%s, '[^!-~]')"
# In this order: a decimal is one only without the blanks around it, and zeros lead only without the decimals.
DIFFERENCES = (
    _Difference("invisible_characters", "characters that nobody sees", _replace(r"[\p{Cf}\x00-\x08\x0e-\x1f\x7f]+"),
        _HAS_OTHERS),
    _Difference("blanks", "blanks inside or around", _replace(r"[\s\p{Z}]+"), _HAS_OTHERS),
    _Difference("unicode_form", "the Unicode form of their letters (NFC or NFD)", "nfc_normalize(%s)", _HAS_OTHERS),
    _Difference("letter_case", "large and small letters", "lower(%s)", "%s is not null"),
    _Difference("decimals", "decimals of zero, as a number of JSON or a spreadsheet has them",
        _replace(r"^([0-9]+)[.,]0+$", r"\1"), "regexp_matches(%s, '[.,]')"),
    _Difference("leading_zeros", "zeros in front, which spreadsheets take away", _replace("^0+([0-9]+)$", r"\1"),
        "starts_with(%s, '0')"),
)  # fmt: skip

# 1.23457E+12: the digits behind the fifth are lost, and with them who it was.
_SCIENTIFIC = r"[0-9]([.,][0-9]+)?[eE]\+[0-9]{1,3}|[0-9][.,][0-9]+[eE][0-9]{1,3}"


@dataclass(frozen=True)
class _Alike:
    """Identifiers that a difference keeps apart: groups of the same, their members, and what hangs on these."""

    groups: int
    members: int
    rows: int
    amount: Decimal | None
    examples: list[list[str]]
    tables: list[str]


def judge_look_alikes(connection: Connection, identifiers: Identifiers, limits: Limits) -> Iterator[Finding]:
    """One finding per difference, and one for numbers that a spreadsheet has rounded."""
    members = quote_identifier(f"alike {identifiers.column}")
    connection.execute(f"""
        create or replace temp table {members} as
        with folded as ({_fold(identifiers.relation, DIFFERENCES)}),
        repeated as (select folded from folded group by folded having count(*) > 1)
        select folded.* rename (folded as whole) from folded semi join repeated using (folded)
    """)
    try:
        found = {difference: _count_alike(connection, members, difference) for difference in DIFFERENCES}
    finally:
        connection.execute(f"drop table {members}")
    cure = quote_identifier(identifiers.column).strip('"')
    for difference, alike in found.items():
        cure = difference.fold % cure if alike.groups else cure
    for difference, alike in found.items():
        yield _of_difference(identifiers, difference, alike, cure, limits)
    yield _judge_rounded(connection, identifiers)


def _fold(relation: str, differences: tuple[_Difference, ...]) -> str:
    """SQL of ``relation`` with a column ``folded``: the identifier without the differences, one after the other."""
    query = f"select *, id as folded from {relation}"
    for difference in differences:
        condition, fold = difference.only_if % "folded", difference.fold % "folded"
        query = f"select * replace (case when {condition} then {fold} else folded end as folded) from ({query})"
    return query


def _count_alike(connection: Connection, members: str, difference: _Difference) -> _Alike:
    """The groups that fall apart as soon as this difference is left, whatever else their members differ in."""
    others = tuple(other for other in DIFFERENCES if other is not difference)
    row = connection.execute(f"""
        with groups as (
            select whole, count(*) as id_count, sum(row_count) as row_count, sum(amount) as amount,
                list(id order by row_count desc, id) as ids, flatten(list(tables)) as tables
            from ({_fold(members, others)}) group by whole having count(distinct folded) > 1
        )
        select count(*), cast(coalesce(sum(id_count), 0) as bigint), cast(coalesce(sum(row_count), 0) as bigint),
            sum(amount), list(ids[:2] order by row_count desc, whole)[:{_EXAMPLES}],
            list_sort(list_distinct(flatten(list(tables))))
        from groups
    """).fetchall()[0]
    return _Alike(*row)


def _of_difference(
    identifiers: Identifiers, difference: _Difference, alike: _Alike, cure: str, limits: Limits
) -> Finding:
    check_name, said = f"same_but_for_{difference.name}", say_share(alike.members, identifiers.count)
    if not alike.groups:
        sentence = f"No two are the same but for {difference.words}."
        return Finding("identifier", identifiers.column, check_name, OK, sentence, said, 0.0)
    share = max(alike.members / identifiers.count, alike.rows / identifiers.rows)
    examples = "; ".join(mask_examples(group) for group in alike.examples)
    thing, counts = _THINGS[identifiers.column][alike.groups > 1], "counts" if alike.groups == 1 else "count"
    sentence = (
        f"{said} are the same as another but for {difference.words}: {alike.groups:,} {thing} {counts} as "
        f"{alike.members:,}, with {_say_extent(alike.rows, alike.amount, alike.tables)}, such as {examples}."
    )
    column = identifiers.column
    union = " union ".join(f"select {column} from raw.{table}" for table in alike.tables)
    remedy = (
        f"If they are the same, map {column} alike in every table, for example to {cure}. They are listed by: "
        f"select {cure} as same, list({column}) from ({union}) where {column} is not null "
        "group by same having count(*) > 1"
    )
    status = grade(share, warning=limits.look_alike_share_warning)
    return Finding("identifier", column, check_name, status, sentence, said, float(alike.members), remedy)


def _judge_rounded(connection: Connection, identifiers: Identifiers) -> Finding:
    """Each such value is a finding by itself: its lost digits make one of many people."""
    is_rounded = f"regexp_full_match(id, {quote_literal(_SCIENTIFIC)})"
    row = connection.execute(f"""
        select count(*), cast(coalesce(sum(row_count), 0) as bigint), sum(amount),
            list(id order by row_count desc, id)[:{_EXAMPLES}], list_sort(list_distinct(flatten(list(tables))))
        from {identifiers.relation} where {is_rounded}
    """).fetchall()[0]
    count, rows, amount, examples, tables = row
    column, said = identifiers.column, say_share(count, identifiers.count)
    if not count:
        sentence = "None is a number that a spreadsheet has rounded."
        return Finding("identifier", column, "rounded_numbers", OK, sentence, said, 0.0)
    sentence = (
        f"{said} are numbers that a spreadsheet has rounded, such as {mask_examples(examples)}: digits are lost, and "
        f"{_THINGS[column][1]} with the same first ones became one; {_say_extent(rows, amount, tables)}."
    )
    pattern = is_rounded.replace("(id,", f"({column},", 1)
    remedy = (
        "Export the column as text, without a spreadsheet in between, and load it again. They are listed by: "
        f"select distinct {column} from raw.{tables[0]} where {pattern}"
    )
    return Finding("identifier", column, "rounded_numbers", WARNING, sentence, said, float(count), remedy)


def _say_extent(rows: int, amount: Decimal | None, tables: list[str]) -> str:
    money = "" if amount is None else f" and {say_money(amount)}"
    return f"{rows:,} rows{money} in {', '.join(tables)}"
