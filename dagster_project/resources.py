"""The resources that assets ask for, built from the settings."""

from pathlib import Path
from typing import Any

import dagster as dg

from dagster_project.loading.read_sources import read_sources
from dagster_project.loading.source import Source
from dagster_project.model_store import ModelStore
from dagster_project.run_lock import RunLock
from dagster_project.settings import Settings
from dagster_project.warehouse import Warehouse


class SourceFolder(dg.ConfigurableResource):
    """The source YAMLs of this installation: one file, or a folder of them; and whether what they bring is history."""

    path: str
    is_history: bool = False

    def read(self) -> list[Source]:
        """The sources, validated; raises SourceError naming file, key and remedy."""
        return read_sources(Path(self.path))

    def time_zone(self) -> str:
        """The time zone the shop's days are counted in; all sources agree in it."""
        return self.read()[0].time_zone


class PublishedFolder(dg.ConfigurableResource):
    """Where generations are published, and how many are kept."""

    path: str
    keep: int

    @property
    def folder(self) -> Path:
        """The folder that holds the generations and the link ``current``."""
        return Path(self.path)


def build_resources(settings: Settings) -> dict[str, Any]:
    """Resources by the name that assets use."""
    return {
        "warehouse": Warehouse(path=str(settings.warehouse_path), memory_limit=settings.memory_limit),
        "run_lock": RunLock(path=str(settings.run_lock_path)),
        "sources": SourceFolder(path=str(settings.sources), is_history=settings.is_history),
        "models": ModelStore(path=str(settings.models_folder)),
        "published": PublishedFolder(path=str(settings.published_folder), keep=settings.keep_generations),
    }
