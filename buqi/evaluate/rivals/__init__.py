"""Offline address libraries: what each returns is read as our levels, and each runs in its own process."""
