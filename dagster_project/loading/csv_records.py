"""Records of a delimited file whose lines cannot be trusted: the good ones split, the others told apart.

DuckDB reads a well-formed file many times faster, but at the first broken quote it stops, or skips lines
without telling which. Here a line that opens a quote it never closes costs itself and not its neighbours.
"""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from dagster_project.loading.text_lines import Line

# A quoted field that goes on for longer is taken for a quote that was never closed.
MAX_CONTINUED_LINES = 1_000

# The csv module refuses fields of more than 128 KiB unless told otherwise.
_MAX_FIELD_CHARACTERS = 2**31 - 1


@dataclass(frozen=True)
class Record:
    """A record with its fields, or with the ``problem`` that keeps it from having any."""

    line_number: int
    text: str
    fields: list[str]
    problem: str | None = None


class RecordSplitter:
    """Splits lines into records of ``width`` fields (of any number while ``width`` is None).

    With an empty ``quote``, every line is a record and every delimiter ends a field.
    """

    def __init__(self, lines: Iterator[Line], *, delimiter: str, quote: str) -> None:
        csv.field_size_limit(_MAX_FIELD_CHARACTERS)
        self._lines = lines
        self._put_back: deque[Line] = deque()
        self._delimiter = delimiter
        self._quote = quote

    def records(self, width: int | None = None) -> Iterator[Record]:
        """The records that are left, blank lines skipped."""
        while (line := self._next_line()) is not None:
            if line.text.strip("\r\n"):
                yield self._read_record(line, width)

    def _read_record(self, first: Line, width: int | None) -> Record:
        text, taken = first.text, list[Line]()
        while True:
            fields, problem, goes_on = self._split(text)
            if not goes_on:
                break
            further = self._take_until_quote(MAX_CONTINUED_LINES - len(taken))
            taken += further
            if not further or self._quote not in further[-1].text:
                break
            text += "".join(line.text for line in further)
        if not first.is_readable:
            problem = "its bytes are not in the encoding of the file"
        elif problem is None and width is not None and len(fields) != width:
            problem = f"{len(fields)} columns instead of {width}"
        if problem is None:
            return Record(first.number, text, fields)
        self._put_back.extendleft(reversed(taken))
        return Record(first.number, first.text, [], f"line {first.number}: {problem}")

    def _split(self, text: str) -> tuple[list[str], str | None, bool]:
        """Fields, what is wrong with them, and whether a quote is still open at the end."""
        if not self._quote or self._quote not in text:
            return text.rstrip("\r\n").split(self._delimiter), None, False
        try:
            rows = list(csv.reader([text], delimiter=self._delimiter, quotechar=self._quote, strict=True))
        except csv.Error as error:
            is_open = "unexpected end of data" in str(error)
            return [], "a quoted field never ends" if is_open else "broken quotes", is_open
        return rows[0], None, False

    def _take_until_quote(self, limit: int) -> list[Line]:
        """The next lines up to the first that holds a quote: none before it can close the field."""
        taken: list[Line] = []
        while len(taken) < limit and (line := self._next_line()) is not None:
            taken.append(line)
            if self._quote in line.text:
                break
        return taken

    def _next_line(self) -> Line | None:
        return self._put_back.popleft() if self._put_back else next(self._lines, None)
