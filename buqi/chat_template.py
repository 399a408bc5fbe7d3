"""Chat templates are programs of others. Jinja's sandbox keeps them from files; here their work is bounded.

A short template can make gigabytes of text in one expression (``"x" * 10 ** 10``), by doubling a text in a loop, or
with loops in loops. Rendering stops as soon as a text is too long or the loops have gone round too often.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

from jinja2 import Template, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

MOST_CHARACTERS = 2_000_000  # of any text; a chat of the service has 25,000
MOST_IN_ALL = 100 * MOST_CHARACTERS  # of all texts made in one rendering
MOST_ROUNDS = 300_000  # of all loops, and calls, in one rendering
MOST_NUMBER = 10_000  # that a filter or a text's method is given: a width, an indent
WIDE = re.compile(r"\d{5}|%[^a-zA-Z%]*\*")  # a width in a format, or one that stands among the arguments
COUNTED = "buqi_counted"  # the filter around what a loop goes over


class _Rendering(threading.local):
    """What is left to the rendering at hand."""

    rounds = 0
    characters = 0


rendering = _Rendering()
compiling = threading.Lock()


class Bounded(ImmutableSandboxedEnvironment):
    """A sandbox in which no operation makes more than `MOST_CHARACTERS`."""

    intercepted_binops = frozenset(("*", "**", "+", "%"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs | {"optimized": False})  # nothing is computed before it is rendered
        self.concat = _joined  # type: ignore[method-assign]

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Compute ``left operator right``; a `SecurityError` if that is too large."""
        if operator == "*":
            for some, times in ((left, right), (right, left)):
                _check(_length(some) * times if isinstance(times, int) else 0)
        elif operator == "**" and isinstance(left, int) and isinstance(right, int):
            _check(left.bit_length() * right)
        elif operator == "+":
            _check(_length(left) + _length(right))
        elif operator == "%" and isinstance(left, str):
            _check_format(left)
        return _made(super().call_binop(context, operator, left, right))

    def call(self, context: Any, called: Any, *args: Any, **kwargs: Any) -> Any:
        """Call something; a `SecurityError` if a text's method would make a text that is too long."""
        _count()
        name = getattr(called, "__name__", "")
        if name == "generate_lorem_ipsum":
            raise SecurityError("it makes text of its own (lipsum)")
        if isinstance(owner := getattr(called, "__self__", None), str):
            _check_arguments(name, [owner, *args, *kwargs.values()])
        return _made(super().call(context, called, *args, **kwargs))

    def from_string(self, source: Any, *args: Any, **kwargs: Any) -> Template:
        """Return a template whose loops are counted."""
        filters = {name: _bounded(name, function) for name, function in self.filters.items()}
        self.filters = filters | {COUNTED: _counted}
        tree = self.parse(source)
        for loop in tree.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, COUNTED, [], [], None, None, lineno=loop.lineno)
        made = super().from_string(tree, *args, **kwargs)
        names = made.root_render_func.__globals__
        names |= dict.fromkeys(("str_join", "markup_join"), _joined)  # what ~ calls
        made.root_render_func = _begun(made.root_render_func)
        return made


def bound(template: str) -> None:
    """Make transformers render a chat template within bounds. Called before it is first rendered.

    transformers keeps a compiled form of each template and has no option for its sandbox. So that form is made here,
    in this sandbox: already to compile ``"x" * 10 ** 10`` elsewhere would make that text.
    """
    from transformers.utils import chat_template_utils as theirs

    with compiling:
        before = theirs.ImmutableSandboxedEnvironment
        theirs.ImmutableSandboxedEnvironment = Bounded
        try:
            theirs._compile_jinja_template(template)
        finally:
            theirs.ImmutableSandboxedEnvironment = before


def _begun(render: Callable[[Any], Iterator[str]]) -> Callable[[Any], Iterator[str]]:
    def run(context: Any) -> Iterator[str]:
        rendering.rounds, rendering.characters = MOST_ROUNDS, MOST_IN_ALL
        return render(context)

    return run


def _count() -> None:
    rendering.rounds -= 1
    if rendering.rounds < 0:
        raise SecurityError(f"its loops go round more than {MOST_ROUNDS:,} times")


def _counted(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        _count()
        yield value


def _check(size: int) -> None:
    if size > MOST_CHARACTERS:
        raise SecurityError(f"it makes more than {MOST_CHARACTERS:,} characters")


def _made(value: Any) -> Any:
    """Return what an operation has made; a `SecurityError` if it or all of them together are too large."""
    _check(size := _length(value))
    rendering.characters -= size
    if rendering.characters < 0:
        raise SecurityError(f"it makes more than {MOST_IN_ALL:,} characters in all")
    return value


def _length(value: Any) -> int:
    """Return the characters of a text, or of a list with what is in it; 0 for anything else."""
    if isinstance(value, (str, bytes)):
        return len(value)
    return sum(1 + _length(item) for item in value) if isinstance(value, (list, tuple)) else 0


def _check_format(text: str) -> None:
    if WIDE.search(text):
        raise SecurityError("it formats a text with a large width")


def _check_arguments(name: str, given: list[Any]) -> None:
    """Refuse what makes a large text out of ``given``: a text or list, and the arguments of a method or filter."""
    if any(isinstance(number, int) and number > MOST_NUMBER for number in given[1:]):
        raise SecurityError(f"it gives {name} a number over {MOST_NUMBER:,}")
    if name in ("join", "replace", "translate", "indent"):
        lengths = [_length(value) for value in given]
        _check((lengths[0] + 1) * (max(lengths[1:], default=0) + 1))
    elif name in ("format", "format_map") and isinstance(given[0], str):
        _check_format(given[0])


def _bounded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that makes no large text."""
    passed = 1 if hasattr(function, "jinja_pass_arg") else 0  # Jinja's own first argument

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        if args[passed:] and isinstance(args[passed], Iterator):
            args = (*args[:passed], [*args[passed]], *args[passed + 1 :])
        _check_arguments(name, [*args[passed:], *kwargs.values()])
        return _made(function(*args, **kwargs))

    return run


def _joined(pieces: Iterable[Any]) -> str:
    found, size = [], 0
    for piece in pieces:
        found.append(text := str(piece))
        size += len(text)
        _check(size)
    return str(_made("".join(found)))
