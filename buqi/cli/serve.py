"""``buqi serve``."""

from __future__ import annotations

from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING, Annotated

from typer import Option

from buqi.cli.options import Memory, Threshold
from buqi.cli.screen import errors, out, working

if TYPE_CHECKING:
    from buqi.serve import ServiceSettings

LOCAL = ("127.0.0.1", "localhost", "::1")


def serve(
    host: Annotated[str, Option(help="Address to listen on; others than this machine's need --keys.")] = "127.0.0.1",
    port: Annotated[int, Option(min=0, max=65535)] = 8000,
    data: Annotated[Path | None, Option(help="Folder of jobs; ~/.local/share/buqi/serve if not given.")] = None,
    model: Annotated[str | None, Option(help="Also chat with this model: embedded, a folder, a .gguf.")] = None,
    adapter: Annotated[list[str] | None, Option(help="NAME=FOLDER, or a folder; may be given again.")] = None,
    engine: Annotated[str, Option(help="auto, torch or llamacpp.")] = "auto",
    adapters_dir: Annotated[Path | None, Option(help="Folder that adapters may be loaded from at run time.")] = None,
    memory: Memory = None,
    threshold: Threshold = None,
    keys: Annotated[Path | None, Option(help="File of hashed API keys; made with --new_key.")] = None,
    new_key: Annotated[str | None, Option(help="Add a key of this name to --keys, show it once, and end.")] = None,
    first_key: Annotated[
        bool, Option("--first_key", help="If the file of --keys is not there: make it with a key, show that once.")
    ] = False,
    no_keys: Annotated[bool, Option("--no_keys", help="Listen to other machines without keys.")] = False,
    rate: Annotated[float, Option(help="Requests a second of one client; 0 for any number.", min=0)] = 0.0,
    queue: Annotated[int, Option(help="Most addresses waiting.", min=1)] = 4000,
    timeout: Annotated[float, Option(help="Seconds for one request.", min=1)] = 60.0,
    at_once: Annotated[
        int, Option(help="Most completions worked on; more get 429. Fewer answer sooner under load.", min=1)
    ] = 64,
    patience: Annotated[float, Option(help="Seconds for a request to come whole.", min=0.1)] = 20.0,
    upload_mb: Annotated[int, Option(help="Largest uploaded file.", min=1)] = 200,
    most_adapters: Annotated[int | None, Option(help="Most adapters in memory; 16 if not given.", min=1)] = None,
    origin: Annotated[list[str] | None, Option(help="Origin that browsers may call from; may be given again.")] = None,
    host_name: Annotated[
        list[str] | None, Option(help="Without --keys: a name the service is asked by; may be given again.")
    ] = None,
    mcp: Annotated[bool, Option("--mcp", help="Also serve tools for agents, at /mcp (the protocol MCP).")] = False,
    log_text: Annotated[bool, Option("--log_text", help="Write addresses into the log.")] = False,
) -> None:
    """Complete addresses over HTTP, with a page, an API as OpenAI's clients expect it, and jobs for files."""
    from buqi.answering import AnswerOptions, given
    from buqi.engine.protocol import MOST_ADAPTERS
    from buqi.errors import BuqiError, UsageError

    try:
        from buqi.serve import ServiceSettings
        from buqi.serve.guard import Keys
    except ImportError as error:
        raise BuqiError(f"the service needs {error.name}: pip install 'buqi[serve]'") from error
    if new_key is not None:
        if keys is None:
            raise UsageError("--new_key: name the file with --keys")
        out.print(Keys.new(keys, new_key), markup=False)
        return
    if first_key:
        _first_key(keys)
    if host_name and keys is not None:
        raise UsageError("--host_name: not with --keys")
    if no_keys and keys is not None:
        raise UsageError("--no_keys: not with --keys")
    if host not in LOCAL and keys is None and not no_keys:
        raise UsageError(f"--host {host}: other machines may ask then; add --keys FILE, or --no_keys if that is meant")
    chosen = None if engine == "auto" else engine
    chatting = {"--engine": chosen, "--adapters_dir": adapters_dir, "--most_adapters": most_adapters}
    if not (model or adapter) and (unused := given(chatting)):
        raise UsageError(f"{unused}: no model is served; name one with --model or --adapter")
    settings = ServiceSettings(
        data=data or Path.home() / ".local" / "share" / "buqi" / "serve",
        answering=AnswerOptions("auto", memory, threshold),
        chat=AnswerOptions("generate", model=model, engine=engine) if model or adapter else None,
        adapters=_adapters(adapter or []),
        adapters_dir=adapters_dir,
        keys=keys,
        rate=rate,
        queue=queue,
        timeout=timeout,
        at_once=at_once,
        patience=patience,
        upload_bytes=upload_mb * 1_000_000,
        most_adapters=most_adapters or MOST_ADAPTERS,
        origins=tuple(origin or ()),
        log_text=log_text,
        mcp=mcp,
        hosts=(host, *(host_name or ()), *([gethostname()] if no_keys else [])),
        any_address=no_keys,
    )
    _run(settings, host, port)


def _first_key(keys: Path | None) -> None:
    """Make the file of keys, with one key that is shown here and never again, unless it is there."""
    from buqi.errors import UsageError
    from buqi.serve.guard import Keys

    if keys is None:
        raise UsageError("--first_key: name the file with --keys")
    if not keys.exists():
        key = Keys.new(keys, "first")
        errors.print(f"API key, shown this once: [bold]{key}[/]", soft_wrap=True)
        errors.print("[dim]send it as Authorization: Bearer KEY; --new_key NAME makes more[/]", soft_wrap=True)


def _run(settings: ServiceSettings, host: str, port: int) -> None:
    """Load what answers, and serve until the process is told to end; standard error gets a JSON object a request."""
    import logging
    import os

    import uvicorn

    from buqi.serve import create_app
    from buqi.serve.door import door

    os.umask(0o077)  # jobs are their owners' alone
    with working("loading"):
        app = create_app(settings)
    handler, log = logging.StreamHandler(), logging.getLogger("buqi.serve")
    handler.setFormatter(logging.Formatter('{"time": "%(asctime)s", "request": %(message)s}'))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    errors.print(f"[bold]http://{host}:{port}/[/]  page; /docs: the API; Ctrl-C: finish what runs and end")
    uvicorn.run(
        app, host=host, port=port, http=door(app.state.service.limits), log_config=None, access_log=False,
        server_header=False, ws="none", timeout_keep_alive=10, timeout_graceful_shutdown=30,
        lifespan="on",  # what fails at the start ends the command
    )  # fmt: skip


def _adapters(given: list[str]) -> dict[str, Path]:
    found = {}
    for text in given:
        name, equals, folder = text.partition("=")
        found[name if equals else Path(text).name.replace(".", "_")] = Path(folder if equals else text)
    return found
