"""What the bytes of a file say it is."""

import gzip
import zipfile

import pytest

from dagster_project.loading.errors import LoadError, SourceError
from dagster_project.loading.file_bytes import TextForm, is_blank, look_at_text, name_in_archive
from tests.dagster_project.loading.conftest import ORDERS


@pytest.fixture
def write(tmp_path):
    def write_one(content, name="file.csv"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write_one


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"a,b\n1,2\n", TextForm(None, None, False)),
        (b"a,b\r\n1,2\r\n", TextForm(None, None, False)),
        (b"a,b\r1,2\r", TextForm(None, None, True)),
        (b'"a\rb",c\n1,2\n', TextForm(None, None, False)),
        (b'"a\nb",c\r1,2\r', TextForm(None, None, True)),
        (gzip.compress(b"a,b\r1,2"), TextForm("gzip", None, True)),
        ("a,b\n".encode("utf-16"), TextForm(None, "utf-16", False)),
    ],
)
def test_the_form_of_a_text_is_told_by_its_bytes(write, content, form):
    assert look_at_text(write(content), "utf-8") == form


def test_a_mark_outweighs_the_encoding_that_is_said(write):
    assert look_at_text(write("a,b\n".encode("utf-16")), "utf-16-be").encoding == "utf-16"
    assert look_at_text(write("a,b\n".encode("utf-16-be")), "UTF_16_BE").encoding == "utf-16-be"


@pytest.mark.parametrize(
    ("content", "is_one"),
    [
        (b"", True),
        (b"\xef\xbb\xbf\r\n \n", True),
        (gzip.compress(b"\n"), True),
        (b"\n" * 2_000_000, True),
        (b"\n" * 2_000_000 + b"a", False),
        (gzip.compress(b"a")[:-9], False),
        (b"\0\0", False),
    ],
)
def test_a_blank_file_is_told(write, content, is_one):
    assert is_blank(write(content)) is is_one


def test_an_archive_is_known_by_what_is_in_it(tmp_path):
    path = tmp_path / "march.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("export/orders.tsv", "a\tb\n")
    assert name_in_archive(path) == "export/orders.tsv"


def test_an_archive_of_several_files_is_refused_with_their_names(tmp_path):
    path = tmp_path / "march.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(5):
            archive.writestr(f"{number}.csv", "a\n")
    with pytest.raises(LoadError, match=r"holds 5 files \(0.csv, 1.csv, 2.csv\), .* unpack it beside the others"):
        name_in_archive(path)


def test_an_empty_file_among_good_ones_is_named_and_ends_nothing(shop):
    shop.write("orders1.csv", "")
    shop.write("orders2.csv", "id,customer,day,amount\no1,c1,2024-05-01,1\n")
    shop.describe({"orders": ORDERS})
    load = shop.load().tables[0]
    assert (load.totals.rows_read, load.changes) == (1, ("orders1.csv: it is empty",))
    shop.write("orders3.csv", "\ufeff\n")
    assert shop.load().tables[0].changes == ("orders3.csv: it is empty",)


def test_nothing_but_empty_files_is_an_error_unless_the_table_is_optional(shop):
    shop.write("orders1.csv", "")
    shop.write("orders2.csv", "\n")
    shop.describe({"orders": ORDERS})
    with pytest.raises(SourceError, match=r"tables.orders.files: every file is empty.*2: orders1.csv, orders2.csv"):
        shop.load()
    shop.describe({"orders": ORDERS | {"optional": True}})
    assert shop.load().tables[0].changes == ("orders1.csv: it is empty", "orders2.csv: it is empty")
