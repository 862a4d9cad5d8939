"""The version of the renderer, part of the key under which rendered slogans are stored."""

RENDERER_VERSION = "slogans 2"
"""Change it with every change of the pixels of a slogan, so that stored media are rendered anew.

A test compares it with the golden pictures (``tests/pixels/golden/renderer_version.json``).
"""
