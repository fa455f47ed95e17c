"""Files that change under a mapping's feet: twelve things that exports do from one day to the next."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


@dataclass(frozen=True)
class Sheet:
    """A file before it is written: columns that may have one name, rows of values, and how it is written."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    ending: str
    delimiter: str = ","
    encoding: str = "utf-8"

    def write(self) -> bytes:
        """The file's content."""
        return {"csv": self._write_csv, "jsonl": self._write_json, "parquet": self._write_parquet}[self.ending]()

    def column(self, name: str) -> list[Any]:
        """The values of a column."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    def replace_column(self, name: str, values: Sequence[Any], new_name: str | None = None) -> "Sheet":
        """The sheet with other values in a column, and with another name for it."""
        place = self.columns.index(name)
        rows = tuple((*row[:place], value, *row[place + 1 :]) for row, value in zip(self.rows, values, strict=True))
        columns = (*self.columns[:place], new_name or name, *self.columns[place + 1 :])
        return replace(self, columns=columns, rows=rows)

    def select(self, places: Sequence[int]) -> "Sheet":
        """The sheet with the columns at ``places`` only, in that order."""
        columns = tuple(self.columns[place] for place in places)
        return replace(self, columns=columns, rows=tuple(tuple(row[place] for place in places) for row in self.rows))

    def _write_csv(self) -> bytes:
        stream = io.StringIO()
        writer = csv.writer(stream, delimiter=self.delimiter, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([_as_text(value) for value in row] for row in self.rows)
        return stream.getvalue().encode(self.encoding)

    def _write_json(self) -> bytes:
        lines = []
        for row in self.rows:
            pairs = [f"{json.dumps(name)}: {_as_json(value)}" for name, value in zip(self.columns, row, strict=True)]
            lines.append("{" + ", ".join(pairs) + "}\n")
        return "".join(lines).encode(self.encoding)

    def _write_parquet(self) -> bytes:
        stream = io.BytesIO()
        arrays = [pa.array(list(values)) for values in zip(*self.rows, strict=True)]
        pq.write_table(pa.Table.from_arrays(arrays, names=list(self.columns)), stream)
        return stream.getvalue()


@dataclass(frozen=True)
class Target:
    """The columns that are changed: one that is mapped as it is, and one that a row may lack."""

    mapped: str
    optional: str | None


def _add_column(sheet: Sheet, target: Target) -> Sheet:
    columns = (*sheet.columns, "loyalty_tier")
    return replace(sheet, columns=columns, rows=tuple((*row, "gold") for row in sheet.rows))


def _drop_column(sheet: Sheet, target: Target) -> Sheet:
    return sheet.select([place for place, name in enumerate(sheet.columns) if name != target.mapped])


def _rename(sheet: Sheet, target: Target) -> Sheet:
    return sheet.replace_column(target.mapped, sheet.column(target.mapped), "renamed")


def _retype(sheet: Sheet, target: Target) -> Sheet:
    return sheet.replace_column(target.mapped, [f"about {value}" for value in sheet.column(target.mapped)])


def _reorder(sheet: Sheet, target: Target) -> Sheet:
    return sheet.select([*range(len(sheet.columns))][::-1])


def _empty_some(sheet: Sheet, target: Target) -> Sheet:
    name = target.optional or target.mapped
    return sheet.replace_column(name, [None, *sheet.column(name)[1:]])


def _nest(sheet: Sheet, target: Target) -> Sheet:
    return sheet.replace_column(target.mapped, [{"value": value} for value in sheet.column(target.mapped)])


def _change_case(sheet: Sheet, target: Target) -> Sheet:
    return replace(sheet, columns=tuple(name.swapcase() for name in sheet.columns))


def _duplicate(sheet: Sheet, target: Target) -> Sheet:
    place = sheet.columns.index(target.mapped)
    rows = tuple((*row, None if number else row[place]) for number, row in enumerate(sheet.rows))
    return replace(sheet, columns=(*sheet.columns, target.mapped), rows=rows)


def _change_delimiter(sheet: Sheet, target: Target) -> Sheet:
    return replace(sheet, delimiter=";")


def _change_encoding(sheet: Sheet, target: Target) -> Sheet:
    return replace(sheet, encoding="cp1252")


def _empty_header(sheet: Sheet, target: Target) -> Sheet:
    return replace(sheet, columns=tuple("" for _ in sheet.columns))


@dataclass(frozen=True)
class Mutator:
    """A change of a file, the formats it can happen to, and how it is named where the file is loaded all the same.

    ``named`` is None where no such file may be loaded.
    """

    change: Callable[[Sheet, Target], Sheet]
    named: str | None = None
    endings: tuple[str, ...] = ("csv", "jsonl", "parquet")


MUTATORS: dict[str, Mutator] = {
    "new column": Mutator(_add_column, "new: loyalty_tier"),
    "missing column": Mutator(_drop_column),
    "renamed column": Mutator(_rename),
    "retyped column": Mutator(_retype),
    # The keys of a JSON object have no order.
    "reordered columns": Mutator(_reorder, "another order", ("csv", "parquet")),
    "nullable column": Mutator(_empty_some, "for the first time without a value in some row: "),
    "nested column": Mutator(_nest),
    "case of the names": Mutator(_change_case, "written otherwise: "),
    "duplicated column": Mutator(_duplicate),
    "other delimiter": Mutator(_change_delimiter, "the delimiter is ';'", ("csv",)),
    "other encoding": Mutator(_change_encoding, None, ("csv", "jsonl")),
    "empty header": Mutator(_empty_header),
}


def _as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return json.dumps(value, default=str)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value


def _as_json(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, default=str, ensure_ascii=False)
