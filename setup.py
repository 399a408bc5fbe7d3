"""Compiles what reads addresses with mypyc where the environment asks for it: ``BUQI_COMPILE=1 pip install .``.

Everything else about the package is in ``pyproject.toml``. The compiled modules answer as the plain ones do.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from setuptools import setup

ROOMS = ("address", "address/evidence", "contact", "divisions", "gazetteer")
# What mypyc cannot compile: a `cached_property` would be made anew each time it is asked for, a cached function of a
# module cannot be asked how much it keeps, and no plain class can inherit from a compiled one.
LEFT = re.compile(r"@cached_property|cached_property\(|\.cache_info\(|^class LevelNames", re.MULTILINE)
# What other packages declare is not needed, and takes gigabytes to read.
MYPY = ("--config-file=", "--no-site-packages", "--ignore-missing-imports", "--follow-imports=silent")


def modules() -> list[str]:
    """Return the files that are compiled."""
    files = (file for room in ROOMS for file in sorted(Path("buqi", room).glob("*.py")) if file.name != "__init__.py")
    return [str(file) for file in files if LEFT.search(file.read_text(encoding="utf-8")) is None]


if os.environ.get("BUQI_COMPILE", "") in ("", "0"):
    setup()
else:
    try:
        from mypyc.build import mypycify
    except ImportError:  # the first pass of a build only asks what is needed
        setup(setup_requires=["mypy>=1.18"])
    else:
        setup(setup_requires=["mypy>=1.18"], ext_modules=mypycify([*MYPY, *modules()], opt_level="3"))
