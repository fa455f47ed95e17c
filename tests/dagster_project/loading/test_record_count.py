"""Records counted by the bytes of a file."""

import pytest

from dagster_project.loading import record_count


@pytest.mark.parametrize("chunk_bytes", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    ("content", "records"),
    [
        ("", 0),
        ("a,b", 1),
        ("a,b\nc,d\n", 2),
        ("a,b\r\nc,d\r\n", 2),
        ("\n\na,b\n\r\n\nc,d\n\n", 2),
        ('a,"x\ny"\nc,"say ""\n"""\n', 2),
        ('"\n"', 1),
        ('a,"\n\n', 1),
    ],
)
def test_records_are_counted_whatever_the_chunks(tmp_path, monkeypatch, content, records, chunk_bytes):
    monkeypatch.setattr(record_count, "_CHUNK_BYTES", chunk_bytes)
    path = tmp_path / "file.csv"
    path.write_bytes(content.encode())
    assert record_count.count_records(path, '"') == records


def test_without_a_quote_every_line_break_ends_a_record(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes(b'a,"x\ny",b\n')
    assert record_count.count_records(path, "") == 2


def test_lines_before_the_header_are_left_out_whatever_is_in_them(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes(b'a "title\n\nid\n1\n')
    assert record_count.count_records(path, '"', skip=2) == 2
