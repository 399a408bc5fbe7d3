"""``buqi cache show | clear``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument

from buqi.cli.options import Json
from buqi.cli.screen import errors, print_result

if TYPE_CHECKING:
    from buqi.cache import CachePart

app = typer.Typer(help="What buqi keeps to be faster the next time.", no_args_is_help=True)


@app.command()
def show(as_json: Json = False) -> None:
    """List what is in the cache folder, with sizes. The memory of buqi places is no part of it."""
    from buqi.cache import cache_parts
    from buqi.files import cache_dir

    parts = cache_parts()
    if not as_json:
        errors.print(f"{cache_dir()}{'' if parts else ': nothing in it'}", markup=False, soft_wrap=True)
    print_result([part.as_json() for part in parts], map(_line, parts), as_json)


@app.command()
def clear(
    names: Annotated[list[str] | None, Argument(help="What to remove, as show lists it, or all.")] = None,
    as_json: Json = False,
) -> None:
    """Remove what is in the cache folder. Whatever is needed again is made or fetched again."""
    from buqi.cache import clear as remove

    removed = remove(names or ())
    if not removed and not as_json:
        errors.print("nothing to remove")
    print_result([part.as_json() for part in removed], (f"removed {_line(part)}" for part in removed), as_json)


def _line(part: CachePart) -> str:
    return f"{part.name:<10} {part.bytes / 1e6:>8.1f} MB  {part.about}"
