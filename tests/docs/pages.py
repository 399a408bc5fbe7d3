"""The pages of the documentation and what stands in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")


def pages() -> list[Path]:
    """Return every page that readers are sent to, and those beside data."""
    found = [path for path in ROOT.rglob("*.md") if not re.search(r"(?:^|/)(?:\.|build/|demo/)", name(path))]
    assert len(found) > 25
    return sorted(found)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(path: Path) -> str:
    """Return a page without its code blocks."""
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def commands(path: Path) -> Iterator[str]:
    """Yield the shell commands of a page: lines of ``sh`` blocks, and inline code that begins with a known program."""
    text = path.read_text(encoding="utf-8")
    for language, block in FENCE.findall(text):
        if language == "sh":
            yield from (line for line in block.replace("\\\n", " ").splitlines() if line.strip())
    yield from (code for code in INLINE.findall(FENCE.sub("", text)) if code.startswith(("buqi ", "make ", "python ")))
