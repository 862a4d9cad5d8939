"""Why a clip cannot be played, as decoding found it: a code with facts (messages: ``messages/en/library.po``)."""


class MediaError(Exception):
    """The clip cannot be taken, or not be shown. *facts* are plain values: they cross the wall of the jail."""

    def __init__(self, code: str, **facts: str | int | float) -> None:
        self.code = code
        self.facts: dict[str, str | int | float] = facts
        super().__init__(code, facts)
