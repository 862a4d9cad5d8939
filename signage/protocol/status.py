"""Status and enrolment messages of screens."""

from msgspec import UNSET, Struct, UnsetType


class StatusMessage(Struct, frozen=True):
    """Body of ``POST /screen/v1/status``; every field is optional. *position* is (lon, lat) in degrees."""

    player: str | UnsetType = UNSET
    version: str | UnsetType = UNSET
    serial: int | UnsetType = UNSET
    item: str | UnsetType | None = UNSET
    clock: str | UnsetType = UNSET
    free_bytes: int | UnsetType = UNSET
    temperature_c: float | UnsetType = UNSET
    position: tuple[float, float] | UnsetType = UNSET
    faults: tuple[str, ...] | UnsetType = UNSET


class EnrolmentPanel(Struct, frozen=True):
    width: int
    height: int


class EnrolmentRequest(Struct, frozen=True):
    """Body of ``POST /screen/v1/enrolments``."""

    hardware: str
    panel: EnrolmentPanel


class EnrolmentPending(Struct, frozen=True):
    id: str
    code: str
    poll_seconds: int


class EnrolmentGrant(Struct, frozen=True):
    """What the screen receives once its code was entered. *key* is the KEYID of the signing key to pin."""

    screen: str
    token: str
    key: str
