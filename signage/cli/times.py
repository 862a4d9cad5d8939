"""Times and lengths of time as people write them on the command line: as everywhere."""

from signage.services.time_input import parse_length, parse_time, show_time

__all__ = ["parse_length", "parse_time", "show_time"]
