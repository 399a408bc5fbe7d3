"""One library in a process of its own: some share a module name, and all hold their own memory."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from buqi.errors import BuqiError, UsageError
from buqi.evaluate.rivals.readers import LIBRARIES

UNKNOWN = ("None", "nan", "<NA>")
NOT_CITIES = re.compile(r"市辖区|县|省直辖.*|自治区直辖.*|.*直辖县级.*|无|")
MUNICIPALITIES = ("北京市", "天津市", "上海市", "重庆市")


@dataclass(frozen=True)
class Place:
    """What a library says of one address: names of levels (``""``: not said), or why it failed."""

    province: str = ""
    city: str = ""
    county: str = ""
    rest: str = ""
    error: str = ""


def place_of(found: Sequence[Any]) -> Place:
    """Return a library's province, city, county (and rest) in our terms: no 市辖区, no city in Beijing."""
    names = ["" if str(value) in UNKNOWN else str(value).strip() for value in found]
    province, city, county = ("" if NOT_CITIES.fullmatch(name) else name for name in names[:3])
    if province in MUNICIPALITIES or city in MUNICIPALITIES:
        province, city = province or city, ""
    return Place(province, city, county, *names[3:])


class Library:
    """A library that reads addresses, one at a time, in a process of its own.

    Args:
        name: one of `LIBRARIES`.
        folder: where ``pip install --target`` put it; without it, what is installed here is used.

    Raises:
        UsageError: no such library.
        BuqiError: it cannot be imported; the reason is in the message.
    """

    def __init__(self, name: str, folder: Path | None = None) -> None:
        if name not in LIBRARIES:
            raise UsageError(f"{name}: expected one of {', '.join(LIBRARIES)}")
        self.name, self.package = name, LIBRARIES[name].package
        places = [str(folder)] if folder is not None and folder.is_dir() else []
        path = os.pathsep.join([*places, *filter(None, [os.environ.get("PYTHONPATH")])])
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "buqi.evaluate.rivals.library", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
            text=True,
            encoding="utf-8",
        )
        ready = self._line()
        if "error" in ready:
            self.process.kill()
            self.process.wait()
            raise BuqiError(f"{name}: {ready['error']} (make rivals installs it)")

    def read(self, texts: Sequence[str]) -> list[Place]:
        """Return what the library says of each address. Where it fails, `Place.error` says why.

        Raises:
            BuqiError: the process ended.
        """
        found = []
        for text in texts:
            assert self.process.stdin is not None
            try:
                self.process.stdin.write(json.dumps(text) + "\n")
                self.process.stdin.flush()
            except BrokenPipeError as error:
                raise BuqiError(f"{self.name}: its process ended at {text[:40]!r}") from error
            found.append(Place(**self._line(text)))
        return found

    def _line(self, text: str = "") -> dict[str, Any]:
        assert self.process.stdout is not None
        for line in self.process.stdout:  # libraries print banners
            if line.startswith("{") and '"buqi"' in line:
                return {key: value for key, value in json.loads(line).items() if key != "buqi"}
        raise BuqiError(f"{self.name}: its process ended {f'at {text[:40]!r}' if text else 'while loading'}")


def main(name: str) -> None:
    """Read addresses as JSON strings, one a line; print what the library says as JSON, one a line."""

    def say(record: dict[str, Any]) -> None:
        print(json.dumps(record | {"buqi": 1}), flush=True)

    try:
        read = LIBRARIES[name].load()
    except Exception as error:
        say({"error": f"cannot be imported ({type(error).__name__}: {str(error)[:200]})"})
        return
    say({})
    for line in sys.stdin:
        try:
            place = place_of(read(json.loads(line)))
        except Exception as error:
            place = Place(error=f"{type(error).__name__}: {str(error)[:200]}")
        say(asdict(place))


if __name__ == "__main__":
    main(sys.argv[1])
