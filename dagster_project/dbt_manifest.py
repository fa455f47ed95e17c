"""dbt's manifest: parsed only when a file of the project is newer than the parse.

dagster-dbt's own ``prepare_if_dev`` parses again in every process, which doubles the cost of a run.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dagster_project.file_lock import exclusive_lock
from dagster_project.settings import PROJECT_ROOT, Settings

DBT_FOLDER = PROJECT_ROOT / "dbt"
_PARSED_SUFFIXES = {".sql", ".yml", ".yaml", ".csv", ".md"}
_NOT_PARSED = {"target", "logs", "dbt_packages"}


def prepare_manifest(settings: Settings) -> Path:
    """Path of an up-to-date manifest.json; two processes that start at once parse one after the other."""
    manifest = settings.dbt_target_folder / "manifest.json"
    if not _is_stale(manifest):
        return manifest
    with exclusive_lock(settings.dbt_target_folder / "parse.lock"):
        if _is_stale(manifest):
            _parse(settings, manifest)
    return manifest


def read_manifest(settings: Settings) -> dict[str, Any]:
    """The up-to-date manifest without its unit tests: they become no assets, and are slow to read."""
    manifest = json.loads(prepare_manifest(settings).read_bytes())
    unit_tests = manifest["unit_tests"]
    for edges in ("parent_map", "child_map"):
        manifest[edges] = {
            node: [other for other in others if other not in unit_tests]
            for node, others in manifest[edges].items()
            if node not in unit_tests
        }
    return {**manifest, "unit_tests": {}}


def fingerprint_project(manifest: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    """SHA-256 of all that the tables are made by: the SQL of models and macros, the variables, the environment.

    A fixed as-of date is left out: it chooses among as-of dates and changes none of them.
    """
    models = {key: node["checksum"]["checksum"] for key, node in manifest["nodes"].items()}
    macros = {key: macro["macro_sql"] for key, macro in manifest["macros"].items()}
    settings = {name: value for name, value in environment.items() if name != "AS_OF_DATE"}
    variables = (DBT_FOLDER / "dbt_project.yml").read_text(encoding="utf-8")
    return hashlib.sha256(json.dumps([models, macros, settings, variables], sort_keys=True).encode()).hexdigest()


def _is_stale(manifest: Path) -> bool:
    if not manifest.exists():
        return True
    parsed_at = manifest.stat().st_mtime
    return any(
        path.stat().st_mtime > parsed_at
        for path in DBT_FOLDER.rglob("*")
        if path.suffix in _PARSED_SUFFIXES and not _NOT_PARSED & set(path.relative_to(DBT_FOLDER).parts)
    )


def _parse(settings: Settings, manifest: Path) -> None:
    from dagster_project.dbt_build import run_dbt

    # dbt writes its files in place; parsing elsewhere keeps a half-written manifest from being read.
    draft = settings.dbt_target_folder / "parse"
    run_dbt(["parse"], settings=settings, target_folder=draft)
    os.replace(draft / "manifest.json", manifest)
