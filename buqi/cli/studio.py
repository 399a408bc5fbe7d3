"""``buqi studio``."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from buqi.cli.options import LOOPBACK
from buqi.cli.ports import check_port
from buqi.cli.screen import errors, working
from buqi.errors import BuqiError

if TYPE_CHECKING:
    from buqi.studio.studio import StudioSettings

FORM_BYTES = 5_000_000  # largest body of a request, uploads apart


def studio(
    folder: Annotated[Path, Option(help="Where everything is kept; the command line can use what lies there.")] = Path(
        "studio"
    ),
    model: Annotated[str, Option(help="The base: embedded, a folder, a .gguf, owner/name.")] = "embedded",
    host: Annotated[str, Option(help="Address to listen on; others than this machine's get a token.")] = "127.0.0.1",
    port: Annotated[int, Option(min=0, max=65535)] = 8100,
    upload_mb: Annotated[int, Option(help="Largest uploaded file.", min=1)] = 200,
    host_name: Annotated[list[str] | None, Option(help="A host name of this page; may be given again.")] = None,
) -> None:
    """Open a page on which to make rows, train, compare, merge and quantise, without a line of configuration."""
    from buqi.extras import install
    from buqi.lock import LOCK, locked

    check_port(host, port)
    for name in [name for name in os.environ if name.startswith("GRADIO_")]:
        del os.environ[name]  # meant for another page: it would end this one, move it, or offer files of the disk
    errors.print("starting; on a busy machine this takes up to a minute", markup=False)
    try:
        import gradio  # noqa: F401 (takes seconds: said below if it is missing)

        from buqi.studio.studio import StudioSettings
    except ImportError as error:
        raise BuqiError(f"the studio needs {error.name}: {install('studio')}") from error
    settings = StudioSettings(folder, model, upload_mb * 1_000_000)
    with locked(folder / LOCK, "buqi studio"):
        _run(settings, host, port, tuple(host_name or ()))


def _run(settings: StudioSettings, host: str, port: int, names: tuple[str, ...]) -> None:
    from buqi.serve.connections import Limits, listen
    from buqi.serve.settings import ServiceSettings
    from buqi.studio.app import create_app
    from buqi.studio.studio import Studio

    local = host in LOOPBACK
    token = "" if local else secrets.token_urlsafe(24)
    service = ServiceSettings(
        data=settings.folder, upload_bytes=settings.upload_bytes, body_bytes=FORM_BYTES, hosts=(host, *names),
        any_address=not local,
    )  # fmt: skip
    with working("loading"):
        app: Any = create_app(Studio(settings), service, token)
    limits = Limits(service.at_once, service.patience, lambda: None)
    shown = f"http://{'localhost' if host == '0.0.0.0' else host}:{port}/{'?token=' + token if token else ''}"
    errors.print(f"[bold]{shown}[/]  Ctrl-C ends the page; what trains goes on", soft_wrap=True)
    listen(app, host, port, limits, grace=3)
