"""TOML files written by people: all faults at once, each with its line."""
