"""``buqi serve``."""

from __future__ import annotations

import gc
import logging
import os
import re
from pathlib import Path
from socket import gethostname
from typing import TYPE_CHECKING, Annotated

from typer import Option

from buqi.cli.options import LOOPBACK, Device, Memory, Threshold
from buqi.cli.ports import check_port
from buqi.cli.screen import errors, out, working
from buqi.errors import BuqiError, UsageError

if TYPE_CHECKING:
    from buqi.serve import ServiceSettings

ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s?#@]+/?", re.IGNORECASE)
ROOT_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+/?")
OWN_PATHS = ("/v1", "/docs", "/docs-files")  # a proxy's path of this name would be taken for the service's own
Host = Annotated[str, Option(help="Address to listen on; others than this machine's need --keys.")]
Port = Annotated[int, Option(min=0, max=65535)]
Data = Annotated[Path | None, Option(help="Folder of jobs; ~/.local/share/buqi/serve if not given.")]
Model = Annotated[str | None, Option(help="Also chat with this model: embedded, a folder, a .gguf.")]
Adapter = Annotated[list[str] | None, Option(help="NAME=FOLDER, or a folder; may be given again.")]
Engine = Annotated[
    str, Option(help="auto, torch, torch-fp32, torch-bf16, torch-int8, llamacpp or openvino (no adapters).")
]
AdaptersDir = Annotated[Path | None, Option(help="Folder that adapters may be loaded from at run time.")]
KeysFile = Annotated[Path | None, Option(help="File of hashed API keys; made with --new_key.")]
NewKey = Annotated[str | None, Option(help="Add a key of this name to --keys, show it once, and end.")]
FirstKey = Annotated[
    bool, Option("--first_key", help="If the file of --keys does not exist, make it and show its key once.")
]
NoKeys = Annotated[bool, Option("--no_keys", help="Listen to other machines without keys.")]
Rate = Annotated[float, Option(help="Requests a second of one client; 0 for any number.", min=0)]
Queue = Annotated[int, Option(help="Most addresses waiting.", min=1)]
Timeout = Annotated[float, Option(help="Seconds for one request.", min=1)]
AtOnce = Annotated[int, Option(help="Most completions at a time; more get 429. Fewer answer sooner under load.", min=1)]
Patience = Annotated[float, Option(help="Seconds in which a request must arrive whole.", min=0.1)]
UploadMb = Annotated[int, Option(help="Largest uploaded file.", min=1)]
MostAdapters = Annotated[int | None, Option(help="Most adapters in memory; 16 if not given.", min=1)]
Origin = Annotated[list[str] | None, Option(help="Origin that browsers may call from; may be given again.")]
HostName = Annotated[list[str] | None, Option(help="Without --keys: a host name of this service; may be given again.")]
RootPath = Annotated[str, Option(help="Path under which a proxy shows the service, as /buqi.")]
Mcp = Annotated[bool, Option("--mcp", help="Also serve tools for agents, at /mcp (the protocol MCP).")]
LogText = Annotated[bool, Option("--log_text", help="Write addresses into the log.")]


def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    data: Data = None,
    model: Model = None,
    adapter: Adapter = None,
    engine: Engine = "auto",
    device: Device = "auto",
    adapters_dir: AdaptersDir = None,
    memory: Memory = None,
    threshold: Threshold = None,
    keys: KeysFile = None,
    new_key: NewKey = None,
    first_key: FirstKey = False,
    no_keys: NoKeys = False,
    rate: Rate = 0.0,
    queue: Queue = 4000,
    timeout: Timeout = 60.0,
    at_once: AtOnce = 64,
    patience: Patience = 20.0,
    upload_mb: UploadMb = 200,
    most_adapters: MostAdapters = None,
    origin: Origin = None,
    host_name: HostName = None,
    root_path: RootPath = "",
    mcp: Mcp = False,
    log_text: LogText = False,
) -> None:
    """Complete addresses over HTTP, with a page, an API as OpenAI's clients expect it, and jobs for files."""
    from buqi.answering import AnswerOptions
    from buqi.engine.protocol import MOST_ADAPTERS
    from buqi.extras import install

    try:
        from buqi.serve import ServiceSettings
    except ImportError as error:
        raise BuqiError(f"the service needs {error.name}: {install('serve')}") from error
    if new_key is not None:
        _add_key(keys, new_key)
        return
    if first_key:
        _first_key(keys)
    _check_access(host, keys, no_keys, host_name)
    origins = tuple(_origin(text) for text in origin or ())
    if not (model or adapter):
        _refuse_model_options(engine, adapters_dir, most_adapters)
    settings = ServiceSettings(
        data=data or Path.home() / ".local" / "share" / "buqi" / "serve",
        answering=AnswerOptions("auto", memory, threshold),
        chat=AnswerOptions("generate", model=model, engine=engine, free=True) if model or adapter else None,
        adapters=_adapters(adapter or []), adapters_dir=adapters_dir, most_adapters=most_adapters or MOST_ADAPTERS,
        keys=keys, any_address=no_keys, origins=origins, log_text=log_text, mcp=mcp,
        root_path=_root_path(root_path),
        hosts=(host, *(host_name or ()), *([gethostname()] if no_keys else [])),
        rate=rate, queue=queue, timeout=timeout, at_once=at_once, patience=patience, upload_bytes=upload_mb * 1_000_000,
    )  # fmt: skip
    _run(settings, host, port)


def _check_access(host: str, keys: Path | None, no_keys: bool, host_name: list[str] | None) -> None:
    """Refuse options that contradict each other about who may send requests."""
    if keys is not None and (host_name or no_keys):
        raise UsageError(f"{'--host_name' if host_name else '--no_keys'}: not with --keys")
    for name in host_name or ():
        if not name or set(name) & set("/:@ "):
            raise UsageError(f"--host_name {name}: expected a name alone, as buqi.internal: no port, no https://")
    if host not in LOOPBACK and keys is None and not no_keys:
        raise UsageError(f"--host {host}: other machines may ask then; add --keys FILE, or --no_keys if that is meant")


def _origin(text: str) -> str:
    """Return an origin as browsers send it: scheme and host, without a path; ``*`` and ``null`` stay as they are."""
    if text not in ("*", "null") and not ORIGIN.fullmatch(text):
        raise UsageError(f"--origin {text}: expected what browsers send, as https://shop.example")
    return text.lower().rstrip("/")


def _root_path(text: str) -> str:
    """Return the path under which a proxy shows the service, without a slash at its end."""
    if text and (not ROOT_PATH.fullmatch(text) or text.rstrip("/") in OWN_PATHS):
        raise UsageError(f"--root_path {text}: expected a path of the proxy, as /buqi")
    return text.rstrip("/")


def _refuse_model_options(engine: str, adapters_dir: Path | None, most_adapters: int | None) -> None:
    """Refuse options that have no use without a served model."""
    from buqi.answering import given_options

    chosen = None if engine == "auto" else engine
    if unused := given_options({"--engine": chosen, "--adapters_dir": adapters_dir, "--most_adapters": most_adapters}):
        raise UsageError(f"{unused}: no model is served; name one with --model or --adapter")


def _add_key(keys: Path | None, name: str) -> None:
    from buqi.serve.keys import Keys

    if keys is None:
        raise UsageError("--new_key: name the file with --keys")
    out.print(Keys.new(keys, name), markup=False)


def _first_key(keys: Path | None) -> None:
    """Make the file of keys with one key, which is shown this once, unless the file is there."""
    from buqi.serve.keys import Keys

    if keys is None:
        raise UsageError("--first_key: name the file with --keys")
    if not keys.exists():
        key = Keys.new(keys, "first")
        errors.print(f"API key, shown this once: [bold]{key}[/]", soft_wrap=True)
        errors.print("[dim]send it as Authorization: Bearer KEY; --new_key NAME makes more[/]", soft_wrap=True)


def _run(settings: ServiceSettings, host: str, port: int) -> None:
    """Load what answers, and serve until the process is told to end. Each request is logged as JSON on stderr."""
    from buqi.serve import create_app
    from buqi.serve.connections import listen

    check_port(host, port)
    os.umask(0o077)  # jobs are their owners' alone
    with working("loading"):
        app = create_app(settings)
    gc.collect()
    gc.freeze()  # what lives as long as the service is looked at no more after each job
    handler, log = logging.StreamHandler(), logging.getLogger("buqi.serve")
    handler.setFormatter(logging.Formatter('{"time": "%(asctime)s", "request": %(message)s}', "%Y-%m-%dT%H:%M:%S%z"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    errors.print(f"[bold]http://{host}:{port}/[/]  page; /docs: the API; Ctrl-C: finish what runs and end")
    listen(app, host, port, app.state.service.limits, grace=30)


def _adapters(texts: list[str]) -> dict[str, Path]:
    """Return the folders of adapters by their names: ``NAME=FOLDER``, or a folder with the name of its own."""
    found: dict[str, Path] = {}
    for text in texts:
        before, equals, after = text.partition("=")
        name, folder = (before, Path(after)) if equals else (Path(text).name.replace(".", "_"), Path(text))
        if name in found:
            raise UsageError(f"--adapter {text}: two adapters are named {name}; give one another name with NAME=FOLDER")
        found[name] = folder
    return found
