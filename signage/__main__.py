"""``python -m signage`` is the command ``signage``."""

from signage.cli import main

main()
