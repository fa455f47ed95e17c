"""Puts the shipped instance configuration where Dagster looks for it."""

import os
import shutil
import sys
from pathlib import Path

from dagster_project.settings import Settings, read_settings

SHIPPED_CONFIGURATION = Path(__file__).with_name("dagster.yaml")


def prepare_dagster_home(settings: Settings) -> Path:
    """The folder to use as DAGSTER_HOME, with its dagster.yaml in place.

    The shipped file is copied when there is none, or when it is newer than the one in use: local changes
    last until the next upgrade, which keeps them as dagster.yaml.previous.
    """
    home = settings.dagster_home
    home.mkdir(parents=True, exist_ok=True)
    configuration = home / SHIPPED_CONFIGURATION.name
    if _is_outdated(configuration):
        if configuration.exists():
            os.replace(configuration, home / f"{SHIPPED_CONFIGURATION.name}.previous")
        copy = home / f".{SHIPPED_CONFIGURATION.name}.{os.getpid()}"
        shutil.copyfile(SHIPPED_CONFIGURATION, copy)
        os.replace(copy, configuration)
    return home


def _is_outdated(configuration: Path) -> bool:
    if not configuration.exists():
        return True
    is_older = configuration.stat().st_mtime < SHIPPED_CONFIGURATION.stat().st_mtime
    return is_older and configuration.read_bytes() != SHIPPED_CONFIGURATION.read_bytes()


if __name__ == "__main__":
    sys.stdout.write(f"{prepare_dagster_home(read_settings())}\n")
