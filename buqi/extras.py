"""Extras: optional packages that a command needs, and the command that installs them."""

from __future__ import annotations

import re
from importlib import metadata

PACKAGE = "buqi"
OF_AN_EXTRA = re.compile(r"(?P<package>.+?)\s*;\s*extra\s*==\s*['\"](?P<extra>[^'\"]+)['\"]")


def install(extra: str) -> str:
    """Return the command that installs the packages of an extra.

    It names the packages themselves: buqi is on no registry, and its wheel or checkout may be gone.
    """
    try:
        wanted = [OF_AN_EXTRA.fullmatch(line) for line in metadata.requires(PACKAGE) or ()]
    except metadata.PackageNotFoundError:  # run from a folder that was never installed
        wanted = []
    packages = [found["package"] for found in wanted if found is not None and found["extra"] == extra]
    if not packages:
        return f"pip install '.[{extra}]' in the folder of buqi's source"
    return " ".join(["pip install", *(f"'{package}'" for package in packages)])
