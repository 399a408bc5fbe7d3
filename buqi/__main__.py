"""``python -m buqi``."""

from buqi.cli.main import run

run()
