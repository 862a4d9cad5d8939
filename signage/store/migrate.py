"""The database's shape brought up to date, quickly where there is nothing to do."""

import pkgutil
from importlib import import_module

from sqlalchemy import Connection, inspect, text

from signage.faults import Fault, FaultLocation, Refused
from signage.store.engine import Store
from signage.store.migrations import HEAD


def migrate_database(store: Store) -> bool:
    """Make or migrate the tables; True when something had to be done. Safe when several processes start at once.

    Raises Refused when the database was written by a newer version of the program.
    """
    if store.path is not None:
        store.path.parent.mkdir(parents=True, exist_ok=True)
    with store.read() as connection:
        if get_schema_version(connection) == HEAD:
            return False
    with store.write() as connection:
        found = get_schema_version(connection)
        if found == HEAD:
            return False
        if found is not None and found > HEAD:
            name = store.path.name if store.path else "database"
            raise Refused([Fault("error", "store-newer", FaultLocation(file=name), {"found": found, "known": HEAD})])
        _upgrade(connection)
    return True


def get_schema_version(connection: Connection) -> str | None:
    """The step that the database stands at; None before the first."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def import_table_modules() -> None:
    """Import every subject, so that its tables stand in the metadata."""
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
