"""What the bytes of a file are, whatever its name says: packed or plain, which encoding, or no text at all.

Names come from people and download pages; bytes do not lie. What is no text is refused by what it is.
"""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from dagster_project.loading.errors import LoadError

# Enough to find the first line end of any header that people write.
_HEAD_BYTES = 1_000_000

_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")

_SPREADSHEET = "a spreadsheet; save it as CSV (UTF-8) there"
_NO_TEXT = (
    (b"PAR1", "Parquet; say `format: parquet`, or name it so"),
    (b"%PDF", "a PDF; export the table itself as CSV"),
    (b"\xd0\xcf\x11\xe0", _SPREADSHEET),
    (b"SQLite format 3\0", "an SQLite database; name it as `database` of a source"),
    (b"<!doctype html", "a web page, as a download without a log-in is; fetch it anew"),
    (b"<html", "a web page, as a download without a log-in is; fetch it anew"),
    (b"<?xml", "XML; export it as CSV or as JSON lines"),
)


@dataclass(frozen=True)
class TextForm:
    """How the text of a file is written: packed by what (gzip or zip), in which encoding, its lines ended how.

    ``encoding`` is None where the bytes do not say it. ``ends_with_return`` holds where a carriage return alone ends a
    line, as in files of old Macs.
    """

    packing: str | None
    encoding: str | None
    ends_with_return: bool


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of ``path``, unpacked where they are packed with gzip, or in a zip archive of one file.

    Raises LoadError when an archive holds no file, or several.
    """
    packing = _packing(path)
    if packing == "zip":
        with _open_archive(path) as archive, archive.open(_only_member(path, archive)) as member:
            yield member
    elif packing == "gzip":
        with gzip.open(path, "rb") as unpacked:
            yield cast(IO[bytes], unpacked)
    else:
        with path.open("rb") as plain:
            yield plain


def look_at_text(path: Path, encoding: str) -> TextForm:
    """The form of a text file that is said to be in ``encoding``; raises LoadError when it is no text."""
    with open_bytes(path) as file:
        head = file.read(_HEAD_BYTES)
    for sign, kind in _NO_TEXT:
        if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(sign.lower()):
            raise LoadError(f"{path} is {kind}; nothing of this load was stored")
    said = encoding.lower().replace("_", "-")
    found = "utf-16" if head.startswith(_UTF_16_MARKS) else said if said.startswith("utf-16") else None
    if found is None and (order := _order_of_utf_16(head)):
        raise LoadError(f"{path} looks like utf-16 without a mark; say `csv: {{encoding: utf-16-{order}}}`")
    return TextForm(_packing(path), found, found is None and _ends_with_return(head))


def is_blank(path: Path) -> bool:
    """Whether a text file holds nothing: no byte, or blanks, line ends and a byte order mark only.

    False where it cannot be unpacked: whoever reads it says why.
    """
    try:
        with open_bytes(path) as file:
            head = file.read(_HEAD_BYTES)
            for mark in (b"\xef\xbb\xbf", *_UTF_16_MARKS):
                head = head.removeprefix(mark)
            while head and not head.strip():
                head = file.read(_HEAD_BYTES)
            return not head
    except (LoadError, OSError, EOFError, zlib.error):
        return False


def name_in_archive(path: Path) -> str:
    """The name that tells what is in ``path``: of a zip archive that of the file in it."""
    if _packing(path) != "zip":
        return path.name
    with _open_archive(path) as archive:
        return _only_member(path, archive)


def _order_of_utf_16(head: bytes) -> str | None:
    """The order of bytes in which a text without a mark can only be UTF-16: every other byte of its header is 0."""
    start = head[:64]
    if len(start) < 4:
        return None
    for order, zeros, others in (("le", start[1::2], start[::2]), ("be", start[::2], start[1::2])):
        if not any(zeros) and all(others[: len(zeros)]):
            return order
    return None


def _packing(path: Path) -> str | None:
    with path.open("rb") as file:
        sign = file.read(4)
    return "gzip" if sign.startswith(_GZIP) else "zip" if sign == _ZIP else None


@contextmanager
def _open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except LoadError:
        raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:  # damaged, or with a password
        raise LoadError(f"{path} cannot be unpacked: {error}; unpack it yourself, or bring it whole") from error


def _only_member(path: Path, archive: zipfile.ZipFile) -> str:
    names = [name for name in archive.namelist() if not name.endswith("/")]
    if "[Content_Types].xml" in names or "mimetype" in names:
        raise LoadError(f"{path} is {_SPREADSHEET}; nothing of this load was stored")
    # Macs put a shadow of every file, and the look of every folder, into their archives.
    members = [
        name for name in names if not name.startswith("__MACOSX/") and not PurePosixPath(name).name.startswith(".")
    ]
    if len(members) != 1:
        shown = ", ".join(sorted(members)[:3]) or "none that is read"
        raise LoadError(
            f"{path} holds {len(members)} files ({shown}), and an archive is read as one; unpack it beside the others, "
            "so that `files` matches what is in it"
        )
    return members[0]


def _ends_with_return(head: bytes) -> bool:
    """Whether the first line end outside quotes is a carriage return alone."""
    is_quoted = False
    for position, code in enumerate(head):
        if code == ord('"'):
            is_quoted = not is_quoted
        elif code == ord("\n") and not is_quoted:
            return False
        elif code == ord("\r") and not is_quoted:
            return head[position + 1 : position + 2] not in (b"\n", b"")
    return False
