"""Damage to files, and what may come of it: an answer, or one sentence."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from buqi.errors import BuqiError


def regions(size: int, count: int, rng: random.Random) -> list[int]:
    """Return a place in each of ``count`` equal parts of a file, its first and its last byte among them."""
    step = max(1, size // count)
    inner = [min(size - 1, start + rng.randrange(step)) for start in range(0, size, step)]
    return sorted({0, size - 1, *inner})


@contextmanager
def flipped(path: Path, place: int, bit: int) -> Iterator[None]:
    """Flip one bit of a file while the block runs. Its times stay, so only its bytes tell."""
    data, about = path.read_bytes(), path.stat()
    times = (about.st_atime_ns, about.st_mtime_ns)
    with path.open("r+b") as file:
        file.seek(place)
        file.write(bytes([data[place] ^ (1 << bit)]))
    os.utime(path, ns=times)
    try:
        yield
    finally:
        path.write_bytes(data)
        os.utime(path, ns=times)


class Outcomes(Counter[str]):
    """How tries ended: ``opened`` or ``refused``; anything else fails the test."""

    def take(self, tried: Callable[[], object], at_most: float = 20.0) -> str:
        """Try, count and return how it ended; a message must be one short sentence, within ``at_most`` seconds."""
        started = time.monotonic()
        said = None
        try:
            tried()
        except BuqiError as error:
            said = str(error)
        assert said is None or (0 < len(said) < 1500 and "Traceback" not in said)
        ended = "opened" if said is None else "refused"
        assert time.monotonic() - started < at_most
        self[ended] += 1
        return ended

    def show(self, what: str) -> None:
        """Print the counts; pytest shows them with -s or -rP."""
        print(f"{what}: " + ", ".join(f"{count} {ended}" for ended, count in sorted(self.items())))
