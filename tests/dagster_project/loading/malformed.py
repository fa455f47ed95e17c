"""Files in every state that exports, editors and networks leave them in, and what must become of each."""

import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

HEADER = b"id,customer,day,amount\n"
GOOD = b"o1,c1,2024-05-01,10\n"
LAST = b"o9,c9,2024-05-09,90\n"
DAY = "2024-05-01"


@dataclass(frozen=True)
class Kept:
    """All rows are accounted for: so many loaded, quarantined, and passed over as duplicates.

    ``rows`` are the numbers of the quarantined rows, ``reason`` is part of what is said of each.
    """

    loaded: int
    rows: tuple[int, ...] = ()
    reason: str = ""
    duplicates: int = 0


@dataclass(frozen=True)
class Refused:
    """Nothing is stored; the error names the file and says ``reason``."""

    reason: str


@dataclass(frozen=True)
class Malformed:
    """A file of orders; ``make`` gives its content, because some are large."""

    name: str
    make: Callable[[], bytes]
    outcome: Kept | Refused
    csv: dict[str, Any] | None = None


def _csv(name: str, body: bytes | Callable[[], bytes], outcome: Kept | Refused, **options: Any) -> Malformed:
    make = body if callable(body) else lambda: body
    return Malformed(f"{name}.csv", make, outcome, options or None)


def _with(line: bytes) -> bytes:
    """A good file with one more line in its middle."""
    return HEADER + GOOD + line + b"\n" + LAST


def _jsonl(name: str, line: bytes | Callable[[], bytes], outcome: Kept | Refused) -> Malformed:
    def make() -> bytes:
        return _json_row("o1") + (line() if callable(line) else line) + b"\n" + _json_row("o9")

    return Malformed(f"{name}.jsonl", make, outcome)


def _json_row(key: str, **changes: Any) -> bytes:
    row = {"id": key, "customer": "c1", "day": DAY, "amount": 1} | changes
    return json.dumps(row).encode() + b"\n"


def _json_with(text: str) -> bytes:
    """An order as JSON whose amount is written as ``text``."""
    return f'{{"id": "o2", "customer": "c2", "day": "{DAY}", "amount": {text}}}'.encode()


def _parquet(**columns: Any) -> bytes:
    stream = io.BytesIO()
    base = {"id": ["o1", "o2"], "customer": ["c1", "c2"], "day": [DAY, DAY], "amount": [1.5, 2.5]} | columns
    pq.write_table(pa.table(base), stream)
    return stream.getvalue()


def _parquet_without_rows() -> bytes:
    """A Parquet file that has columns and no rows."""
    text = pa.array([], pa.string())
    stream = io.BytesIO()
    pq.write_table(pa.table({"id": text, "customer": text, "day": text, "amount": text}), stream)
    return stream.getvalue()


def _flip_middle(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes(byte ^ 0xFF for byte in content[middle : middle + 40]) + content[middle + 40 :]


def _break_gzip_checksum() -> bytes:
    packed = bytearray(gzip.compress(HEADER + GOOD * 50, mtime=0))
    packed[-8:-4] = struct.pack("<I", 1)
    return bytes(packed)


def _zip(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


_MAC_ARCHIVE = {"x/": b"", "x/orders.csv": HEADER + GOOD, "x/.DS_Store": b"x", "__MACOSX/x/._orders.csv": b"x"}

_NO_TIME, _NO_MONEY = "is no time between 1900 and 2099", "is no number of money"

_NOT_CSV, _NOT_JSON, _NOT_PARQUET = (f"cannot be read as {kind}" for kind in ("csv", "jsonl", "parquet"))
_GIVES = "the expression gives"

CSV_CASES = [
    _csv("byte order mark", b"\xef\xbb\xbf" + HEADER + GOOD, Kept(1)),
    _csv("crlf", (HEADER + GOOD + LAST).replace(b"\n", b"\r\n"), Kept(2)),
    _csv("mixed line ends", HEADER + GOOD.replace(b"\n", b"\r\n") + LAST, Kept(2)),
    _csv("no newline at the end", (HEADER + GOOD + LAST).rstrip(), Kept(2)),
    _csv("blank lines", HEADER + b"\n\n" + GOOD + b"\n\r\n" + LAST + b"\n\n", Kept(2)),
    _csv("only commas", _with(b",,,"), Kept(2, (2,), "order_id is missing; customer_id is missing")),
    _csv("nul in a value", _with(b"o\x002,c2,2024-05-02,2"), Kept(3)),
    _csv("nul in a number", _with(b"o2,c2,2024-05-02,\x002"), Kept(2, (2,), _NO_MONEY)),
    _csv("only nul bytes", b"\0" * 1000, Refused("does not have; its columns are")),
    _csv("broken quote", _with(b'"o2,c2,2024-05-02,2'), Kept(2, (2,), "line 3: a quoted field never ends")),
    _csv("quote in the middle", _with(b'o2,c"2,2024-05-02,2'), Kept(3)),
    _csv("text behind a quote", _with(b'"o2"x,c2,2024-05-02,2'), Kept(2, (2,), "line 3: broken quotes")),
    _csv("doubled quotes", _with(b'"o""2",c2,2024-05-02,2'), Kept(3)),
    _csv("line break in quotes", _with(b'"o\n2",c2,2024-05-02,2'), Kept(3)),
    _csv("too few fields", _with(b"o2,c2"), Kept(2, (2,), "line 3: 2 columns instead of 4")),
    _csv("too many fields", _with(b"o2,c2,2024-05-02,2,x,y"), Kept(2, (2,), "line 3: 6 columns instead of 4")),
    _csv("header again", _with(b"id,customer,day,amount"), Kept(2, (2,), "line 3: the header again")),
    _csv("footer", HEADER + GOOD + b"Total: 1 row\n", Kept(1, (2,), "line 3: 1 columns instead of 4")),
    _csv("truncated in the last row", (HEADER + GOOD + LAST)[:-10], Kept(1, (2,), "line 3: 3 columns instead of 4")),
    _csv("empty file", b"", Refused("every file is empty")),
    _csv("only a byte order mark", b"\xef\xbb\xbf", Refused("every file is empty")),
    _csv("only line ends", b"\n\n\r\n", Refused("every file is empty")),
    _csv("header only", HEADER, Kept(0)),
    _csv("no header", GOOD + LAST, Refused("does not have; its columns are")),
    _csv("header with a broken quote", b'"id,customer,day,amount\n' + GOOD, Refused("has no readable header")),
    _csv("invalid utf-8", _with(b"o2,\xff\xfe,2024-05-02,2"), Kept(2, (2,), "not in the encoding of the file")),
    _csv("overlong utf-8", _with(b"o2,\xc0\xaf,2024-05-02,2"), Kept(2, (2,), "not in the encoding of the file")),
    _csv(
        "surrogate in utf-8", _with(b"o2,\xed\xa0\x80,2024-05-02,2"), Kept(2, (2,), "not in the encoding of the file")
    ),
    _csv("utf-16", (HEADER + GOOD).decode().encode("utf-16"), Kept(1)),
    _csv("utf-16 with the first byte first", b"\xfe\xff" + (HEADER + GOOD).decode().encode("utf-16-be"), Kept(1)),
    _csv("utf-16 in quotes", (HEADER + b'"o\n1",c1,2024-05-01,1\n').decode().encode("utf-16"), Kept(1)),
    _csv(
        "utf-16 cut in a character", (HEADER + GOOD + LAST).decode().encode("utf-16")[:-1], Kept(1, (2,), "its bytes")
    ),
    _csv(
        "utf-16 without a mark",
        (HEADER + GOOD).decode().encode("utf-16-le"),
        Refused("say `csv: {encoding: utf-16-le}"),
    ),
    _csv("utf-16 that is announced", (HEADER + GOOD).decode().encode("utf-16-be"), Kept(1), encoding="utf-16-be"),
    _csv("utf-8 said to be cp1252", _with("o2,Zoë,2024-05-02,2".encode()), Refused("is in utf-8"), encoding="cp1252"),
    _csv("64 MB field", lambda: _with(b"o2,c2,2024-05-02,2" + b"0" * 64_000_000), Kept(2, (2,), _NO_MONEY)),
    _csv("64 MB quoted field", lambda: _with(b'"' + b"x" * 64_000_000 + b'",c2,2024-05-02,2'), Kept(3)),
    _csv("nan", _with(b"o2,c2,2024-05-02,NaN"), Kept(2, (2,), _NO_MONEY)),
    _csv("infinity", _with(b"o2,c2,2024-05-02,-inf"), Kept(2, (2,), _NO_MONEY)),
    _csv("1e400", _with(b"o2,c2,2024-05-02,1e400"), Kept(2, (2,), _NO_MONEY)),
    _csv("huge integer", _with(b"o2,c2,2024-05-02," + b"9" * 40), Kept(2, (2,), _NO_MONEY)),
    _csv("money with a sign", _with("o2,c2,2024-05-02,12.50 €".encode()), Kept(2, (2,), _NO_MONEY)),
    _csv("decimal comma", _with(b'o2,c2,2024-05-02,"12,50"'), Kept(2, (2,), _NO_MONEY)),
    _csv("thousands", _with(b'o2,c2,2024-05-02,"1,250.00"'), Kept(2, (2,), _NO_MONEY)),
    _csv("hexadecimal", _with(b"o2,c2,2024-05-02,0x1F"), Kept(2, (2,), _NO_MONEY)),
    _csv("arabic digits", _with("o2,c2,2024-05-02,١٢".encode()), Kept(2, (2,), _NO_MONEY)),
    _csv("boolean as a number", _with(b"o2,c2,2024-05-02,true"), Kept(2, (2,), _NO_MONEY)),
    _csv("year 9999", _with(b"o2,c2,9999-12-31,2"), Kept(2, (2,), "'9999-12-31' is a default date")),
    _csv("year 0", _with(b"o2,c2,0000-01-01,2"), Kept(2, (2,), _NO_TIME)),
    _csv("30 February", _with(b"o2,c2,2024-02-30,2"), Kept(2, (2,), _NO_TIME)),
    _csv("day before month", _with(b"o2,c2,01/05/2024,2"), Kept(2, (2,), _NO_TIME)),
    _csv("epoch seconds", _with(b"o2,c2,1714521600,2"), Kept(2, (2,), _NO_TIME)),
    _csv("time 25:00", _with(b"o2,c2,2024-05-01 25:00,2"), Kept(2, (2,), _NO_TIME)),
    _csv("unknown zone", _with(b"o2,c2,2024-05-01 10:00 Mars/Base,2"), Kept(2, (2,), "the zone word Mars/Base")),
    _csv("emoji", _with("o2,\U0001f469‍\U0001f680,2024-05-02,2".encode()), Kept(3)),
    _csv("right to left", _with("o2,‮ךלמה,2024-05-02,2".encode()), Kept(3)),
    _csv("composed and decomposed", _with("o2,Zoë,2024-05-02,2\no3,Zoe\u0308,2024-05-02,2".encode()), Kept(4)),
    _csv("no-break spaces", _with("o2,\u00a0c2\u00a0,2024-05-02,\u00a02".encode()), Kept(3)),
    _csv("sql in strings", _with(b"o2,'); drop table raw.orders; --,2024-05-02,2"), Kept(3)),
    _csv("sql in the header", b'id,customer,day,amount,x"); drop table raw.orders; --\n', Kept(0)),
    _csv("formula", _with(b"=HYPERLINK(1),@c,2024-05-02,+2"), Kept(3)),
    _csv("the same line twice", HEADER + GOOD + GOOD, Kept(1, duplicates=1)),
    _csv("separator line of a spreadsheet", b"sep=;\r\n" + (HEADER + GOOD).replace(b",", b";"), Kept(1)),
    _csv("quoted separator line", b'\xef\xbb\xbf"SEP=|"\n' + (HEADER + GOOD).replace(b",", b"|"), Kept(1)),
    _csv("title lines", b'Orders, "all of them\n\n' + HEADER + GOOD + LAST, Kept(2), skip=2),
    _csv("title lines that nobody announced", b"Orders\n\n" + HEADER + GOOD, Refused("does not have")),
    _csv("title and separator line", b"Orders\nsep=\t\n" + (HEADER + GOOD).replace(b",", b"\t"), Kept(1), skip=1),
    _csv("carriage returns", (HEADER + GOOD + LAST).replace(b"\n", b"\r"), Kept(2)),
    _csv("carriage returns and quoted line ends", HEADER.replace(b"\n", b"\r") + b'"o\n1",c1,2024-05-01,1\r', Kept(1)),
    _csv("two files put together", HEADER + GOOD + HEADER + LAST, Kept(2, (2,), "line 3: the header again")),
    _csv("total line", HEADER + GOOD + LAST + b"Total,,,100.00\n", Kept(2, (3,), "line 4: a line of totals")),
    _csv("total line in another column", _with(b',Summe:,,"1.234,50 EUR"'), Kept(2, (2,), "a line of totals")),
    _csv("order of a customer called Total", _with(b"o2,Total,2024-05-02,2"), Kept(3)),
    _csv("order called Total", _with(b"Total,c2,2024-05-02,2"), Kept(3)),
    _csv("html instead of csv", b"<!doctype html>\n<title>Log in</title>\n", Refused("is a web page")),
    _csv("pdf instead of csv", b"%PDF-1.7\n%\xe2\xe3", Refused("is a PDF; export the table itself as CSV")),
    _csv("old spreadsheet instead of csv", b"\xd0\xcf\x11\xe0\xa1\xb1", Refused("is a spreadsheet; save it as CSV")),
    _csv("xml instead of csv", b'\n<?xml version="1.0"?>', Refused("is XML")),
    _csv("parquet instead of csv", lambda: _parquet(), Refused("is Parquet; say `format: parquet`")),
    _csv("spreadsheet instead of csv", lambda: _zip({"[Content_Types].xml": b"<x/>"}), Refused("is a spreadsheet")),
    _csv("gzip by its bytes", lambda: gzip.compress(HEADER + GOOD), Kept(1)),
    _csv("utf-16 in gzip", lambda: gzip.compress((HEADER + GOOD).decode().encode("utf-16")), Kept(1)),
    _csv("zip by its bytes", lambda: _zip({"x/orders.txt": HEADER + GOOD}), Kept(1)),
    _csv("reserved column name", HEADER.replace(b"customer", b"__source_row"), Refused("has a column __source_row")),
]

JSON_CASES = [
    _jsonl("nan in json", _json_with("NaN"), Kept(2, (2,), _NO_MONEY)),
    _jsonl("1e400 in json", _json_with("1e400"), Kept(2, (2,), _NO_MONEY)),
    _jsonl("huge integer in json", _json_with("9" * 60), Kept(2, (2,), _NO_MONEY)),
    _jsonl("number as text in json", _json_with('"2.50"'), Kept(3)),
    _jsonl("boolean in json", _json_with("true"), Kept(2, (2,), _NO_MONEY)),
    _jsonl("list in json", _json_with("[2]"), Kept(2, (2,), _NO_MONEY)),
    _jsonl("10,000 deep", _json_with("[" * 10_000 + "]" * 10_000), Kept(2, (2,), _NO_MONEY)),
    _jsonl("10,000 deep and not closed", _json_with("[" * 10_000), Kept(2, (2,), "line 2: no JSON object")),
    _jsonl("64 MB json value", lambda: _json_with('"' + "7" * 64_000_000 + '"'), Kept(2, (2,), _NO_MONEY)),
    _jsonl("duplicate keys", b'{"id": "o2", "id": "o3"}', Kept(2, (2,), "line 2: the key 'id' is given twice")),
    _jsonl("array instead of lines", b'[{"id": "o2"}]', Kept(2, (2,), "line 2: no JSON object")),
    _jsonl("trailing comma", _json_with("2")[:-1] + b",}", Kept(3)),
    _jsonl("single quotes", b"{'id': 'o2'}", Kept(2, (2,), "line 2: no JSON object")),
    _jsonl("two objects in a line", b'{"id": "o2"}{"id": "o3"}', Kept(2, (2,), "line 2: no JSON object")),
    _jsonl("lone surrogate escape", b'{"id": "\\ud800"}', Kept(2, (2,), "")),
    _jsonl("nul escape", b'{"id": "o\\u00002", "customer": "c", "day": "2024-05-01"}', Kept(3)),
    _jsonl("invalid utf-8 in json", b'{"id": "\xff"}', Kept(2, (2,), "not in the encoding of the file")),
    _jsonl("control character", b'{"id": "o\x012"}', Kept(2, (2,), "line 2: no JSON object")),
    _jsonl("null object", b"null", Kept(2, (2,), "line 2: no JSON object")),
    _jsonl("empty object", b"{}", Kept(2, (2,), "order_id is missing")),
    _jsonl("cut off", _json_with("2")[:-9], Kept(2, (2,), "line 2: no JSON object")),
    _jsonl("keys that differ in case", b'{"ID": "o2"}', Refused("the same but for case: ID, id")),
    Malformed("one object on many lines.jsonl", lambda: b'{\n"id": "o1"\n}\n', Kept(0, (1, 2, 3), "no JSON object")),
    Malformed("one list.jsonl", lambda: b"[" + _json_row("o1") + b",\n" + _json_row("o2") + b"]\n", Kept(2)),
    Malformed("one list with numbers.json", lambda: b"[1, " + _json_row("o2") + b"]", Kept(1, (1,), "no JSON object")),
    Malformed("one list in gzip.json", lambda: gzip.compress(b"\n [" + _json_row("o1") + b"]"), Kept(1)),
    Malformed("one list that breaks off.json", lambda: b"[" + _json_row("o1") + b",", Refused("breaks off")),
    Malformed("one list in utf-16.json", lambda: '[{"id": 1}]'.encode("utf-16"), Refused("read in utf-8 only")),
    Malformed("a list in the first line.jsonl", lambda: b"[1]\n" + _json_row("o1"), Kept(1, (1,), "no JSON object")),
    Malformed("utf-16.jsonl", lambda: _json_row("o1").decode().encode("utf-16"), Kept(1)),
    Malformed("carriage returns.jsonl", lambda: (_json_row("o1") + _json_row("o2")).replace(b"\n", b"\r"), Kept(2)),
    Malformed("web page.json", lambda: b"<html><body>429</body></html>", Refused("is a web page")),
    Malformed("empty.jsonl", lambda: b"", Kept(0)),
    Malformed("json with a byte order mark.jsonl", lambda: b"\xef\xbb\xbf" + _json_row("o1"), Kept(1)),
]

PACKED_CASES = [
    Malformed("truncated.csv.gz", lambda: gzip.compress(HEADER + GOOD * 99, mtime=0)[:-9], Refused(_NOT_CSV)),
    Malformed("bad checksum.csv.gz", _break_gzip_checksum, Refused(_NOT_CSV)),
    Malformed("not packed.csv.gz", lambda: HEADER + GOOD, Kept(1)),
    Malformed("archive.csv.zip", lambda: _zip({"orders.csv": HEADER + GOOD + LAST}), Kept(2)),
    Malformed("archive without another ending.zip", lambda: _zip({"orders.jsonl": _json_row("o1")}), Kept(1)),
    Malformed("archive of a mac.csv.zip", lambda: _zip(_MAC_ARCHIVE), Kept(1)),
    Malformed(
        "archive of two.zip", lambda: _zip({"a.csv": HEADER, "b.csv": HEADER}), Refused("holds 2 files (a.csv, b")
    ),
    Malformed("empty archive.csv.zip", lambda: _zip({"x/": b"", ".hidden": b""}), Refused("holds 0 files")),
    Malformed(
        "broken archive.csv.zip", lambda: _flip_middle(_zip({"o.csv": HEADER + GOOD * 99})), Refused("cannot be")
    ),
    Malformed("archive cut off.csv.zip", lambda: _zip({"o.csv": HEADER + GOOD})[:-30], Refused("cannot be unpacked")),
    Malformed("archive with a broken row.csv.zip", lambda: _zip({"o.csv": _with(b"o2")}), Kept(2, (2,), "1 columns")),
    Malformed("empty.csv.gz", lambda: b"", Refused("every file is empty")),
    Malformed("two members.csv.gz", lambda: gzip.compress(HEADER) + gzip.compress(GOOD), Kept(1)),
    Malformed(
        "rubbish behind.jsonl.gz",
        lambda: gzip.compress(_json_row("o1")) + b"rubbish",
        Refused(_NOT_JSON),
    ),
]

PARQUET_CASES = [
    Malformed("torn.parquet", lambda: _parquet()[:-20], Refused(_NOT_PARQUET)),
    Malformed("no footer.parquet", lambda: _parquet()[:40], Refused(_NOT_PARQUET)),
    Malformed("empty.parquet", lambda: b"", Refused(_NOT_PARQUET)),
    Malformed("csv in fact.parquet", lambda: HEADER + GOOD, Refused(_NOT_PARQUET)),
    Malformed(
        "bytes flipped.parquet",
        lambda: _flip_middle(_parquet(note=[f"{n} of many words" for n in ("one", "two")])),
        Refused(_NOT_PARQUET),
    ),
    Malformed("nan.parquet", lambda: _parquet(amount=[1.0, float("nan")]), Kept(1, (2,), _NO_MONEY)),
    Malformed("infinity.parquet", lambda: _parquet(amount=[float("-inf"), 1.0]), Kept(1, (1,), _NO_MONEY)),
    Malformed("largest double.parquet", lambda: _parquet(amount=[1.0, 1.7e308]), Kept(1, (2,), _NO_MONEY)),
    Malformed("identifiers as doubles.parquet", lambda: _parquet(id=[17850.0, 17851.0]), Kept(2)),
    Malformed("identifier that is nan.parquet", lambda: _parquet(id=[1.0, float("nan")]), Kept(1, (2,), "order_id")),
    Malformed("identifiers as bytes.parquet", lambda: _parquet(id=[b"\xff", b"\xfe"]), Refused(f"{_GIVES} BLOB")),
    Malformed("identifiers as lists.parquet", lambda: _parquet(id=[["a"], ["b"]]), Refused(f"{_GIVES} VARCHAR[]")),
    Malformed("times as numbers.parquet", lambda: _parquet(day=[1714521600, 1]), Refused(f"{_GIVES} BIGINT")),
    Malformed("no rows.parquet", _parquet_without_rows, Kept(0)),
    Malformed(
        "reserved column name.parquet", lambda: _parquet(__source_row=[1, 2]), Refused("has a column __source_row")
    ),
]

CASES = [*CSV_CASES, *JSON_CASES, *PACKED_CASES, *PARQUET_CASES]
