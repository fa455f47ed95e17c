"""Where this project reads its environment: the only module that does.

Everything a run makes lies under one folder, ``SEGMENTS_HOME``; what it reads is named by ``SOURCES``.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DEFAULT_SOURCES = PROJECT_ROOT / "dagster_project" / "sources" / "complete_journey.yml"
DEFAULT_HOME = PROJECT_ROOT / "data"

# Published generations kept for readers that are still on an older one.
DEFAULT_KEEP_GENERATIONS = 5

# What DuckDB may hold in memory while a step loads, builds or reads, before it spills to disk.
DEFAULT_MEMORY_LIMIT = "4GB"

_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")


class SettingsError(ValueError):
    """An environment variable has a value this project cannot use."""


@dataclass(frozen=True)
class Settings:
    """The configuration of one installation, read once from the environment."""

    home: Path
    sources: Path
    as_of_date: date | None
    keep_generations: int
    is_history: bool = False
    memory_limit: str = DEFAULT_MEMORY_LIMIT

    @property
    def warehouse_path(self) -> Path:
        """The one DuckDB file that runs write and no reader opens."""
        return self.home / "warehouse.duckdb"

    @property
    def run_lock_path(self) -> Path:
        """The file whose lock makes runs take turns."""
        return self.home / "run.lock"

    @property
    def models_folder(self) -> Path:
        """Model bundles: candidates, versions and the champion of each model."""
        return self.home / "models"

    @property
    def published_folder(self) -> Path:
        """Immutable generations and the link ``current``."""
        return self.home / "published"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own storage: runs, events, schedules."""
        return self.home / "dagster"

    @property
    def dbt_target_folder(self) -> Path:
        """dbt's compiled SQL, manifest and partial-parse state of this installation."""
        return self.home / "dbt_target"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from ``environ`` (the process's own by default); raises SettingsError naming the variable."""
    env = os.environ if environ is None else environ
    return Settings(
        home=Path(env.get("SEGMENTS_HOME") or DEFAULT_HOME).resolve(),
        sources=Path(env.get("SOURCES") or DEFAULT_SOURCES).resolve(),
        as_of_date=_read_date(env, "AS_OF_DATE"),
        keep_generations=_read_positive(env, "KEEP_GENERATIONS", DEFAULT_KEEP_GENERATIONS),
        is_history=_read_flag(env, "HISTORY"),
        memory_limit=_read_memory(env, "DUCKDB_MEMORY_LIMIT", DEFAULT_MEMORY_LIMIT),
    )


def expand_variables(text: str, environ: Mapping[str, str] | None = None) -> str:
    """``text`` with each ``${NAME}`` or ``${NAME:-default}`` replaced; raises SettingsError when unset."""
    env = os.environ if environ is None else environ

    def replace(match: re.Match[str]) -> str:
        value = env.get(match["name"]) or match["default"]
        if value is None:
            raise SettingsError(f"{text!r} needs the environment variable {match['name']}; set it or give a default")
        return value

    return _VARIABLE.sub(replace, text)


def _read_date(env: Mapping[str, str], name: str) -> date | None:
    text = env.get(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(f"{name}={text!r} is no date; write it as 2017-12-30") from error


def _read_flag(env: Mapping[str, str], name: str) -> bool:
    text = env.get(name, "").lower()
    if text not in ("", "yes", "no"):
        raise SettingsError(f"{name}={text!r} is neither yes nor no")
    return text == "yes"


def _read_memory(env: Mapping[str, str], name: str, default: str) -> str:
    text = env.get(name) or default
    if not re.fullmatch(r"\d+([.]\d+)? ?([KMGT]i?B)", text):
        raise SettingsError(f"{name}={text!r} is no amount of memory; write it as 4GB")
    return text


def _read_positive(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name)
    if not text:
        return default
    if not text.isdigit() or int(text) < 1:
        raise SettingsError(f"{name}={text!r} is no whole number of 1 or more")
    return int(text)


@contextmanager
def override_environment(variables: Mapping[str, str]) -> Iterator[None]:
    """The process environment with ``variables`` set, for libraries that are configured that way."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
