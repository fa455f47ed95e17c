"""A BI tool that never stops asking: reads the published generation until the file ``stop`` exists.

Arguments: published folder, stop file, file for what was seen (one line a generation). Ends with an error at
the first read that fails or that is not whole.
"""

import sys
import time
from pathlib import Path

from dagster_project.publishing.generations import current_generation
from dagster_project.publishing.manifest import read_manifest
from dagster_project.publishing.tables import DATABASE_NAME, MANIFEST_TABLE, PARQUET_FOLDER
from dagster_project.warehouse import open_readonly

# As often as a dashboard may ask, and seldom enough to leave the processors to the runs.
_PAUSE_SECONDS = 0.2

_COUNTS_SQL = "select table_name, row_count, generation from " + MANIFEST_TABLE


def read_whole(folder: Path) -> str:
    """Name of the generation in ``folder``; raises AssertionError when its parts do not fit together."""
    manifest = read_manifest(folder)
    with open_readonly(folder / DATABASE_NAME) as connection:
        said = connection.execute(_COUNTS_SQL).fetchall()
        assert {generation for _, _, generation in said} == {folder.name} == {manifest.generation}
        for table, row_count, _ in said:
            parquet = folder / PARQUET_FOLDER / f"{table}.parquet"
            for source in (f'"{table}"', f"read_parquet('{parquet}')"):
                assert connection.execute(f"select count(*) from {source}").fetchall() == [(row_count,)], source
        orphans = connection.execute(
            "select count(*) from customer_segments anti join segment_profiles using (segmentation, segment_id)"
        ).fetchall()
    assert orphans == [(0,)]
    return folder.name


def main(published: str, stop: str, seen: str) -> None:
    """Reads until told to stop; keeps the order of the generations that it met."""
    generations: list[str] = []
    while True:
        is_last = Path(stop).exists()
        folder = current_generation(Path(published))
        assert folder is not None
        name = read_whole(folder)
        if name not in generations[-1:]:
            generations.append(name)
        if is_last:
            break
        time.sleep(_PAUSE_SECONDS)
    Path(seen).write_text("\n".join(generations))


if __name__ == "__main__":
    main(*sys.argv[1:])
