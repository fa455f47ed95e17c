import polars as pl
import pytest

from dagster_project.publishing.tables import list_relations, measure_table
from dagster_project.warehouse import open_readonly


def read_published(published, sql: str) -> list[tuple]:
    with open_readonly(published / "current" / "segments.duckdb") as connection:
        return connection.execute(sql).fetchall()


def content_hash(warehouse, frame: pl.DataFrame) -> str:
    warehouse.replace_tables({"segments.measured": frame})
    with warehouse.connect() as connection:
        relation = next(relation for relation in list_relations(connection) if relation.name == "measured")
        return measure_table(connection, "segments", relation).content_hash


def test_tables_are_read_by_the_names_they_have_in_the_warehouse(publish, published):
    publish()
    assert read_published(published, "select count(*) from segments.customer_segments") == [(3,)]
    assert read_published(published, "select count(*) from customer_segments") == [(3,)]


def test_rows_are_stored_in_the_order_of_the_sort_keys(publish, published):
    publish(sort_keys={"customer_segments": ["segment_id", "customer_id"]})
    rows = read_published(published, "select customer_id from customer_segments")
    assert rows == [("c1",), ("c2",), ("c3",)]


def test_sort_key_that_is_no_column_is_an_error_that_names_it(publish):
    with pytest.raises(ValueError, match=r"customer_segments has no column \['segment'\] to sort by"):
        publish(sort_keys={"customer_segments": ["segment"]})


def test_comments_are_published(publish, published, warehouse):
    with warehouse.connect() as connection:
        connection.execute("comment on table segments.customer_segments is 'One row per customer'")
        connection.execute("comment on column segments.customer_segments.strength is '0 to 1, it''s relative'")
    publish()
    assert read_published(published, "select comment from duckdb_tables() where table_name = 'customer_segments'") == [
        ("One row per customer",)
    ]
    assert read_published(published, "select comment from duckdb_columns() where column_name = 'strength'") == [
        ("0 to 1, it's relative",)
    ]


def test_views_are_published_as_tables(publish, published, warehouse):
    with warehouse.connect() as connection:
        connection.execute("create view segments.big as from segments.segment_profiles where customers > 1")
    publish()
    assert read_published(published, "from big") == [(7, 2)]


def test_file_says_in_a_table_what_it_holds(publish, published):
    publish()
    rows = read_published(
        published,
        "select generation, as_of_date::varchar, created_at::varchar, table_name, row_count from manifest",
    )
    assert rows == [
        ("g1", "2017-12-30", "2018-01-02 03:04:05", "customer_segments", 3),
        ("g1", "2017-12-30", "2018-01-02 03:04:05", "segment_profiles", 2),
    ]


def test_every_column_of_the_manifest_table_is_described(publish, published):
    publish()
    bare = "select column_name from duckdb_columns() where table_name = 'manifest' and comment is null"
    assert read_published(published, bare) == []


def test_parquet_holds_the_same_rows(publish, segments):
    folder = publish().folder
    parquet = pl.read_parquet(folder / "parquet" / "customer_segments.parquet")
    assert parquet.equals(segments.sort("customer_id"))


def test_same_tables_give_the_same_parquet_bytes(publish):
    first, second = publish("g1"), publish("g2")
    for name in ("parquet/customer_segments.parquet", "parquet/segment_profiles.parquet"):
        assert first.manifest.files[name] == second.manifest.files[name]


def test_storage_version_is_the_oldest_that_duckdb_writes(publish):
    header = (publish().folder / "segments.duckdb").read_bytes()[:20]
    # An 8-byte checksum, the magic bytes, then the storage version: 64 is that of DuckDB 0.10 to 1.1.
    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") == 64


def test_content_hash_ignores_row_order_and_run_stamps(warehouse, segments):
    later = segments.reverse().with_columns(computed_at=pl.lit("tomorrow"))
    assert content_hash(warehouse, segments) == content_hash(warehouse, later)


@pytest.mark.parametrize(
    "changed",
    [
        pl.DataFrame({"a": ["1", None], "b": ["2", "3"]}),
        pl.DataFrame({"a": ["1", ""], "b": ["23", ""]}),
        pl.DataFrame({"a": ["1", "3"], "b": ["2", None]}),
        pl.DataFrame({"a": ["1", "3", "3"], "b": ["2", "", ""]}),
        pl.DataFrame({"a": ["12", "3"], "b": ["", ""]}),
        pl.DataFrame({"a": ["1", "3"], "c": ["2", ""]}),
        pl.DataFrame({"a": [1, 3], "b": ["2", ""]}),
    ],
)
def test_content_hash_tells_any_other_content_apart(warehouse, changed):
    original = pl.DataFrame({"a": ["1", "3"], "b": ["2", ""]})
    assert content_hash(warehouse, original) != content_hash(warehouse, changed)


def test_schema_without_tables_cannot_be_published(publish, warehouse):
    with warehouse.connect() as connection:
        connection.execute("drop schema segments cascade")
    with pytest.raises(ValueError, match="has no table to publish"):
        publish()


@pytest.mark.parametrize("name", ["manifest", "../escape", "a b"])
def test_table_with_an_unsafe_name_is_refused(publish, warehouse, name):
    with warehouse.connect() as connection:
        connection.execute(f'create table segments."{name}" (x integer)')
    with pytest.raises(ValueError, match="cannot be published"):
        publish()
