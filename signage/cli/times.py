"""Times and lengths of time as people write them on the command line: as everywhere."""

from signage.services.time_input import format_time, parse_duration, parse_time

__all__ = ["format_time", "parse_duration", "parse_time"]
