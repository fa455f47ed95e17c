"""What became of the rows that were read: repeated ones from the ledger, rejected ones from the quarantine."""

from collections.abc import Iterator

from dagster_project.auditing.findings import NOTE, OK, Finding, grade, say_share
from dagster_project.auditing.settings import Limits
from dagster_project.loading.accounting import without_values
from dagster_project.loading.columns import Table
from dagster_project.warehouse import Connection

_REASONS_NAMED = 10
_OTHER_REASONS = "other reasons"


def judge_loading(connection: Connection, table: Table, limits: Limits) -> Iterator[Finding]:
    """Findings about the rows of one raw table that were read but not loaded; none if nothing was read."""
    read, duplicate, rejected = connection.execute(
        "select coalesce(sum(rows_read), 0), coalesce(sum(rows_duplicate), 0), coalesce(sum(rows_quarantined), 0) "
        "from ops.load_ledger where table_name = ?",
        [table.name],
    ).fetchall()[0]
    if not read:
        return
    said = say_share(int(duplicate), int(read))
    yield _of_family(
        table, "duplicate_rows", OK, f"{said} rows read were there already, word for word.", said, duplicate / read
    )
    said, share = say_share(int(rejected), int(read)), float(rejected / read)
    status = grade(share, warning=limits.rejected_share_warning, problem=limits.rejected_share_problem)
    remedy = f"Look at quarantine.{table.name}: it has each row as it came, with file, line and reason."
    yield _of_family(
        table, "rejected_rows", status, f"{said} rows read break the contract and were put aside.", said, share,
        None if status == OK else remedy,
    )  # fmt: skip
    if rejected:
        yield from _name_reasons(connection, table, int(rejected), remedy)


def _name_reasons(connection: Connection, table: Table, rejected: int, remedy: str) -> Iterator[Finding]:
    counts = connection.execute(
        f"select {without_values('reason')} as rule, count(*) from quarantine.{table.name} "
        "group by rule order by 2 desc, 1"
    ).fetchall()
    named = [(str(rule), int(count)) for rule, count in counts[:_REASONS_NAMED]]
    rest = sum(int(count) for _, count in counts[_REASONS_NAMED:])
    for rule, count in [*named, *([(_OTHER_REASONS, rest)] if rest else [])]:
        said = say_share(count, rejected)
        yield Finding(
            "rejection", f"{table.name}: {rule}", "rows", NOTE, f"{said} rejected rows.", value=said,
            figure=count / rejected, remedy=remedy, family=table.name,
        )  # fmt: skip


def _of_family(
    table: Table, check_name: str, status: str, sentence: str, value: str, figure: float, remedy: str | None = None
) -> Finding:
    return Finding("family", table.name, check_name, status, sentence, value, float(figure), remedy, table.name)
