"""Checks on the newest published generation: what a reader would see is whole, and holds nobody who refused."""

import dagster as dg

from dagster_project import names
from dagster_project.assets.publication import PUBLISHED_GENERATION
from dagster_project.publishing.generations import current_generation
from dagster_project.publishing.verify import verify_generation
from dagster_project.resources import PublishedFolder
from dagster_project.run_lock import RunLock


@dg.asset_check(
    asset=PUBLISHED_GENERATION,
    name="generation_is_whole",
    description="Every file of the published generation has the size, hash and row count of its manifest.",
    pool=names.WAREHOUSE_POOL,
)
def generation_is_whole(published: PublishedFolder, run_lock: RunLock) -> dg.AssetCheckResult:
    """Reads the generation back as a reader would."""
    folder = current_generation(published.folder)
    if folder is None:
        return dg.AssetCheckResult(passed=False, metadata={"problem": "nothing is published"})
    manifest = verify_generation(folder)
    return dg.AssetCheckResult(passed=True, metadata={"generation": manifest.generation})


CHECKS = [generation_is_whole]
