"""What Alembic runs: the steps, on the connection that ``store.prepare`` hands in, in its transaction."""

from alembic import context

from signage.store.engine import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
