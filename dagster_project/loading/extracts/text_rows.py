"""Fetched rows as a file: every value the text it is written as, so that nothing is retyped on the way.

What a value is meant to be is said by the contract, and what does not fit is found by its check, as with the values
of a CSV file. Rows that are no text at all are kept beside the others, with what is wrong with them.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from dagster_project.loading.file_rows import PROBLEM

# Rows that are held in memory at once.
BATCH_ROWS = 20_000

# Doubles hold whole numbers exactly up to here.
_LARGEST_EXACT_WHOLE_DOUBLE = 9_007_199_254_740_992

Row = Sequence[object]


class UnreadableText(str):
    """Text whose bytes are no UTF-8, those bytes written as backslash escapes."""

    __slots__ = ()


def decode(raw: bytes) -> str:
    """``raw`` as text, as UnreadableText where it is no UTF-8."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return UnreadableText(raw.decode(errors="backslashreplace"))


def write_rows(path: Path, names: Sequence[str], batches: Iterator[list[Row]]) -> None:
    """Write rows with columns ``names`` as a Parquet file of text columns and PROBLEM."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.string()) for name in (*names, PROBLEM)])
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches:
            rows = [[_as_text(value) for value in row] for row in batch]
            columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
            problems = pa.array([_find_problem(names, row) for row in rows], pa.string())
            writer.write_table(pa.table([*columns, problems], schema=schema))


def _as_text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) <= _LARGEST_EXACT_WHOLE_DOUBLE:
        # An identifier that became a double is meant as a whole number: 17850.0 is 17850.
        return str(int(value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def _find_problem(names: Sequence[str], row: Sequence[str | None]) -> str | None:
    unreadable = [name for name, value in zip(names, row, strict=True) if isinstance(value, UnreadableText)]
    return f"the text of {', '.join(unreadable)} is not in UTF-8" if unreadable else None
