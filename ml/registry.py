"""Model bundles on disk: saved as candidates, promoted to champion, loaded only when whole.

The one module of ``ml`` that writes files. A bundle is a folder of JSON, npz and text: nothing in it can
run code. ``index.json`` names every file's hash, so that a torn or altered file is refused by name.

    <folder>/<name>/candidates/<run_id>/<version>/   where a fit leaves its model
    <folder>/<name>/versions/<version>/              models that were promoted at some time
    <folder>/<name>/champion.json                    the one that scores
"""

import hashlib
import io
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version as library_version
from pathlib import Path
from typing import Any

import numpy as np

from ml.clustering.model import SegmentModel
from ml.errors import OlderThanChampionError, TornBundleError
from ml.supervised.model import PredictionModel

Model = SegmentModel | PredictionModel

INDEX, CARD, MODEL, ARRAYS = "index.json", "card.json", "model.json", "arrays.npz"
CHAMPION = "champion.json"
LIBRARIES = ("numpy", "polars", "scikit-learn", "lightgbm", "scipy")
_KINDS: Mapping[str, Any] = {"segmentation": SegmentModel, "prediction": PredictionModel}
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model and its card, as they were saved; ``card["version"]`` identifies both.

    The card's kind says which model it is: a SegmentModel (segmentation) or a PredictionModel (prediction).
    """

    model: Any
    card: dict[str, Any]

    @property
    def version(self) -> str:
        """Name, cut-off and content hash: the same fit has the same version."""
        return str(self.card["version"])


def save_candidate(folder: Path, model: Model, card: Mapping[str, Any], run_id: str) -> str:
    """Write ``model`` with its ``card`` as a candidate of ``run_id`` and return its version.

    The bundle appears at once or not at all; saving the same candidate again changes nothing. The card
    gains version, feature_hash and libraries.
    """
    files = _pack(model.state())
    version = f"{model.name}-{model.cut_off.isoformat()}-{_hash_files(files)[:8]}"
    full_card = {
        **card,
        "version": version,
        "feature_hash": hashlib.sha256("\n".join(card["features"]).encode()).hexdigest(),
        "libraries": {name: library_version(name) for name in LIBRARIES},
    }
    files[CARD] = _to_json(full_card)
    _write_bundle(_candidate_path(folder, model.name, version, run_id), files)
    return version


def promote(folder: Path, name: str, version: str, run_id: str) -> None:
    """Make the candidate ``version`` of ``run_id`` the champion of ``name``, atomically.

    Raises OlderThanChampionError when its cut-off lies before the champion's, TornBundleError when a file
    of it is incomplete. Promoting the standing champion again changes nothing.
    """
    source = _candidate_path(folder, name, version, run_id)
    cut_off = date.fromisoformat(_load(source).card["cut_off"])
    standing = _read_champion(folder, name)
    if standing and cut_off < date.fromisoformat(standing["cut_off"]):
        raise OlderThanChampionError(
            f"{version} was fitted up to {cut_off}, the champion {standing['version']} up to "
            f"{standing['cut_off']}; fit on the later date, or keep the champion"
        )
    _write_bundle(_version_path(folder, name, version), _read_files(source))
    entry = {"name": name, "version": version, "cut_off": cut_off.isoformat(), "run_id": run_id}
    _replace_file(folder / name / CHAMPION, _to_json(entry))


def load_champion(folder: Path, name: str) -> LoadedModel | None:
    """The champion of ``name``, or None when none was ever promoted; raises TornBundleError."""
    entry = _read_champion(folder, name)
    return load_version(folder, name, entry["version"]) if entry else None


def load_version(folder: Path, name: str, version: str) -> LoadedModel:
    """A model that was promoted at some time; raises TornBundleError when it is incomplete or absent."""
    return _load(_version_path(folder, name, version))


def load_candidate(folder: Path, name: str, version: str, run_id: str) -> LoadedModel:
    """The candidate that ``run_id`` saved; raises TornBundleError when it is incomplete or absent."""
    return _load(_candidate_path(folder, name, version, run_id))


def _load(bundle: Path) -> LoadedModel:
    files = _read_files(bundle)
    card = json.loads(files[CARD])
    content = {name: data for name, data in files.items() if name != CARD}
    if not str(card["version"]).endswith(_hash_files(content)[:8]):
        raise TornBundleError(f"{bundle.name}: {CARD} belongs to another model; fit and promote again")
    return LoadedModel(_KINDS[card["kind"]].from_state(_unpack(content)), card)


def _pack(state: Mapping[str, Any]) -> dict[str, bytes]:
    """A model's state as files: arrays to one npz, texts of many lines each to one, the rest to JSON."""
    arrays: dict[str, np.ndarray] = {}
    files: dict[str, bytes] = {}

    def split(value: Any, path: str) -> Any:
        if isinstance(value, np.ndarray):
            arrays[path] = value
            return {"array": path}
        if isinstance(value, str) and "\n" in value:
            files[f"{path}.txt"] = value.encode()
            return {"text": f"{path}.txt"}
        if isinstance(value, Mapping):
            return {key: split(item, f"{path}.{key}".lstrip(".")) for key, item in value.items()}
        return value

    plain = split(state, "")
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return {MODEL: _to_json(plain), ARRAYS: buffer.getvalue(), **files}


def _unpack(files: Mapping[str, bytes]) -> Any:
    with np.load(io.BytesIO(files[ARRAYS]), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}

    def join(value: Any) -> Any:
        if isinstance(value, dict) and value.keys() == {"array"}:
            return arrays[value["array"]]
        if isinstance(value, dict) and value.keys() == {"text"}:
            return files[value["text"]].decode()
        if isinstance(value, dict):
            return {key: join(item) for key, item in value.items()}
        return value

    return join(json.loads(files[MODEL]))


def _hash_files(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name} {len(files[name])}\n".encode() + files[name])
    return digest.hexdigest()


def _write_bundle(target: Path, files: Mapping[str, bytes]) -> None:
    """Write to a hidden folder, flush, rename: a reader sees the whole bundle or none."""
    if target.exists():
        _read_files(target)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    hidden = Path(tempfile.mkdtemp(prefix=".half-written-", dir=target.parent))
    index = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    for name, data in {**files, INDEX: _to_json(index)}.items():
        _write_flushed(hidden / name, data)
    _flush_folder(hidden)
    hidden.chmod(0o755)
    try:
        hidden.rename(target)
    except OSError:
        if not target.exists():
            raise
        # Another process finished the same bundle first; its content is the same by its version.
        _read_files(target)
        shutil.rmtree(hidden)
    _flush_folder(target.parent)


def _read_files(bundle: Path) -> dict[str, bytes]:
    """Every file that the index names, its hash checked."""
    index = _read_index(bundle)
    files = {}
    for name, expected in index.items():
        try:
            data = (bundle / name).read_bytes()
        except FileNotFoundError as error:
            raise TornBundleError(f"{bundle.name}: {name} is missing; fit and promote again") from error
        if hashlib.sha256(data).hexdigest() != expected:
            raise TornBundleError(f"{bundle.name}: {name} is torn or was altered; fit and promote again")
        files[name] = data
    return files


def _read_index(bundle: Path) -> dict[str, str]:
    try:
        index = json.loads((bundle / INDEX).read_bytes())
    except FileNotFoundError as error:
        raise TornBundleError(f"{bundle.name}: {INDEX} is missing; fit and promote again") from error
    except ValueError as error:
        raise TornBundleError(f"{bundle.name}: {INDEX} is torn; fit and promote again") from error
    if not isinstance(index, dict) or not {CARD, MODEL, ARRAYS} <= index.keys():
        raise TornBundleError(f"{bundle.name}: {INDEX} names no whole model; fit and promote again")
    for name in index:
        _check_name(name)
    return index


def _read_champion(folder: Path, name: str) -> dict[str, str] | None:
    path = folder / _check_name(name) / CHAMPION
    try:
        entry = json.loads(path.read_bytes())
        return {key: str(entry[key]) for key in ("name", "version", "cut_off", "run_id")}
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise TornBundleError(f"{name}: {CHAMPION} is torn; promote a model again") from error


def _candidate_path(folder: Path, name: str, version: str, run_id: str) -> Path:
    return folder / _check_name(name) / "candidates" / _check_name(run_id) / _check_name(version)


def _version_path(folder: Path, name: str, version: str) -> Path:
    return folder / _check_name(name) / "versions" / _check_name(version)


def _check_name(name: str) -> str:
    if not _SAFE_NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot name a file or folder; use letters, digits, dots, dashes, underscores")
    return name


def _replace_file(path: Path, data: bytes) -> None:
    descriptor, hidden = tempfile.mkstemp(prefix=".half-written-", dir=path.parent)
    os.close(descriptor)
    _write_flushed(Path(hidden), data)
    Path(hidden).chmod(0o644)
    os.replace(hidden, path)
    _flush_folder(path.parent)


def _write_flushed(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _to_json(value: Any) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True, default=_encode, allow_nan=False).encode()


def _encode(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a model bundle")
