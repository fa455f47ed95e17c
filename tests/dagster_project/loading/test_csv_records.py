"""Records out of lines that cannot be trusted."""

import pytest

from dagster_project.loading.csv_records import MAX_CONTINUED_LINES, RecordSplitter
from dagster_project.loading.text_lines import Line


def split(text, width=2):
    lines = [Line(number, line) for number, line in enumerate(text.splitlines(keepends=True), start=1)]
    records = RecordSplitter(iter(lines), delimiter=",", quote='"').records(width)
    return [record.problem or record.fields for record in records]


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ("a,b\nc,d\n", [["a", "b"], ["c", "d"]]),
        ("a,b\r\nc,d", [["a", "b"], ["c", "d"]]),
        ("a,\n\n,d\n", [["a", ""], ["", "d"]]),
        ('"a,b",c\n', [["a,b", "c"]]),
        ('a,"say ""hi"""\n', [["a", 'say "hi"']]),
        ('a,5" nail\n', [["a", '5" nail']]),
        ('a,"two\nlines"\nc,d\n', [["a", "two\nlines"], ["c", "d"]]),
        ('a,"x\n\ny"\nc,d\n', [["a", "x\n\ny"], ["c", "d"]]),
    ],
)
def test_good_records_are_split(text, records):
    assert split(text) == records


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ("a\nc,d\n", ["line 1: 1 columns instead of 2", ["c", "d"]]),
        ("a,b,c\nc,d\n", ["line 1: 3 columns instead of 2", ["c", "d"]]),
        ('a,"b\nc,d\ne,f\n', ["line 1: a quoted field never ends", ["c", "d"], ["e", "f"]]),
        ('a,"b"x\nc,d\n', ["line 1: broken quotes", ["c", "d"]]),
        ('a,"b\nc,"d\ne,f\n', ["line 1: broken quotes", "line 2: a quoted field never ends", ["e", "f"]]),
    ],
)
def test_a_malformed_line_costs_itself_and_not_its_neighbours(text, records):
    assert split(text) == records


def test_a_line_that_is_not_in_the_encoding_is_malformed():
    lines = iter([Line(1, "a,\\xff\n", is_readable=False), Line(2, "c,d\n")])
    first, second = RecordSplitter(lines, delimiter=",", quote='"').records(2)
    assert first.problem == "line 1: its bytes are not in the encoding of the file"
    assert second.fields == ["c", "d"]


def test_a_quoted_field_may_not_go_on_for_ever():
    text = 'a,"b\n' + "x\n" * (MAX_CONTINUED_LINES + 1) + 'y"\n'
    assert split(text)[0] == "line 1: a quoted field never ends"


def test_a_field_longer_than_the_csv_module_allows_by_default_is_read():
    assert split('a,"' + "x" * 200_000 + '"\n') == [["a", "x" * 200_000]]
