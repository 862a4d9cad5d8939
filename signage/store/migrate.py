"""Migrates the database schema; returns quickly where it is up to date."""

import pkgutil
from importlib import import_module

from sqlalchemy import Connection, inspect, text

from signage.faults import Fault, FaultLocation, Refused
from signage.store.engine import Store
from signage.store.migrations import HEAD


def migrate_database(store: Store) -> bool:
    """Create or migrate the tables; return whether anything was done. Safe when several processes start at once.

    Raises Refused: the schema is that of a newer version of the program.
    """
    if store.path is not None:
        store.path.parent.mkdir(parents=True, exist_ok=True)
    with store.read() as connection:
        if get_schema_version(connection) == HEAD:
            return False
    with store.write() as connection:
        version = get_schema_version(connection)
        if version == HEAD:
            return False
        if version is not None and version > HEAD:
            name = store.path.name if store.path else "database"
            raise Refused([Fault("error", "store-newer", FaultLocation(file=name), {"found": version, "known": HEAD})])
        _upgrade(connection)
    return True


def get_schema_version(connection: Connection) -> str | None:
    """Return the last migration that was applied; None before the first."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if version is None else str(version)


def import_table_modules() -> None:
    """Import every module of the package, so that the metadata has all tables."""
    import signage.store as package

    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations" not in module.name:
            import_module(module.name)


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "signage.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
