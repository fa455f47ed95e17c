"""The models of this installation: candidates, versions and champions, and why a model may be missing."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import dagster as dg

from ml.errors import OlderThanChampionError

if TYPE_CHECKING:
    from ml.registry import LoadedModel

_NOT_TRAINED = "not_trained.json"


def _registry() -> ModuleType:
    # Imported when first needed: it brings numpy and polars, which a page of the UI does not need.
    from ml import registry

    return registry


class ModelStore(dg.ConfigurableResource):
    """Model bundles below one folder; see ml.registry for what a bundle holds."""

    path: str

    @property
    def folder(self) -> Path:
        """The folder that holds one folder a model."""
        return Path(self.path)

    def champion(self, name: str) -> LoadedModel:
        """The model that scores; raises LookupError when none was promoted yet."""
        loaded = _registry().load_champion(self.folder, name)
        if loaded is None:
            raise LookupError(f"no champion of {name} yet; run the job monthly_retrain for a month of the data")
        return loaded

    def find_champion(self, name: str) -> LoadedModel | None:
        """The model that scores, or None before the first one was promoted."""
        return _registry().load_champion(self.folder, name)

    def version(self, name: str, version: str) -> LoadedModel:
        """A model that was champion at some time."""
        return _registry().load_version(self.folder, name, version)

    def save_candidate(self, model: Any, card: dict[str, Any], run_id: str) -> str:
        """Stores a fitted model as a candidate and returns its version."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return _registry().save_candidate(self.folder, model, card, run_id)

    def load_candidate(self, name: str, version: str, run_id: str) -> LoadedModel:
        """The candidate that a run saved."""
        return _registry().load_candidate(self.folder, name, version, run_id)

    def promote(self, name: str, version: str, run_id: str) -> str:
        """Makes a candidate the champion, and returns what happened in a sentence.

        A candidate of an earlier month than the champion's, as a backfill brings, is kept as a candidate.
        """
        try:
            _registry().promote(self.folder, name, version, run_id)
        except OlderThanChampionError as error:
            return f"The champion stays: {error}"
        (self.folder / name / _NOT_TRAINED).unlink(missing_ok=True)
        return f"{version} is the champion."

    def is_trained(self, names: list[str]) -> bool:
        """Whether each of ``names`` has a champion, or was found to have too little data for one.

        A run that was killed between two promotions leaves one model without either.
        """
        return all(self.find_champion(name) is not None or self.reason_not_trained(name) for name in names)

    def champion_versions(self, names: list[str]) -> dict[str, str]:
        """Version of each champion there is, by model name."""
        found = {name: self.find_champion(name) for name in names}
        return {name: loaded.version for name, loaded in found.items() if loaded is not None}

    def note_not_trained(self, name: str, *, cut_off: date, reason: str) -> None:
        """Records why there is no model of ``name``, for the published model cards."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{_NOT_TRAINED}.{os.getpid()}"
        draft.write_text(json.dumps({"cut_off": cut_off.isoformat(), "reason": reason}))
        os.replace(draft, folder / _NOT_TRAINED)

    def reason_not_trained(self, name: str) -> dict[str, str] | None:
        """What ``note_not_trained`` recorded, or None."""
        path = self.folder / name / _NOT_TRAINED
        return json.loads(path.read_text()) if path.exists() else None
