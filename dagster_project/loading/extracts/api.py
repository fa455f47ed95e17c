"""Rows of a SaaS API, fetched by dlt in a process of its own and left as JSON lines, nothing more.

dlt knows how APIs page, authenticate and ask for patience. Its own loading is not used: it renames columns, turns
values that do not fit into empty ones, and can be left wedged by a kill. So it gets a folder that is thrown away and
a time limit, and what it fetched goes through the same checks as any other file.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dagster_project.loading.errors import LoadError, SourceError
from dagster_project.loading.extracts.origins import SECRETS, Api, expand
from dagster_project.loading.files import SourceFile
from dagster_project.loading.source import Source

_WORKER = "dagster_project.loading.extracts.api_worker"


def fetch_api(source: Source, api: Api, folder: Path) -> dict[tuple[str, str], SourceFile]:
    """One JSON lines file per table of ``source``; raises LoadError when not all of it could be fetched."""
    place = f"{source.yaml_path}: api"
    if find_spec("dlt") is None:
        raise SourceError(f"{place}: an API needs the extra `saas`; install it: pip install -e '.[saas]'")
    base_url = expand(api.base_url, place)
    headers = {name: expand(value, place) for name, value in api.headers.items()}
    auth = {name: expand(value, place) for name, value in api.auth.items()}
    client = {"base_url": base_url, "headers": headers, "auth": auth, "paginator": api.paginator}
    secrets = [*headers.values(), *(value for name, value in auth.items() if name in SECRETS)]
    fetched, resources = {}, []
    for table_name, config in source.tables.items():
        path = folder / f"{source.name}.{table_name}.jsonl"
        label = f"{config.endpoint} of {base_url}"
        fetched[source.name, table_name] = SourceFile(path, str(config.endpoint), "jsonl", label)
        resources.append({"path": config.endpoint, "params": config.params, "rows": config.rows, "file": str(path)})
    order = {"client": client, "resources": resources, "folder": str(folder)}
    _run_worker(order, api.timeout_seconds, f"{place}: {base_url}", secrets)
    return fetched


def _run_worker(order: dict[str, Any], timeout_seconds: int, place: str, secrets: list[str]) -> None:
    # Secrets go in by a pipe: arguments and environment can be seen by others.
    try:
        done = subprocess.run(
            [sys.executable, "-m", _WORKER],
            input=json.dumps(order),
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LoadError(
            f"{place}: not all rows were there after {timeout_seconds:,} s; nothing of this load was stored. Raise "
            "`timeout_seconds`, or ask for less by `params`"
        ) from None
    if done.returncode != 0:
        said = (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[-1]  # what the worker says last
        raise LoadError(f"{place}: {_mask(said, secrets)}; nothing of this load was stored")


def _mask(text: str, secrets: list[str]) -> str:
    for written in _as_written(secrets):
        text = text.replace(written, "***")
    return text


def _as_written(secrets: list[str]) -> Iterator[str]:
    for secret in filter(None, secrets):
        yield secret
        yield quote(secret, safe="")
