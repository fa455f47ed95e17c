"""The command that writes a simulated shop, and its source: what the loader makes of the dirt."""

import hashlib
import json
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from dagster_project.loading.contract import TABLES
from dagster_project.loading.load import load_sources
from dagster_project.loading.read_sources import read_sources
from dagster_project.settings import PROJECT_ROOT, override_environment
from dagster_project.simulate_shop import EXIT_UNUSABLE, MARKER, main

SOURCE = PROJECT_ROOT / "dagster_project" / "sources" / "simulated_shop.yml"
CUSTOMERS = 1_000


def simulate(home: Path, *options: str) -> int:
    return main(["--customers", str(CUSTOMERS), "--folder", str(home / "files"), *options])


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("simulated")
    assert simulate(home) == 0
    return home


@pytest.fixture(scope="module")
def loaded(home, tmp_path_factory):
    """Totals of each table after the load, and the warehouse."""
    connection = duckdb.connect(str(tmp_path_factory.mktemp("loaded") / "warehouse.duckdb"), config={"threads": 1})
    with override_environment({"SOURCE_DATA": str(home / "files")}):
        report = load_sources(connection, read_sources(SOURCE), loaded_at=datetime(2026, 8, 1), load_id="first")
    yield {table.table_name: table.totals for table in report.tables}, connection
    connection.close()


def hash_files(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def read_files(home: Path, name: str) -> pl.DataFrame:
    pattern = str(home / "files" / f"{name}_part_*")
    return pl.read_csv(f"{pattern}.csv") if name == "orders" else pl.read_parquet(f"{pattern}.parquet")


def test_the_same_seed_writes_the_same_bytes(home, tmp_path):
    assert simulate(tmp_path) == 0
    for folder in ("files", "truth"):
        assert hash_files(tmp_path / folder) == hash_files(home / folder)


def test_another_simulation_replaces_all_files_of_the_last(tmp_path):
    assert simulate(tmp_path, "--seed", "2") == 0
    (tmp_path / "files" / "orders_part_0007.csv").write_text("left over")
    assert main(["--customers", "50", "--folder", str(tmp_path / "files")]) == 0
    assert not (tmp_path / "files" / "orders_part_0007.csv").exists()
    assert json.loads((tmp_path / "files" / MARKER).read_text()) == {
        "preset": "brand_shop",
        "seed": 1,
        "customers": 50,
    }


def test_nothing_but_a_simulation_is_replaced(tmp_path, capsys):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "mine.csv").write_text("a,b")
    assert simulate(tmp_path) == EXIT_UNUSABLE
    assert "choose an empty or new folder" in capsys.readouterr().err
    assert (tmp_path / "files" / "mine.csv").read_text() == "a,b"


def test_the_report_is_printed_with_the_sources_of_its_targets(tmp_path, capsys):
    assert simulate(tmp_path, "--preset", "mass_retailer") == 0
    printed = capsys.readouterr().out
    assert "Calibration of mass_retailer" in printed
    assert "measured on Online Retail II" in printed


def test_too_few_customers_are_written_without_a_report(tmp_path, capsys):
    assert main(["--customers", "3", "--folder", str(tmp_path / "files")]) == 0
    assert "3 customers are too few" in capsys.readouterr().out
    assert len(pl.read_parquet(tmp_path / "truth" / "customers_*.parquet")) == 3


def test_the_truth_is_apart_from_what_the_source_reads(home):
    with override_environment({"SOURCE_DATA": str(home / "files")}):
        (source,) = read_sources(SOURCE)
    patterns = [pattern for table in source.tables.values() for pattern in table.files]
    assert not any("truth" in pattern or ".." in pattern for pattern in patterns)
    assert {path.name for path in (home / "truth").iterdir()} == {
        "campaign_effects.parquet",
        "campaign_members_0001.parquet",
        "complaints_0001.parquet",
        "customers_0001.parquet",
        "deals_0001.parquet",
        "identities_0001.parquet",
        "mails_0001.parquet",
        "orders_0001.parquet",
        "outcomes_0001.parquet",
        "sessions_0001.parquet",
        MARKER,
    }


def test_every_row_is_loaded_quarantined_or_a_duplicate(loaded):
    totals, _ = loaded
    assert len(totals) == len(TABLES) == 18
    for name, table in totals.items():
        assert table.rows_read == table.rows_loaded + table.rows_quarantined + table.rows_duplicate, name


def test_the_loader_finds_all_the_dirt(home, loaded):
    totals, _ = loaded
    lines, orders = read_files(home, "order_lines"), read_files(home, "orders")
    broken_lines = lines.unique().filter(pl.any_horizontal(pl.col("product_id", "quantity").is_null()))
    assert totals["order_lines"].rows_duplicate == len(lines) - len(lines.unique())
    assert totals["order_lines"].rows_quarantined >= len(broken_lines) > 0
    is_broken = pl.col("ordered_at").str.starts_with("0000") | pl.any_horizontal(
        pl.col("order_id", "customer_id").is_null()
    )
    assert totals["orders"].rows_quarantined == len(orders.filter(is_broken, pl.col("customer_id").ne_missing("GUEST")))
    clean = set(totals) - {"orders", "order_lines", "events", "email_events"}
    for name in clean:
        assert totals[name].rows_loaded == totals[name].rows_read, name


def test_the_loader_finds_the_broken_and_the_repeated_events(home, loaded):
    totals, connection = loaded
    events = read_files(home, "events")
    unique = events.unique()
    is_broken = pl.any_horizontal(pl.col("occurred_at", "event_type", "anonymous_id").is_null())
    assert totals["events"].rows_duplicate == len(events) - len(unique) > 0
    assert totals["events"].rows_quarantined == len(events.filter(is_broken)) > 0
    # The same event under two identifiers is for the models to find.
    alike = unique.filter(~is_broken).drop("event_id", "received_at")
    assert len(alike) - len(alike.unique()) > 20
    rows = connection.execute("select count(*) from raw.events").fetchall()
    assert rows == [(totals["events"].rows_loaded,)]


def test_every_family_is_about_the_same_people_and_orders(loaded):
    _, connection = loaded
    for table in ("events", "email_events", "support_tickets", "social_engagements", "calls", "erasure_requests"):
        ((strangers, known),) = connection.execute(
            f"select count(*) filter (customers.customer_id is null), count(*) from raw.{table} as facts "
            "left join raw.customers using (customer_id) where facts.customer_id is not null"
        ).fetchall()
        assert (strangers, known > 0) == (0, True), table
    ((purchases, placed),) = connection.execute(
        "with purchases as ("
        "select json_extract_string(properties, '$.order_id') as order_id, occurred_at from raw.events "
        "where event_type = 'purchase') "
        "select count(*), count(*) filter (ordered_at = occurred_at) "
        "from purchases inner join raw.orders using (order_id)"
    ).fetchall()
    assert purchases > 300
    assert placed / purchases > 0.9


def test_guests_have_lines_and_no_orders(loaded):
    _, connection = loaded
    guests = connection.execute("select count(distinct order_id) from raw.order_lines where customer_id is null")
    (((count,),)) = guests.fetchall()
    assert count > 20
    rows = connection.execute("select count(*) from raw.orders where customer_id = 'GUEST'").fetchall()
    assert rows == [(0,)]


def test_an_order_with_a_later_version_was_replaced_when_that_arrived(loaded):
    totals, connection = loaded
    assert totals["orders"].rows_replaced > 20
    versions = connection.execute(
        "select count(*) from raw.orders as late inner join raw.orders as early using (order_id) "
        "where late.status = 'returned' and early.status = 'paid' and late.arrived_at > early.arrived_at"
    ).fetchall()
    assert versions[0][0] > 20
