"""Files of every format and state as rows."""

import gzip
import json
from functools import partial
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.loading import csv_reader
from dagster_project.loading.errors import LoadError, SourceError
from dagster_project.loading.file_rows import SOURCE_ROW
from dagster_project.loading.files import SourceFile
from dagster_project.loading.readers import read_rows
from dagster_project.loading.source import CsvOptions, SourceTable
from dagster_project.loading.sql_text import name_list


def read_content(shop, content, name="orders.csv", file_format="csv", **csv):
    """Write a file and read it: its columns, its rows as tuples that end with their place, what is malformed."""
    path = shop.write(name, content)
    config = SourceTable(files=(name,), columns={"order_id": "id"}, csv=CsvOptions(**csv))
    rows = read_rows(shop.connection, SourceFile(path, name, file_format), config, shop.folder / "scratch.parquet")
    columns = name_list([*rows.column_types, SOURCE_ROW])
    good = shop.rows(f"select {columns} from ({rows.query}) order by {SOURCE_ROW}")
    return list(rows.column_types), good, shop.rows("select * from temp.malformed_records order by 1")


@pytest.fixture
def read(shop):
    return partial(read_content, shop)


def test_parquet_rows_keep_their_place(tmp_path, connection, read):
    path = tmp_path / "made.parquet"
    connection.execute(f"copy (select i as id, i * 2 as n from range(3) t(i)) to '{path}' (format parquet)")
    columns, good, bad = read(path.read_bytes(), "orders.parquet", "parquet")
    assert (columns, good, bad) == (["id", "n"], [(0, 0, 1), (1, 2, 2), (2, 4, 3)], [])


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_csv_rows_are_numbered_without_header_and_blank_lines(read, ending, mark):
    content = mark + ending.join(["id,name", "1,x", "", "2,", "3,z", ""])
    assert read(content) == (["id", "name"], [("1", "x", 1), ("2", None, 2), ("3", "z", 3)], [])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_in_the_header(read, delimiter):
    assert read(f"id{delimiter}name\n1{delimiter}x\n")[:2] == (["id", "name"], [("1", "x", 1)])


def test_a_delimiter_may_be_given(read):
    assert read("id^a,b\n1^x,y\n", delimiter="^")[:2] == (["id", "a,b"], [("1", "x,y", 1)])


def test_without_a_quote_every_quote_is_a_character(read):
    content = 'id\tname\n1\t"x\n2\ty" z\n3\t"{""a"": 1}"\n'
    rows = [("1", '"x', 1), ("2", 'y" z', 2), ("3", '"{""a"": 1}"', 3)]
    assert read(content, quote="") == (["id", "name"], rows, [])
    with patch.object(csv_reader, "_is_right", return_value=False):
        assert read(content, quote="") == (["id", "name"], rows, [])


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_other_encodings_are_read(read, encoding):
    assert read("id,name\n1,Müller\n".encode(encoding), encoding=encoding)[1] == [("1", "Müller", 1)]


def test_a_gzipped_file_is_read_by_its_ending(read):
    assert read(gzip.compress(b"id,name\n1,x\n"), "orders.csv.gz")[1] == [("1", "x", 1)]


def test_a_damaged_gzip_file_is_refused_by_name(read):
    damaged = gzip.compress(b"id,name\n" + b"1,x\n" * 1000)[:30]
    with pytest.raises(LoadError, match=r"orders.csv.gz cannot be read as csv"):
        read(damaged, "orders.csv.gz")


def test_a_damaged_parquet_file_is_refused_by_name(read):
    with pytest.raises(LoadError, match=r"orders.parquet cannot be read as parquet"):
        read(b"PAR1 and nothing else", "orders.parquet", "parquet")


def test_a_file_without_header_takes_its_names_from_the_yaml(read):
    assert read("1,x\n2,y\n", column_names=("id", "name"))[:2] == (["id", "name"], [("1", "x", 1), ("2", "y", 2)])


def test_a_column_without_a_name_is_named_after_its_place(read):
    assert read(",id\n0,1\n")[0] == ["column_1", "id"]


def test_two_columns_of_one_name_are_refused(read):
    with pytest.raises(SourceError, match="the same but for case: ID, id"):
        read("id,ID\n1,2\n")


@pytest.mark.parametrize("content", ["", "\ufeff", "\n\r\n \n"])
@pytest.mark.parametrize(("name", "file_format"), [("o.csv", "csv"), ("o.jsonl", "jsonl")])
def test_an_empty_file_has_no_rows_and_is_named(shop, read, content, name, file_format):
    assert read(content, name, file_format) == ([], [], [])
    config = SourceTable(files=(name,), columns={"order_id": "id"})
    file = SourceFile(shop.folder / "files" / name, name, file_format)
    rows = read_rows(shop.connection, file, config, shop.folder / "scratch.parquet")
    assert rows.notes == ("it is empty",)


def test_malformed_csv_records_are_told_apart_with_row_and_line(read):
    _, good, bad = read('id,name\n1,x\n2\n3,"y\n4,"z"\n\n5,v,w\n6,u\n')
    assert good == [("1", "x", 1), ("4", "z", 4), ("6", "u", 6)]
    assert bad == [
        (2, "2", "line 3: 1 columns instead of 2"),
        (3, '3,"y', "line 4: broken quotes"),
        (5, "5,v,w", "line 7: 3 columns instead of 2"),
    ]


def test_a_line_of_another_encoding_is_malformed(read):
    _, good, bad = read(b"id,name\n1,\xff\n2,y\n")
    assert good == [("2", "y", 2)]
    assert bad == [(1, "1,\\xff", "line 2: its bytes are not in the encoding of the file")]


@pytest.mark.parametrize("broken_line", ["", "broken\n"], ids=["well formed", "with a malformed line"])
def test_a_quoted_line_break_is_part_of_the_value(read, broken_line):
    _, good, _ = read(f'id,name\n1,"two\nlines"\n{broken_line}')
    assert good == [("1", "two\nlines", 1)]


_VALUES = st.text(st.sampled_from(list('a1 ,;"\né\0\t#')), max_size=6)


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.tuples(_VALUES, _VALUES).filter(any), max_size=6), ending=st.sampled_from(["\n", "\r\n"]))
def test_both_csv_readers_agree_on_a_well_formed_file(open_shop, rows, ending):
    lines = [",".join('"' + value.replace('"', '""') + '"' for value in row) for row in rows]
    content = ending.join(["id,name", *lines, ""])
    with open_shop() as shop:
        fast = read_content(shop, content)
        with patch.object(csv_reader, "_is_right", return_value=False):
            careful = read_content(shop, content)
    assert fast == careful
    assert [row[:2] for row in careful[1]] == [tuple(value or None for value in row) for row in rows]


def test_json_keys_are_columns_and_values_text(read):
    columns, good, _ = read('{"id": 1, "name": "x"}\n{"id": "2", "tags": ["a"], "name": null}\n', "o.jsonl", "jsonl")
    assert columns == ["id", "name", "tags"]
    assert good == [("1", "x", None, 1), ("2", None, '["a"]', 2)]


def test_json_lines_keep_their_line_number(read):
    assert read('\n{"id": 1}\n\n{"id": 2}\n', "o.jsonl", "jsonl")[1] == [("1", 2), ("2", 4)]


@pytest.mark.parametrize("line", ['{"id": 1', "[1]", '"id"', "null", "{'id': 1}", '{"id": 1} {"id": 2}'])
def test_a_line_that_is_no_json_object_is_malformed(read, line):
    _, good, bad = read('{"id": 1}\n' + line + "\n", "o.jsonl", "jsonl")
    assert (good, bad) == ([("1", 1)], [(2, line, "line 2: no JSON object")])


def test_json_keys_that_look_like_paths_are_names(read):
    keys = ["$.a", "a/b", "~t", "a.b", 'q"', "a[0]"]
    columns, good, _ = read(json.dumps({key: key for key in keys}), "o.jsonl", "jsonl")
    assert columns == sorted(keys)
    assert good == [(*sorted(keys), 1)]


def test_json_nested_ten_thousand_deep_is_a_value(read):
    deep = "[" * 10_000 + "]" * 10_000
    assert read('{"id": ' + deep + "}\n", "o.jsonl", "jsonl")[1] == [(deep, 1)]


def test_a_file_name_with_pattern_characters_is_one_file(read):
    read("id,name\n9,z\n", "orders1.csv")
    assert read("id,name\n1,x\n", "orders[1]*.csv")[1] == [("1", "x", 1)]
