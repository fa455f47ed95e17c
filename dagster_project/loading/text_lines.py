"""Lines of text files, plain or gzipped, each kept with its number whatever is wrong with it."""

import codecs
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from dagster_project.loading.errors import SourceError

# Bytes of lines that are held in memory at once.
_BATCH_BYTES = 8_000_000


@dataclass(frozen=True)
class Line:
    """A line with its ending; ``is_readable`` is False where the bytes are not in the encoding."""

    number: int
    text: str
    is_readable: bool = True


def open_bytes(path: Path) -> IO[bytes]:
    """The bytes of ``path``, unpacked where its name ends in .gz."""
    if path.suffix.lower() == ".gz":
        return cast(IO[bytes], gzip.open(path, "rb"))
    return path.open("rb")


def read_lines(path: Path, encoding: str) -> Iterator[list[Line]]:
    """All lines of a file in batches, numbered from 1; a byte order mark is dropped."""
    number = 0
    with open_bytes(path) as file:
        while batch := file.readlines(_BATCH_BYTES):
            yield [_decode(raw, number + position, encoding) for position, raw in enumerate(batch, start=1)]
            number += len(batch)


def require_encoding(path: Path, encoding: str) -> None:
    """Raise SourceError when a file said to be in a one-byte encoding is in UTF-8: it would be read as garbage."""
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig", "ascii"):
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


def _decode(raw: bytes, number: int, encoding: str) -> Line:
    try:
        text, is_readable = raw.decode(encoding), True
    except UnicodeDecodeError:
        text, is_readable = raw.decode(encoding, errors="backslashreplace"), False
    return Line(number, text.removeprefix("\ufeff") if number == 1 else text, is_readable)
