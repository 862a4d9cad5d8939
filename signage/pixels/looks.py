"""Looks laid over one another."""

from dataclasses import fields

from signage.model.item import Look


def merged(*looks: Look) -> Look:
    """What the first of *looks* (the item's, then the campaign's, then the configuration's) that says it says."""
    plain = Look()
    said = {}
    for one in fields(Look):
        values = [getattr(look, one.name) for look in looks]
        said[one.name] = next((v for v in values if v != getattr(plain, one.name)), getattr(plain, one.name))
    return Look(**said)
