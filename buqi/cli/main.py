"""``buqi``: all commands. An error ends as one message, with exit code 1 (failed) or 2 (wrong usage)."""

from __future__ import annotations

import errno
import gc
import logging
import os
import sys
from collections.abc import Callable
from typing import Annotated

import typer
from rich.markup import escape
from typer import Option

import buqi
from buqi.cli import (
    bench,
    cache,
    complete,
    data,
    demo,
    divisions,
    evaluate,
    mcp,
    merge,
    model,
    places,
    quantize,
    serve,
    studio,
    train,
)
from buqi.cli.ctrl_c import CtrlC
from buqi.cli.paddle import export_paddle, import_paddle
from buqi.cli.screen import errors, show_warnings
from buqi.cli.switches import Command, Group
from buqi.errors import BuqiError

NO_MEMORY = "out of memory: end other programs, or take a smaller file or model"
CTRL_C = 130  # typer's exit code
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # `buqi.files` adds the name of the file to these


def _show_version(asked: bool) -> None:
    if asked:
        print(f"buqi {buqi.__version__}")
        raise typer.Exit


app = typer.Typer(
    name="buqi",
    cls=Group,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={
        "token_normalize_func": lambda token: token.replace("-", "_"),
        "help_option_names": ["-h", "--help"],
    },
)


@app.callback()
def options(
    version: Annotated[
        bool, Option("--version", help="Print the version and stop.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """补齐: completes damaged Chinese addresses, and teaches a 0.5B model one task with LoRA on an ordinary CPU."""


GROUPS = (model, data, divisions, places, cache, bench)
for group in GROUPS:
    app.add_typer(group.app, name=group.__name__.rpartition(".")[2], cls=Group)
app.command(context_settings=train.CONTEXT)(train.train)
command: Callable[..., None]
for command in (
    *(merge.merge, quantize.quantize, import_paddle, export_paddle),
    *(complete.complete, evaluate.evaluate, serve.serve, studio.studio, mcp.mcp, demo.demo),
):
    app.command()(command)
for one in (app, *(group.app for group in GROUPS)):
    for registered in one.registered_commands:
        registered.cls = Command


def run() -> None:
    """Run the command line and exit."""
    ctrl_c = CtrlC()
    try:
        with ctrl_c:
            _make_ready()
            _run_command()
    except BuqiError as error:
        _end(str(error), error.exit_code)
    except KeyboardInterrupt:
        _end("stopped", 1)
    except BrokenPipeError:
        _drop_output()
        sys.exit(1)
    except OSError as error:
        unknown = "standard output or a temporary file: " if error.errno in NO_ROOM else ""
        where = f"{error.filename}: " if error.filename else unknown
        _drop_output()
        if error.errno == errno.ENOENT and not _has_working_folder():
            _end("the folder that it was started in is gone; change into one that is there", 1)
        _end(f"{where}{'disk full' if error.errno == errno.ENOSPC else error.strerror or error}", 1)
    except MemoryError:
        _end(NO_MEMORY, 1)
    except Exception as error:
        if ctrl_c.pressed:  # a library made this error of it
            _end("stopped", 1)
        if "can't allocate memory" in str(error):  # torch has no kind of its own for it on a CPU
            _end(NO_MEMORY, 1)
        if os.environ.get("BUQI_DEBUG"):
            raise
        _end(f"unexpected {type(error).__name__}: {error}\n  this is a defect of buqi; BUQI_DEBUG=1 shows where", 1)


def _make_ready() -> None:
    """Set what holds for the whole process, before the command begins."""
    quiet = {"TRANSFORMERS_VERBOSITY": "error", "HF_HUB_DISABLE_PROGRESS_BARS": "1", "TOKENIZERS_PARALLELISM": "false"}
    os.environ.update(quiet | os.environ)
    gc.set_threshold(100_000, 20, 20)  # what is loaded stays: to check it again takes a third of the time
    show_warnings()
    # On CPUs with AVX512-BF16 it warns that kernels of a hub are missing; nothing here uses them.
    logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
    if sys.stdout is not None and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # names of files may be no text; a terminal may lack 𠮷


def _drop_output() -> None:
    """Throw away what could not be printed: when Python ends it would try again, and print an error."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _has_working_folder() -> bool:
    try:
        return bool(os.getcwd())
    except OSError:
        return False


def with_home(argument: str) -> str:
    """Return ``--out=~/a`` with the home folder in place of ``~``, which shells do not replace there."""
    option, equals, value = argument.partition("=")
    in_home = option.startswith("--") and equals and (value == "~" or value.startswith("~/"))
    return f"{option}={os.path.expanduser(value)}" if in_home else argument


def _run_command() -> None:
    """Run the command, and flush what it printed, so that an error in writing it is seen here."""
    sys.argv[1:] = map(with_home, sys.argv[1:])
    try:
        app()
    except SystemExit as ended:
        if ended.code == CTRL_C:
            raise KeyboardInterrupt from ended
        try:
            if sys.stdout is not None:
                sys.stdout.flush()
        except OSError as error:
            error.filename = "standard output"
            raise
        raise


def _end(message: str, code: int) -> None:
    errors.print(f"[bold red]buqi:[/] {escape(message)}", highlight=False, soft_wrap=True)
    sys.exit(code)
