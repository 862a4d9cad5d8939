"""What the store is told by the configuration."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StorageConfig:
    """``[storage]``. *state*: the folder of all that is written at run time, relative to the configuration's.

    *database*: an SQLAlchemy URL; empty: the SQLite file ``signage.db`` in the state folder.
    """

    state: str = "var"
    database: str = ""
