"""Settings of the store."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StorageConfig:
    """``[storage]``. *state*: the folder of all files written at run time, relative to the folder of the config file.

    *database*: an SQLAlchemy URL; empty: the SQLite file ``signage.db`` in the state folder.
    """

    state: str = "var"
    database: str = ""
