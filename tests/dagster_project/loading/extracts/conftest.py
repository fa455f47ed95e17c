"""A PostgreSQL server of the tests' own, where one is installed."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "canary-7d1c"


@dataclass(frozen=True)
class Server:
    """Where the server listens on this machine, and for whom."""

    port: int
    user: str = "loader"
    password: str = PASSWORD

    def settings(self, **changes: Any) -> dict[str, Any]:
        """The `database` of a source's YAML."""
        given = {"system": "postgresql", "host": "127.0.0.1", "port": self.port, "name": "postgres", "user": self.user}
        return given | {"password": "${SHOP_DB_PASSWORD}"} | changes


def _find_programs() -> Path | None:
    found = [shutil.which("initdb"), *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")))]
    return next((Path(path).resolve().parent for path in found if path), None)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    programs = _find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed")
    # The server refuses to run as root.
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    as_owner = {"user": owner.pw_uid, "group": owner.pw_gid} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="segments-postgres-") as folder:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        password_file = Path(folder, "password")
        password_file.write_text(PASSWORD)
        os.chown(password_file, owner.pw_uid, owner.pw_gid)
        data, port = f"{folder}/data", _find_free_port()
        make = [f"{programs}/initdb", "-D", data, "-U", "loader", "-A", "scram-sha-256", "--pwfile", password_file]
        subprocess.run([*make, "-E", "UTF8", "--no-sync"], check=True, capture_output=True, cwd=folder, **as_owner)
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        start = [f"{programs}/pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start"]
        subprocess.run(start, check=True, stdout=subprocess.DEVNULL, cwd=folder, **as_owner)
        try:
            yield Server(port)
        finally:
            stop = [f"{programs}/pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"]
            subprocess.run(stop, check=True, capture_output=True, cwd=folder, **as_owner)


def _find_free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port
