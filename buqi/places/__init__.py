"""Memory of a user's own full addresses: in which county a road, estate, village or zone name has been seen."""

from buqi.places.learning import Source, learn
from buqi.places.memory import Memory, load_memory, places_dir

__all__ = ["Memory", "Source", "learn", "load_memory", "places_dir"]
