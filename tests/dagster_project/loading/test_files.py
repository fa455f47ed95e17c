"""Which files a source names."""

import pytest

from dagster_project.loading.errors import SourceError
from dagster_project.loading.files import find_files, resolve_folder
from dagster_project.loading.source import Source


@pytest.fixture
def source_in(tmp_path):
    def make(folder, files="*.csv", **config):
        table = {"files": files, "columns": {"product_id": "sku"}} | config
        source = Source(
            name="shop",
            title="",
            folder=folder,
            time_zone="UTC",
            currency="EUR",
            tables={"products": table},
        )
        return source.located_at(tmp_path / "sources" / "shop.yml")

    return make


def test_a_folder_counts_from_where_the_yaml_lies(source_in, tmp_path):
    assert resolve_folder(source_in("../exports")) == tmp_path / "exports"


def test_an_absolute_folder_stays_as_it_is(source_in, tmp_path):
    assert resolve_folder(source_in(str(tmp_path / "x"))) == tmp_path / "x"


def test_a_folder_may_name_a_variable_with_a_default(source_in, tmp_path, monkeypatch):
    assert resolve_folder(source_in("${EXPORTS_OF_SHOP:-../here}")) == tmp_path / "here"
    monkeypatch.setenv("EXPORTS_OF_SHOP", "../there")
    assert resolve_folder(source_in("${EXPORTS_OF_SHOP:-../here}")) == tmp_path / "there"


def test_an_unset_variable_is_an_error_that_names_the_yaml(source_in):
    with pytest.raises(SourceError, match=r"shop.yml: folder: .*EXPORTS_OF_NOBODY"):
        resolve_folder(source_in("${EXPORTS_OF_NOBODY}"))


def test_a_folder_may_lie_in_an_installed_package(source_in):
    assert (resolve_folder(source_in("package:dagster_project/sources")) / "complete_journey.yml").exists()


@pytest.mark.parametrize("package", ["no_such_package_here", "../x", "json.decoder"])
def test_a_package_that_is_not_installed_is_an_error(source_in, package):
    with pytest.raises(SourceError, match="is not installed"):
        resolve_folder(source_in(f"package:{package}/data"))


def test_numbers_in_file_names_count_as_numbers(source_in, tmp_path):
    for name in ("part10.csv", "part2.csv", "b/part1.csv", "part1.csv"):
        path = tmp_path / "exports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = find_files(source_in("../exports", ["*.csv", "**/*.csv"]), "products")
    assert [file.name for file in found] == ["b/part1.csv", "part1.csv", "part2.csv", "part10.csv"]


@pytest.mark.parametrize(
    ("name", "file_format"),
    [
        ("a.CSV.gz", "csv"),
        ("a.tsv", "csv"),
        ("a.jsonl", "jsonl"),
        ("a.2024.ndjson.gz", "jsonl"),
        ("a.parquet", "parquet"),
    ],
)
def test_the_format_follows_from_the_ending(source_in, tmp_path, name, file_format):
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / name).touch()
    assert find_files(source_in("../exports", name), "products")[0].format == file_format


def test_an_ending_that_says_nothing_needs_a_format(source_in, tmp_path):
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "orders.dat").touch()
    with pytest.raises(SourceError, match=r"orders.dat tells no format; say `format: parquet`"):
        find_files(source_in("../exports", "*.dat"), "products")
    assert find_files(source_in("../exports", "*.dat", format="csv"), "products")[0].format == "csv"


def test_a_database_has_no_files(source_in):
    source = source_in("../exports").model_copy(update={"folder": None})
    assert find_files(source, "products") == []
