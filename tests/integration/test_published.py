"""What a reader finds after the first run on the small shop."""

import json
from pathlib import Path

import polars as pl
import pytest

from dagster_project.publishing.tables import DATABASE_NAME, MANIFEST_TABLE, PARQUET_FOLDER
from dagster_project.warehouse import open_readonly, quote_identifier
from tests.integration.homes import FinishedRun, Home
from tests.integration.small_shop import CHANGED_TO_GRANTED, KINDS, LAST_COMPLETE_DAY, REFUSING

CUSTOMERS = sum(kind.customers for kind in KINDS)

# Nobody can have moved between segments before the second as-of date.
EMPTY_AFTER_ONE_RUN = {"segment_migrations"}


def tables_with(home: Home, column: str) -> list[str]:
    found = home.published(f"select distinct table_name from duckdb_columns() where column_name = '{column}'")
    return sorted(found["table_name"])


def test_generation_is_whole(home):
    assert home.verify().as_of_date == LAST_COMPLETE_DAY


def test_every_table_has_rows(home):
    empty = {name for name, table in home.manifest().tables.items() if table.row_count == 0}
    assert empty == EMPTY_AFTER_ONE_RUN


def test_every_table_is_also_a_parquet_file(home):
    parquet = {path.stem for path in (home.generation() / PARQUET_FOLDER).iterdir()}
    assert parquet == set(home.manifest().tables)


def test_parquet_holds_what_the_database_holds(home):
    stored = pl.read_parquet(home.generation() / PARQUET_FOLDER / "customer_segments.parquet")
    assert stored.equals(home.published("select * from customer_segments"))


def test_nobody_who_refused_is_in_any_table_with_customers(home):
    tables = tables_with(home, "customer_id")
    assert {"customer_segments", "customer_scores", "customer_explanations"} <= set(tables)
    people = {person for table in tables for person in home.published(f"from {table}")["customer_id"].unique()}
    assert people.isdisjoint(REFUSING)


def test_nobody_who_refused_is_named_in_any_text(home):
    manifest = home.manifest()
    folder = home.generation()
    with open_readonly(folder / DATABASE_NAME) as connection:
        for table in manifest.tables:
            texts = str(connection.execute(f"select * from {quote_identifier(table)}").fetchall())
            assert [person for person in REFUSING if person in texts] == [], table


def test_somebody_who_refused_and_then_agreed_has_a_segment(home):
    assert CHANGED_TO_GRANTED in home.published("from customer_segments")["customer_id"]


def test_every_other_customer_has_one_segment(home):
    assigned = home.published("from customer_segments")["customer_id"]
    assert assigned.n_unique() == assigned.len() == CUSTOMERS - len(REFUSING)


def test_every_segment_and_score_is_explained(home):
    unexplained = home.published(
        """
        with subjects as (
            select segmentation as subject, customer_id from customer_segments
            union all
            select prediction as subject, customer_id from customer_scores
        )
        select * from subjects
        full join (select distinct subject, customer_id from customer_explanations) as explained
            using (subject, customer_id)
        where subjects.customer_id is null or explained.customer_id is null
        """
    )
    assert unexplained.is_empty()


def test_reasons_are_ranked_from_one_without_gaps(home):
    ranks = home.published(
        "select max(rank) as last, count(*) as reasons, min(rank) as first "
        "from customer_explanations group by subject, customer_id"
    )
    assert (ranks["first"] == 1).all()
    assert (ranks["last"] == ranks["reasons"]).all()


def test_segment_names_are_unique(home):
    names = home.published("from segment_profiles")["segment_name"]
    assert names.is_unique().all()


def test_segments_of_the_profiles_are_those_of_the_customers(home):
    profiles = home.published("select segment_id, segment_name, customers from segment_profiles order by all")
    counted = home.published(
        "select segment_id, segment_name, count(*) as customers from customer_segments group by all order by all"
    )
    assert profiles.equals(counted)


def test_shares_of_all_segments_sum_to_one(home):
    sums = home.published(
        "select sum(customer_share) as customers, sum(revenue_share) as revenue from segment_profiles"
    )
    assert sums.row(0) == pytest.approx((1.0, 1.0))


def test_probabilities_lie_between_zero_and_one(home):
    assert home.published("from customer_scores")["value"].is_between(0, 1).all()


def test_churn_card_has_the_naive_rule_beside_the_champion(home):
    card = json.loads(home.published("select card from model_cards where model = 'churn'").item())
    assert {"naive", "logistic", "boosting"} == {candidate["candidate"] for candidate in card["candidates"]}
    assert all(candidate["log_loss"] > 0 for candidate in card["candidates"])


def test_churn_was_tested_on_later_dates_than_it_was_trained_on(home):
    rows = home.published("from prediction_candidates")
    assert (rows["test_dates"] > 0).all()
    assert rows["is_chosen"].sum() == 1


def test_waterfall_ends_at_the_revenue_of_the_feature_mart(home):
    last = home.published("select amount_left from revenue_waterfall order by step desc limit 1").item()
    mart = home.warehouse("select sum(net_revenue) from marts.fct_customer_features where is_current").item()
    assert last == mart


def test_waterfall_takes_out_the_odd_rows_by_their_rules(home):
    removed = home.published("select rule, rows_removed from revenue_waterfall where rows_removed > 0")
    assert {
        "rejected": 2,  # the order without a buyer, the line of "twenty"
        "repeated_row": 1,
        "rejected_order": 1,  # the line of the order without a buyer
        "cancelled_order": 1,
        "returned": 1,  # the unit that was given back
        "amount_not_positive": 1,
        "after_as_of_date": 4,
    }.items() <= dict(removed.iter_rows()).items()


def test_every_column_is_described(home):
    undescribed = home.published(
        "select table_name, column_name from duckdb_columns() where not internal and coalesce(comment, '') = ''"
    )
    assert undescribed.is_empty(), undescribed


def test_every_table_is_described(home):
    described = home.published("select table_name, comment from duckdb_tables() where not internal")
    assert set(described["table_name"]) == {*home.manifest().tables, MANIFEST_TABLE}
    assert described["comment"].null_count() == 0


def test_every_row_says_when_and_by_which_model(home):
    by_model = {"customer_segments", "customer_scores", "customer_explanations", "segment_profiles", "model_cards"}
    versions = set(home.manifest().model_versions.values())
    for table in by_model:
        rows = home.published(f"from {table}")
        assert set(rows["model_version"]) <= versions, table
        assert set(rows["as_of_date"]) == {LAST_COMPLETE_DAY}, table
        assert rows["computed_at"].null_count() == 0, table


def test_published_files_cannot_be_written(home):
    modes = {path.stat().st_mode & 0o777 for path in home.generation().rglob("*") if path.is_file()}
    assert modes == {0o444}


def test_run_says_what_a_shop_owner_wants_to_know(first_run: tuple[Home, FinishedRun]):
    home, run = first_run
    for name in home.published("from segment_profiles")["segment_name"]:
        assert name.split()[0] in run.output
    assert "naive" in run.output
    assert str(Path("published") / "current" / DATABASE_NAME) in run.output


def test_run_tells_its_steps_as_they_begin(first_run: tuple[Home, FinishedRun]):
    _, run = first_run
    steps = ["Loading new files", "Building orders", "Finding segments", "Training churn", "Publishing"]
    places = [run.output.index(step) for step in steps]
    assert places == sorted(places)
