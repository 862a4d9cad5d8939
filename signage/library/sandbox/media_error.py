"""The one error of decoding: a message code with its facts."""


class MediaError(Exception):
    """A clip cannot be accepted, converted or shown. *facts* are plain values: they cross the sandbox's pipe."""

    def __init__(self, code: str, **facts: str | int | float) -> None:
        self.code = code
        self.facts: dict[str, str | int | float] = facts
        super().__init__(code, facts)
