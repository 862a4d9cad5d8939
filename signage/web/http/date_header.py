"""The ``Date`` header, from the server's clock at each answer (RFC 9110, 6.6.1).

The server library renews its own text of the date only when its clock passes the time in it: after the clock was set
back it would send the old time for hours, and players without a clock of their own follow it.
"""

from typing import Any

from signage.clock import Clock
from signage.web.http.conditional import format_http_date
from signage.web.http.wsgi import Headers, StartResponse


class DateHeader:
    """Adds ``Date``; formats each second once, whichever way the clock goes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._formatted = (0, "")

    def get_value(self) -> str:
        """Return the header's value for now."""
        second = int(self._clock.now().timestamp())
        formatted = self._formatted
        if formatted[0] != second:
            self._formatted = formatted = (second, format_http_date(second))
        return formatted[1]

    def wrap(self, start_response: StartResponse) -> StartResponse:
        """Return a ``start_response`` that adds the header."""

        def start(status: str, headers: Headers, *exc_info: Any) -> Any:
            return start_response(status, [*headers, ("Date", self.get_value())], *exc_info)

        return start
