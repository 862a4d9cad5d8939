"""TOML files that people write: every fault at once, each with its line."""
