"""Lines of text files, packed or plain, each kept with its number whatever is wrong with it."""

import codecs
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from dagster_project.loading.errors import SourceError
from dagster_project.loading.file_bytes import look_at_text, open_bytes

# Bytes of lines that are held in memory at once.
_BATCH_BYTES = 8_000_000
_LINES_PER_BATCH = 50_000

# What a decoder puts in the place of what it cannot decode.
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True)
class Line:
    """A line with its ending; ``is_readable`` is False where the bytes are not in the encoding."""

    number: int
    text: str
    is_readable: bool = True


def read_lines(path: Path, encoding: str) -> Iterator[list[Line]]:
    """All lines of a file in batches, numbered from 1; a byte order mark is dropped.

    UTF-16 is read by its mark, whatever ``encoding`` says.
    """
    form = look_at_text(path, encoding)
    if form.encoding is not None:
        return _read_wide_lines(path, form.encoding)
    return _read_lines_of_bytes(path, encoding, ends_with_return=form.ends_with_return)


def require_encoding(path: Path, encoding: str) -> None:
    """Raise SourceError when a file said to be in a one-byte encoding is in UTF-8: it would be read as garbage."""
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig", "ascii"):
        return
    if look_at_text(path, encoding).encoding is not None:
        return
    decoder, is_ascii = codecs.getincrementaldecoder("utf-8")(), True
    with open_bytes(path) as file:
        try:
            while chunk := file.read(_BATCH_BYTES):
                is_ascii = is_ascii and chunk.isascii()
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return
    if not is_ascii:
        raise SourceError(f"{path} is in utf-8, csv.encoding says {encoding}; correct it")


def _read_lines_of_bytes(path: Path, encoding: str, *, ends_with_return: bool) -> Iterator[list[Line]]:
    number = 0
    with open_bytes(path) as file:
        # Latin-1 gives every byte back, so this splits bytes at carriage returns too.
        returned = io.TextIOWrapper(file, encoding="latin-1", newline="") if ends_with_return else None
        while batch := _next_batch(returned) if returned else file.readlines(_BATCH_BYTES):
            yield [_decode(raw, number + position, encoding) for position, raw in enumerate(batch, start=1)]
            number += len(batch)


def _next_batch(returned: io.TextIOWrapper) -> list[bytes]:
    return [line.encode("latin-1") for line in islice(returned, _LINES_PER_BATCH)]


def _read_wide_lines(path: Path, encoding: str) -> Iterator[list[Line]]:
    number = 0
    with open_bytes(path) as file, io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="") as text:
        while batch := list(islice(text, _LINES_PER_BATCH)):
            yield [
                Line(number + position, _without_mark(line, number + position), _REPLACEMENT not in line)
                for position, line in enumerate(batch, start=1)
            ]
            number += len(batch)


def _decode(raw: bytes, number: int, encoding: str) -> Line:
    try:
        text, is_readable = raw.decode(encoding), True
    except UnicodeDecodeError:
        text, is_readable = raw.decode(encoding, errors="backslashreplace"), False
    return Line(number, _without_mark(text, number), is_readable)


def _without_mark(text: str, number: int) -> str:
    return text.removeprefix("\ufeff") if number == 1 else text
