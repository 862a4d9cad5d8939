"""Environment of Alembic: runs migrations on the connection of ``store.migrate``, in its transaction."""

from alembic import context

from signage.store.engine import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
