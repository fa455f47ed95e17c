"""Checks that a published generation is still, byte for byte, what was published."""

from pathlib import Path

from dagster_project.publishing.manifest import MANIFEST_NAME, Manifest, describe_file, read_manifest
from dagster_project.publishing.tables import DATABASE_NAME, PARQUET_FOLDER
from dagster_project.warehouse import open_readonly, quote_identifier, quote_literal


def verify_generation(folder: Path) -> Manifest:
    """The manifest of ``folder`` after checking every file's hash and every table's row count against it.

    Raises ValueError naming the files that are missing, changed or not listed.
    """
    manifest = read_manifest(folder)
    _require_listed_files(folder, manifest)
    changed = [name for name, facts in manifest.files.items() if describe_file(folder / name) != facts]
    if changed:
        raise ValueError(
            f"{len(changed)} of {len(manifest.files)} files in {folder} are not what was published, "
            f"e.g. {changed[:3]}; point the link `current` at another generation, or publish again"
        )
    _require_row_counts(folder, manifest)
    return manifest


def _require_listed_files(folder: Path, manifest: Manifest) -> None:
    present = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    listed = {*manifest.files, MANIFEST_NAME}
    missing, strange = sorted(listed - present), sorted(present - listed)
    if missing or strange:
        raise ValueError(
            f"{folder} lacks {len(missing)} of {len(listed)} files, e.g. {missing[:3]}, and holds "
            f"{len(strange)} that were not published, e.g. {strange[:3]}; publish again"
        )


def _require_row_counts(folder: Path, manifest: Manifest) -> None:
    with open_readonly(folder / DATABASE_NAME) as connection:
        for name, facts in manifest.tables.items():
            parquet = quote_literal(str(folder / PARQUET_FOLDER / f"{name}.parquet"))
            for source in (quote_identifier(name), f"read_parquet({parquet})"):
                row = connection.execute(f"select count(*) from {source}").fetchone()
                if row is None or row[0] != facts.row_count:
                    raise ValueError(
                        f"{source} in {folder} has {row[0] if row else 0:,} rows, its manifest says "
                        f"{facts.row_count:,}; publish again"
                    )
