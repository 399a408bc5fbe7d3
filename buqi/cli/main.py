"""``buqi``: all commands, and how errors end: one message, exit code 1 (failed) or 2 (wrong usage)."""

from __future__ import annotations

import errno
import logging
import os
import sys

import typer

from buqi.cli import (
    bench,
    complete,
    data,
    demo,
    divisions,
    evaluate,
    laws,
    merge,
    model,
    paddle,
    places,
    quantize,
    serve,
    train,
)
from buqi.cli.screen import errors, show_warnings
from buqi.errors import BuqiError

app = typer.Typer(
    name="buqi",
    help="补齐: teach Qwen2.5-0.5B one job with LoRA, prove that it learned it, run it on a CPU.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={
        "token_normalize_func": lambda token: token.replace("_", "-"),
        "help_option_names": ["-h", "--help"],
    },
)
app.add_typer(model.app, name="model")
app.add_typer(data.app, name="data")
app.add_typer(divisions.app, name="divisions")
app.add_typer(places.app, name="places")
laws.register(bench.app)
app.add_typer(bench.app, name="bench")
for command in (train, merge, quantize, paddle, complete, evaluate, serve, demo):
    command.register(app)


def run() -> None:
    """Run the command line and exit."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    show_warnings()
    # It asks for kernels from a hub, which nothing here uses, on every CPU with AVX512-BF16.
    logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)
    try:
        app()
    except BuqiError as error:
        _end(str(error), error.exit_code)
    except KeyboardInterrupt:
        _end("stopped", 1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _end(f"{where}{'disk full' if error.errno == errno.ENOSPC else error.strerror or error}", 1)
    except Exception as error:
        if os.environ.get("BUQI_DEBUG"):
            raise
        _end(f"unexpected {type(error).__name__}: {error}\n  this is a defect of buqi; BUQI_DEBUG=1 shows where", 1)


def _end(message: str, code: int) -> None:
    errors.print(f"[bold red]buqi:[/] {_escaped(message)}", highlight=False, soft_wrap=True)
    sys.exit(code)


def _escaped(message: str) -> str:
    from rich.markup import escape

    return escape(message)
