"""A PostgreSQL of our own for the tests that need one: a fresh cluster in a folder, with all its promises on."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy

from tests.support.installation import find_free_port


def _find_programs_folder() -> Path | None:
    """The folder of initdb: Debian keeps it out of the path."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).parent
    return max((path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")), default=None)


needs_postgresql = pytest.mark.skipif(_find_programs_folder() is None, reason="needs PostgreSQL: initdb")


class PostgresqlCluster:
    """A running server; ``database()`` gives the URL of a fresh, empty database."""

    def __init__(self, port: int) -> None:
        self._base = f"postgresql+pg8000://signage@127.0.0.1:{port}/"
        self._made = 0
        self._admin = sqlalchemy.create_engine(self._base + "postgres", isolation_level="AUTOCOMMIT")

    def create_database(self) -> str:
        """The URL of another database."""
        self._made += 1
        name = f"signage_{self._made}"
        with self._admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        return self._base + name

    def close(self) -> None:
        """Let go of it."""
        self._admin.dispose()


@contextmanager
def run_cluster(folder: Path) -> Iterator[PostgresqlCluster]:
    """Run a server in *folder* (which its own user must reach; PostgreSQL does not run as root)."""
    programs = _find_programs_folder()
    assert programs is not None
    user = "postgres" if os.geteuid() == 0 else None
    if user is not None:
        shutil.chown(folder, user)
    port, data = find_free_port(), folder / "data"

    def run(*args: object) -> None:
        subprocess.run([str(arg) for arg in args], check=True, cwd=folder, user=user, stdout=subprocess.DEVNULL)

    run(programs / "initdb", "-D", data, "-A", "trust", "-U", "signage", "-E", "UTF8", "--locale=C", "--no-sync")
    control = (programs / "pg_ctl", "-D", data, "-w")
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
    run(*control, "-l", folder / "log", "-o", options, "start")
    try:
        made = PostgresqlCluster(port)
        yield made
        made.close()
    finally:
        run(*control, "-m", "fast", "stop")
