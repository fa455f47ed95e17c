import errno
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from dagster_project.warehouse import Warehouse, open_readonly, quote_table, require_free_space

JUNE, JULY = date(2024, 6, 30), date(2024, 7, 31)
TABLE = "segmentation.segment_assignments"


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(path=str(tmp_path / "home" / "warehouse.duckdb"), lock_timeout_seconds=0.3)


def assignments(as_of_date: date, *segments: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "customer_id": [f"c{number}" for number in range(len(segments))],
            "as_of_date": [as_of_date] * len(segments),
            "segment_id": segments,
        },
        schema={"customer_id": pl.String, "as_of_date": pl.Date, "segment_id": pl.Int64},
    )


def stored_segments(warehouse: Warehouse) -> list[tuple[date, int]]:
    return warehouse.read_table(TABLE, ["as_of_date", "segment_id"]).rows()


def test_table_comes_back_as_it_was_written(warehouse):
    warehouse.replace_tables({TABLE: assignments(JUNE, 3, 1, 2)})
    assert warehouse.read_table(TABLE).equals(assignments(JUNE, 3, 1, 2))


def test_writing_twice_replaces_and_never_appends(warehouse):
    warehouse.replace_tables({TABLE: assignments(JUNE, 1, 2)})
    warehouse.replace_tables({TABLE: assignments(JULY, 5)})
    assert stored_segments(warehouse) == [(JULY, 5)]


def test_slice_replaces_only_its_own_rows(warehouse):
    warehouse.replace_tables({TABLE: assignments(JUNE, 1, 2)}, where={"as_of_date": JUNE})
    warehouse.replace_tables({TABLE: assignments(JULY, 5)}, where={"as_of_date": JULY})
    warehouse.replace_tables({TABLE: assignments(JUNE, 9)}, where={"as_of_date": JUNE})
    assert sorted(stored_segments(warehouse)) == [(JUNE, 9), (JULY, 5)]


def test_empty_frame_empties_its_slice(warehouse):
    warehouse.replace_tables({TABLE: assignments(JUNE, 1)}, where={"as_of_date": JUNE})
    warehouse.replace_tables({TABLE: assignments(JUNE)}, where={"as_of_date": JUNE})
    assert stored_segments(warehouse) == []


def test_rows_outside_the_slice_are_refused(warehouse):
    frame = pl.concat([assignments(JUNE, 1, 2), assignments(JULY, 5)])
    with pytest.raises(ValueError, match=r"1 of 3 rows for .* lie outside the slice"):
        warehouse.replace_tables({TABLE: frame}, where={"as_of_date": JUNE})


def test_slice_with_other_columns_is_refused_and_names_them(warehouse):
    warehouse.replace_tables({TABLE: assignments(JUNE, 1)})
    other = assignments(JUNE, 1).rename({"segment_id": "cluster"})
    with pytest.raises(ValueError, match=r"1 only in the table, e\.g\. \[\('segment_id', 'BIGINT'\)\]"):
        warehouse.replace_tables({TABLE: other}, where={"as_of_date": JUNE})


def test_tables_are_written_together_or_not_at_all(warehouse):
    warehouse.replace_tables({TABLE: assignments(JUNE, 1)})
    with pytest.raises(ValueError, match="is no table name"):
        warehouse.replace_tables({TABLE: assignments(JULY, 5), "bare_name": assignments(JULY, 5)})
    assert stored_segments(warehouse) == [(JUNE, 1)]


def test_nothing_stays_in_a_write_ahead_log(warehouse):
    warehouse.replace_tables({TABLE: assignments(JUNE, 1)})
    assert [path.name for path in Path(warehouse.path).parent.iterdir()] == ["warehouse.duckdb"]


def test_connection_reads_times_in_utc(warehouse):
    value = warehouse.read("select cast(? as timestamptz) as at", ["2024-06-30 12:00:00+02"])["at"][0]
    assert value == datetime(2024, 6, 30, 10, tzinfo=UTC)
    assert str(warehouse.read("select current_setting('TimeZone') as zone")["zone"][0]) == "UTC"


def test_memory_limit_is_applied(warehouse):
    limited = Warehouse(path=warehouse.path, memory_limit="512MiB")
    assert limited.read("select current_setting('memory_limit') as amount")["amount"][0] == "512.0 MiB"


def test_slice_can_be_read_by_columns(warehouse):
    warehouse.replace_tables({TABLE: pl.concat([assignments(JUNE, 1), assignments(JULY, 5)])})
    assert warehouse.read_table(TABLE, ["segment_id"], {"as_of_date": JULY}).rows() == [(5,)]


def test_description_has_types_comments_and_exact_counts(warehouse):
    warehouse.replace_tables({TABLE: assignments(JUNE, 1, 2)})
    with warehouse.connect() as connection:
        connection.execute(f"comment on column {TABLE}.segment_id is 'Identity of the segment'")
        connection.execute(f"create view segmentation.sizes as select count(*) as size from {TABLE}")
    described = warehouse.describe_tables(["segmentation"])
    assert described.columns == ["schema", "table", "column", "ordinal", "type", "comment", "row_count"]
    assert described.select("table", "column", "type", "comment", "row_count").rows() == [
        ("segment_assignments", "customer_id", "VARCHAR", None, 2),
        ("segment_assignments", "as_of_date", "DATE", None, 2),
        ("segment_assignments", "segment_id", "BIGINT", "Identity of the segment", 2),
        ("sizes", "size", "BIGINT", None, None),
    ]


def test_description_of_an_empty_schema_has_no_rows(warehouse):
    assert warehouse.describe_tables(["absent"]).is_empty()


HOLDER = """
import sys
import duckdb

with duckdb.connect(sys.argv[1]):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def held_warehouse(warehouse):
    Path(warehouse.path).parent.mkdir()
    arguments = [sys.executable, "-c", HOLDER, warehouse.path]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"open\n"
        yield warehouse, holder
        holder.stdin.close()


def test_file_that_stays_locked_is_an_error_that_names_the_process(held_warehouse):
    warehouse, holder = held_warehouse
    with pytest.raises(TimeoutError, match=rf"still held by process {holder.pid} after 0\.3 s; close what"):
        warehouse.read("select 1")


def test_connection_waits_until_the_file_is_free(held_warehouse):
    warehouse, holder = held_warehouse
    patient = Warehouse(path=warehouse.path, lock_timeout_seconds=30)
    holder.stdin.close()
    assert patient.read("select 1 as one")["one"][0] == 1


def test_file_that_is_no_database_is_reported_at_once(warehouse):
    Path(warehouse.path).parent.mkdir()
    Path(warehouse.path).write_text("customer_id,amount\n" * 1000)
    patient = Warehouse(path=warehouse.path, lock_timeout_seconds=3600)
    with pytest.raises(Exception, match="not a valid DuckDB database"):
        patient.read("select 1")


def test_published_file_that_does_not_exist_is_not_created(tmp_path):
    with pytest.raises(FileNotFoundError, match="publish a generation first"), open_readonly(tmp_path / "x"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_too_little_space_is_reported_with_figures(tmp_path):
    with pytest.raises(OSError, match=r"needs 1,000,000,000,000,000,000 bytes") as caught:
        require_free_space(tmp_path / "not" / "there", 10**18)
    assert caught.value.errno == errno.ENOSPC


def test_enough_space_passes(tmp_path):
    require_free_space(tmp_path, 1)


@pytest.mark.parametrize("name", ["orders", "a.b.c", ".orders", "raw."])
def test_table_name_without_a_schema_is_refused(name):
    with pytest.raises(ValueError, match=r"write it as schema\.table"):
        quote_table(name)


def test_names_are_quoted_not_executed():
    assert quote_table('raw.x"; drop table y; --') == '"raw"."x""; drop table y; --"'
