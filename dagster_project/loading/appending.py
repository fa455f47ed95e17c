"""The second look at the files of a load: good rows into the raw table, broken ones into the quarantine."""

from dataclasses import dataclass
from datetime import date

import duckdb

from dagster_project.loading.binding import TableMapping
from dagster_project.loading.csv_intruders import HEADER_AGAIN, TOTAL_LINE
from dagster_project.loading.file_rows import MALFORMED_RECORDS, SOURCE_ROW
from dagster_project.loading.judging import DECISIONS, REASON, FileRowsOfTable, row_key
from dagster_project.loading.keys import READ_COUNTS, ROW_KEYS
from dagster_project.loading.planning import LOAD_FILES, PlannedFile
from dagster_project.loading.source import IS_DELETED
from dagster_project.loading.sql_text import name_list, quote_text
from dagster_project.loading.versions import arrival_of_new_rows

_REJECTED_ROWS = "temp.rejected_rows"


@dataclass(frozen=True)
class Appender:
    """Appends the rows of one table's load."""

    connection: duckdb.DuckDBPyConnection
    mapping: TableMapping
    newest_order_day: date | None
    load_id: str

    def append_file(self, rows: FileRowsOfTable, planned: PlannedFile) -> None:
        """Append the good rows of a file that say something new, and quarantine the broken ones."""
        decided, repeated = self.connection.execute(
            f"select count(*), count(*) filter (is_duplicate) from {DECISIONS} "
            f"where file_index = {rows.file_index} and source_row is not null"
        ).fetchall()[0]
        appended = self._append_good_rows(rows, planned, is_decided=bool(decided))
        read = self.connection.execute(
            f"select row_count from {READ_COUNTS} where file_index = {rows.file_index}"
        ).fetchall()[0][0]
        if read > appended + repeated:
            self._quarantine(rows, planned, is_decided=bool(decided))

    def quarantine_malformed(self, file_index: int, planned: PlannedFile) -> None:
        """Quarantine the records of a file that are no rows at all."""
        # An insert of nothing is left alone: see the test of DuckDB's lost rows.
        if not self.connection.execute(f"select count(*) from {MALFORMED_RECORDS}").fetchall()[0][0]:
            return
        self.connection.execute(
            f"insert into quarantine.{self.mapping.table.name} by name "
            f"select json_object('line', text) as row, problem as reason, source_row, {self._stamps(planned)}, "
            f"{_quarantine_arrival(planned)} as arrived_at from {MALFORMED_RECORDS} order by source_row"
        )
        self.connection.execute(
            f"insert into {READ_COUNTS} select {file_index}, count(*), null from {MALFORMED_RECORDS}"
        )
        # Noted as rows without a key: whose they are, nobody knows. Headers and totals are nobody's.
        is_nobodys = " or ".join(f"contains(problem, {quote_text(said)})" for said in (HEADER_AGAIN, TOTAL_LINE))
        self.connection.execute(
            f"insert into {ROW_KEYS} by name select {file_index} as file_index, source_row from {MALFORMED_RECORDS} "
            f"where not ({is_nobodys})"
        )

    def append_departures(self) -> None:
        """Append a version that says so for each row that a file lacks; it keeps what the row said last."""
        table = self.mapping.table
        key = name_list(table.key)
        if not self.connection.execute(f"select count(*) from {DECISIONS} where {_IS_LACKING}").fetchall()[0][0]:
            return
        self.connection.execute(f"""
            insert into raw.{table.name} by name
            with lacking as (
                select {key}, decided_arrived_at, load_files.source_file, load_files.loaded_at
                from {DECISIONS} inner join {LOAD_FILES} as load_files using (file_index) where {_IS_LACKING}
            ),
            earlier_versions as (
                select versions.*, lacking.loaded_at as gone_in, lacking.source_file as gone_from,
                    lacking.decided_arrived_at
                from raw.{table.name} as versions inner join lacking using ({key})
                where versions.loaded_at < lacking.loaded_at
            ),
            newest_versions as (
                select * from earlier_versions
                qualify row_number() over (partition by {key}, gone_in order by loaded_at desc, source_row desc) = 1
            )
            select {name_list(table.column_names)}, extra, source_name, gone_from as source_file,
                cast(null as bigint) as source_row, gone_in as loaded_at, decided_arrived_at as arrived_at,
                {quote_text(self.load_id)} as load_id, true as is_correction, true as {IS_DELETED}
            from newest_versions
        """)

    def _append_good_rows(self, rows: FileRowsOfTable, planned: PlannedFile, *, is_decided: bool) -> int:
        table = self.mapping.table
        arrived_at = arrival_of_new_rows(self.mapping, planned, self.newest_order_day, self.load_id)
        is_new, is_replacement = "true", "false"
        if is_decided:
            is_new = "is_duplicate is distinct from true"
            is_replacement = "coalesce(is_replacement, false)"
            arrived_at = f"case when is_replacement is not null then decided_arrived_at else {arrived_at} end"
        selected = ", ".join(
            [
                name_list(table.column_names),
                "__extra as extra",
                f"{SOURCE_ROW} as source_row",
                self._stamps(planned),
                f"{arrived_at} as arrived_at",
                f"{is_replacement} as is_correction",
                f"nullif({IS_DELETED}, false) as {IS_DELETED}",
            ]
        )
        query = rows.judged(selected, where=f"{REASON} is null and {is_new}", is_decided=is_decided)
        count: int = self.connection.execute(f"insert into raw.{table.name} by name {query}").fetchall()[0][0]
        return count

    def _quarantine(self, rows: FileRowsOfTable, planned: PlannedFile, *, is_decided: bool) -> None:
        table = self.mapping.table
        # Few rows of many: looked for by their places, because the row as it came is dear.
        self.connection.execute(f"""
            create or replace temp table {_REJECTED_ROWS} as
            select source_row from (select source_row from {ROW_KEYS} where file_index = {rows.file_index})
            anti join (
                select source_row from raw.{table.name}
                where loaded_at = timestamp '{planned.loaded_at}' and load_id = {quote_text(self.load_id)}
            ) using (source_row)
            anti join (
                select source_row from {DECISIONS} where file_index = {rows.file_index} and is_duplicate
            ) using (source_row)
        """)
        selected = ", ".join(
            [
                f"{rows.original_row} as row",
                f"{REASON} as reason",
                f"{'net_amount' if table.has_column('net_amount') else 'null'} as amount",
                f"{SOURCE_ROW} as source_row",
                self._stamps(planned),
                f"{row_key(table)} as row_key",
                f"{_quarantine_arrival(planned)} as arrived_at",
            ]
        )
        query = rows.judged(selected, where=f"{REASON} is not null", only=_REJECTED_ROWS, is_decided=is_decided)
        self.connection.execute(
            f"insert into quarantine.{table.name} by name select * from ({query}) order by source_row"
        )

    def _stamps(self, planned: PlannedFile) -> str:
        return (
            f"{quote_text(self.mapping.source.name)} as source_name, {quote_text(planned.file.name)} as source_file, "
            f"timestamp '{planned.loaded_at}' as loaded_at, {quote_text(self.load_id)} as load_id"
        )


_IS_LACKING = "source_row is null and verdict is null"


def _quarantine_arrival(planned: PlannedFile) -> str:
    return "cast(null as timestamp)" if planned.is_history else f"timestamp '{planned.known_since}'"
