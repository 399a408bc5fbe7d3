"""Names of places in a text, and lists that say in which city they lie; not verified (``data/PROVENANCE.md``)."""
