"""dbt's manifest: parsed only when a file of the project is newer than the parse.

dagster-dbt's own ``prepare_if_dev`` parses again in every process, which doubles the cost of a run.
"""

import json
import os
from pathlib import Path

from dagster_dbt import DbtProject

from dagster_project.file_lock import exclusive_lock
from dagster_project.settings import PROJECT_ROOT, Settings

DBT_FOLDER = PROJECT_ROOT / "dbt"
_PARSED_SUFFIXES = {".sql", ".yml", ".yaml", ".csv", ".md"}
_NOT_PARSED = {"target", "logs", "dbt_packages"}
# Half of the manifest, and nothing of it becomes an asset or a check; every process reads what is left.
_NOT_KEPT = ("macros", "unit_tests", "docs")


def prepare_manifest(settings: Settings) -> Path:
    """Path of an up-to-date manifest.json; two processes that start at once parse one after the other."""
    manifest = settings.dbt_target_folder / "manifest.json"
    if not _is_stale(manifest):
        return manifest
    with exclusive_lock(settings.dbt_target_folder / "parse.lock"):
        if _is_stale(manifest):
            _parse(settings, manifest)
    return manifest


def open_project(settings: Settings) -> DbtProject:
    """The dbt project as dagster-dbt names it."""
    return DbtProject(project_dir=DBT_FOLDER, target_path=settings.dbt_target_folder, profiles_dir=DBT_FOLDER)


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
    content = json.loads((draft / "manifest.json").read_bytes())
    small = draft / "assets.json"
    small.write_text(json.dumps({**content, **{name: {} for name in _NOT_KEPT}}))
    os.replace(small, manifest)
