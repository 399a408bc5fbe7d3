"""Compiles the reading of names with mypyc where the environment asks for it: ``BUQI_COMPILE=1 pip install .``.

Everything else about the package is in ``pyproject.toml``. The compiled modules answer as the plain ones do.
"""

from __future__ import annotations

import os

from setuptools import setup

MODULES = (
    "address/mistyped", "address/no_place", "address/settled", "address/villages",
    "divisions/chain", "divisions/chain_reader", "divisions/joints", "divisions/lead", "divisions/lexicon",
    "divisions/match", "divisions/matcher", "divisions/meaning", "divisions/mistyping", "divisions/name_reader",
    "divisions/names", "divisions/odd_names", "divisions/sounds", "divisions/stems", "divisions/text",
    "divisions/town_reader",
    "gazetteer/landmarks", "gazetteer/place_names", "gazetteer/places", "gazetteer/zones",
)  # fmt: skip
# What other packages declare is not needed, and takes gigabytes to read.
MYPY = ("--config-file=", "--no-site-packages", "--ignore-missing-imports", "--follow-imports=silent")

if os.environ.get("BUQI_COMPILE", "") in ("", "0"):
    setup()
else:
    try:
        from mypyc.build import mypycify
    except ImportError:  # the first pass of a build only asks what is needed
        setup(setup_requires=["mypy>=1.18"])
    else:
        files = [f"buqi/{name}.py" for name in MODULES]
        setup(setup_requires=["mypy>=1.18"], ext_modules=mypycify([*MYPY, *files], opt_level="2"))
