"""What loading costs, beside a plain insert of the same columns; writes its part of docs/benchmarks.md.

``python -m tests.benchmarks.loading [--quick | numbers of events]``. A simulated shop with all tables, some 50 events a
customer. The plain insert casts the same expressions to the same types in one DuckDB process, and checks nothing. Every
figure is of a process of its own. Ends with the status 1 when a target is missed.
"""

import os
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import duckdb

from dagster_project.loading.contract import TABLES
from dagster_project.loading.load import load_sources
from dagster_project.loading.raw_schema import create_raw_schema
from dagster_project.loading.read_sources import read_sources
from dagster_project.loading.source import RECEIVED_AT, SourceTable
from dagster_project.settings import PROJECT_ROOT, read_settings
from tests.benchmarks.cost import Cost, measure
from tests.benchmarks.loading_report import LoadSize, targets_of, write_section

SIZES = (1_000_000, 10_000_000, 50_000_000)
EVENTS_PER_CUSTOMER = 52
REPORT = PROJECT_ROOT / "docs" / "benchmarks.md"
SOURCE = PROJECT_ROOT / "dagster_project" / "sources" / "simulated_shop.yml"
FLOOR, LOAD = "floor", "load"
_TOLD_ROWS = "rows read: "


def insert_plainly(warehouse: Path, folder: Path) -> int:
    """The floor: every file's rows into the raw tables as they are; the number of rows."""
    rows = 0
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"set memory_limit = '{read_settings().memory_limit}'; set TimeZone = 'UTC'; begin")
        create_raw_schema(connection)
        for source in read_sources(SOURCE):
            for name, table in source.tables.items():
                for path in sorted({path for pattern in table.files for path in folder.glob(pattern)}):
                    rows += connection.execute(_plain_insert(name, table, path, connection)).fetchall()[0][0]
        connection.execute("commit; checkpoint")
    return rows


def _plain_insert(name: str, table: SourceTable, path: Path, connection: duckdb.DuckDBPyConnection) -> str:
    scan = f"read_parquet('{path}')" if path.suffix == ".parquet" else f"read_csv('{path}', all_varchar = true)"
    types = {column.name: column.kind.value for column in TABLES[name].columns} | {RECEIVED_AT: "timestamp"}
    as_ = {RECEIVED_AT: "arrived_at"}
    mapped = [
        f"try_cast(({text}) as {types[column]}) as {as_.get(column, column)}" for column, text in table.columns.items()
    ]
    if table.keep_extra:
        present = [row[0] for row in connection.execute(f"describe select * from {scan}").fetchall()]
        extra = [column for column in present if column not in table.columns.values()]
        packed = ", ".join(f'"{column}" := "{column}"' for column in extra)
        mapped.append(f"to_json(struct_pack({packed})) as extra" if extra else "null as extra")
    where = f"where {table.where}" if table.where else ""
    return (
        f"insert into raw.{name} by name select {', '.join(mapped)}, 'floor' as source_name, "
        f"'{path.name}' as source_file, row_number() over () as source_row, timestamp '2026-12-01' as loaded_at, "
        f"'floor' as load_id, false as is_correction from {scan} {where}"
    )


def load(warehouse: Path) -> int:
    """The project's load of what is new; the number of rows that were read."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"set memory_limit = '{read_settings().memory_limit}'; set TimeZone = 'UTC'")
        loads = connection.execute(
            "select count(*) from information_schema.tables where table_schema = 'ops' and table_name = 'load_ledger'"
        ).fetchall()[0][0]
        loaded_at = datetime(2026, 12, 2 if loads else 1, 3)
        report = load_sources(connection, read_sources(SOURCE), loaded_at=loaded_at, load_id=f"load {loads}")
        connection.execute("checkpoint")
    return sum(table.totals.rows_read for table in report.tables)


def measure_size(count: int, folder: Path) -> LoadSize:
    """A shop of about so many events: the floor, its first load, and the load of one more day of events."""
    files, day = folder / "files", folder / "day.parquet"
    environment = {**os.environ, "SOURCE_DATA": str(files)}
    customers = max(1, count // EVENTS_PER_CUSTOMER)
    simulate = ["-m", "dagster_project.simulate_shop", "--folder", str(files), "--customers", str(customers)]
    measure([sys.executable, *simulate], environment, folder / "log")
    _set_day_aside(files, day)
    size = LoadSize(events=_count(files / "events_part_*.parquet"))
    for name in (FLOOR, LOAD):
        size.rows, cost = _measure(name, folder, environment)
        size.costs[name] = cost
        _tell(f"{size.events:,} events, {name}: {cost.cpu:.1f} CPU-s, {cost.peak:,.0f} MiB")
    day.rename(files / "events_part_9999.parquet")
    size.day_rows, size.day = _measure(LOAD, folder, environment)
    size.idle = _measure(LOAD, folder, environment)[1]
    _tell(f"one more day, {size.day_rows:,} rows: {size.day.cpu - size.idle.cpu:.1f} CPU-s more than nothing new")
    return size


def _measure(name: str, folder: Path, environment: dict[str, str]) -> tuple[int, Cost]:
    command = [sys.executable, "-m", "tests.benchmarks.loading", name, str(folder)]
    cost = measure(command, environment, folder / "log")
    told = next(line for line in (folder / "log").read_text().splitlines() if line.startswith(_TOLD_ROWS))
    return int(told.removeprefix(_TOLD_ROWS)), cost


def _set_day_aside(files: Path, day: Path) -> None:
    """Takes the events of the last whole day out of the shop's files, into one of their own."""
    pattern = files / "events_part_*.parquet"
    with duckdb.connect() as connection:
        last = connection.execute(f"select date_trunc('day', max(received_at)) from '{pattern}'").fetchall()[0][0]
        cut = f"received_at >= timestamp '{last}' - interval 1 day"
        connection.execute(f"copy (select * from '{pattern}' where {cut}) to '{day}' (format parquet)")
        for path in sorted(files.glob("events_part_*.parquet")):
            rest = path.with_suffix(".rest")
            connection.execute(f"copy (select * from '{path}' where not ({cut})) to '{rest}' (format parquet)")
            rest.rename(path)


def _count(pattern: Path) -> int:
    with duckdb.connect() as connection:
        count: int = connection.execute(f"select count(*) from '{pattern}'").fetchall()[0][0]
        return count


def main(arguments: list[str]) -> int:
    """Measures, writes the report, and returns 1 when a target is missed."""
    if arguments[:1] in ([FLOOR], [LOAD]):
        name, folder = arguments[0], Path(arguments[1])
        warehouse = folder / f"{name}.duckdb"
        rows = insert_plainly(warehouse, folder / "files") if name == FLOOR else load(warehouse)
        _tell(f"{_TOLD_ROWS}{rows}")
        return 0
    counts = SIZES[:1] if arguments == ["--quick"] else [int(float(count)) for count in arguments] or SIZES
    sizes = []
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            sizes.append(measure_size(count, Path(folder)))
    write_section(REPORT, sizes, memory_limit=read_settings().memory_limit)
    missed = [target for target in targets_of(sizes) if not target.is_met]
    for target in missed:
        _tell(f"MISSED: {target.what}: {target.measured:.2f}{target.unit}, not {target.limit:g}{target.unit}")
    return 1 if missed else 0


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
