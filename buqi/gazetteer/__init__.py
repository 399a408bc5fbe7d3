"""Roads, landmarks and development zones by the city that they lie in; not verified (``data/PROVENANCE.md``)."""
