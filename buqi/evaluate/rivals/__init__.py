"""Offline address libraries, each in a file of its own that maps its output to our levels, run in its own process."""

from buqi.evaluate.rivals.library import LIBRARIES, Library, places_of

__all__ = ["LIBRARIES", "Library", "places_of"]
