"""``python -m buqi``, and the command ``buqi``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. Ctrl-C while its modules are read ends in one line too."""
    try:
        from buqi.cli.main import run
    except KeyboardInterrupt:
        print("buqi: stopped", file=sys.stderr)
        sys.exit(1)
    run()


if __name__ == "__main__":
    main()
