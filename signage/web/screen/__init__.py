"""The screens' addresses, except poll and media."""
