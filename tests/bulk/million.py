"""A million mixed rows, once without a stop and once killed five times: ``python -m tests.bulk.million FOLDER [ROWS]``.

Prints seconds, rows a second and peak memory, and whether both results are the same to the byte. No test: it
takes some minutes.
"""

from __future__ import annotations

import csv
import hashlib
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

from buqi.synthesis.build import build_rows, counties_of
from buqi.task import ADDRESS

KILLS = 5


def write_rows(path: Path, count: int, exact: bool = False) -> None:
    """Write shortened and damaged addresses of the whole country (``exact``: county first, nothing wrong)."""
    rng = random.Random(3)
    rows = build_rows(counties_of("全国"), max(count // 10, 1000), seed=5)
    kinds = {"prefix_missing"} if exact else {row.meta["damage"] for row in rows}
    texts = [ADDRESS.text_of(row.src[0]) for row in rows if row.meta["damage"] in kinds]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "address", "note"])
        writer.writerows([i, f"{rng.choice(texts)}{rng.randrange(999)}", "n"] for i in range(count))


def start(source: Path, target: Path, mode: str, *more: str) -> subprocess.Popen[bytes]:
    words = ["complete", "--file", str(source), "--out", str(target), "--mode", mode, *more]
    return subprocess.Popen([sys.executable, "-m", "buqi", *words], stderr=subprocess.DEVNULL)


def timed(source: Path, target: Path, mode: str, count: int) -> float:
    started = time.monotonic()
    assert start(source, target, mode).wait() == 0
    seconds = time.monotonic() - started
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
    print(
        f"{source.name}, {mode}: {count:,} rows in {seconds:.1f} s, {count / seconds:,.0f}/s, {peak:.0f} MB a process"
    )
    return seconds


def killed(source: Path, target: Path, seconds: float) -> None:
    for kill in range(KILLS):
        running = start(source, target, "auto", "--resume")
        time.sleep(seconds)
        running.send_signal(signal.SIGKILL)
        running.wait()
        time.sleep(1)  # its workers see that it is gone
        print(f"kill {kill + 1}: {len(list(target.parent.glob(f'{target.name}.parts/0*.json')))} pieces done")
    assert start(source, target, "auto", "--resume").wait() == 0


def main(folder: Path, count: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_rows(folder / "mixed.csv", count)
    write_rows(folder / "exact.csv", count, exact=True)
    timed(folder / "exact.csv", folder / "exact_out.csv", "match", count)
    seconds = timed(folder / "mixed.csv", folder / "whole.csv", "auto", count)
    killed(folder / "mixed.csv", folder / "killed.csv", seconds / (KILLS + 3))
    one, other = (hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("whole.csv", "killed.csv"))
    print("same bytes" if one == other else f"DIFFERENT: {one} {other}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
