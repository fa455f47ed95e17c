"""What a published generation says about itself: facts of its run, and hashes of all it holds."""

import hashlib
import json
from datetime import date
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

MANIFEST_NAME = "manifest.json"

# Raised when a reader of this file would have to change.
MANIFEST_VERSION = 1

_CHUNK_BYTES = 1 << 20


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RunFacts(_Facts):
    """What a publish has to be told: nothing here is read from a clock or the environment."""

    as_of_date: date
    created_at: AwareDatetime
    run_id: str
    model_versions: dict[str, str] = {}


class TableFacts(_Facts):
    """One published table; ``content_hash`` leaves out run stamps, so that two runs can be compared."""

    row_count: int
    content_hash: str


class FileFacts(_Facts):
    """One published file."""

    byte_count: int
    sha256: str


class Manifest(RunFacts):
    """The whole manifest of a generation; files are named relative to its folder."""

    manifest_version: int = MANIFEST_VERSION
    generation: str
    tables: dict[str, TableFacts]
    files: dict[str, FileFacts]


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes ``manifest.json``: sorted keys, with a checksum of the manifest itself."""
    content = manifest.model_dump(mode="json")
    text = json.dumps({**content, "checksum": _checksum(content)}, indent=2, sort_keys=True)
    (folder / MANIFEST_NAME).write_text(text + "\n")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the generation in ``folder``; raises ValueError when it is absent or damaged."""
    path = folder / MANIFEST_NAME
    try:
        content = json.loads(path.read_bytes())
        checksum = content.pop("checksum")
        manifest = Manifest.model_validate_json(json.dumps(content))
    except FileNotFoundError as error:
        raise ValueError(f"{folder} holds no {MANIFEST_NAME}: it is no published generation") from error
    except (ValueError, KeyError, AttributeError, TypeError, ValidationError) as error:
        raise ValueError(f"{path} is damaged and cannot be read; publish again (make run)") from error
    if checksum != _checksum(content):
        raise ValueError(f"{path} is damaged: its text does not match its checksum; publish again (make run)")
    return manifest


def describe_file(path: Path) -> FileFacts:
    """Size and SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return FileFacts(byte_count=path.stat().st_size, sha256=digest.hexdigest())


def _checksum(content: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
