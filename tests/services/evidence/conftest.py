from tests.evidence.conftest import clock, intake, store

__all__ = ["clock", "intake", "store"]
