"""Attacks, each named after what it tries, against the real program or its real server where that is possible."""
