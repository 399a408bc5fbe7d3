"""Errors that a user can cause end in exit code 1 or 2."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import buqi.cli.main
import buqi.engine.protocol
from buqi.errors import BuqiError, UsageError, counted, explained, listed


def kinds(error: type[BuqiError]) -> Iterator[type[BuqiError]]:
    yield error
    for kind in error.__subclasses__():
        yield from kinds(kind)


def test_a_number_stands_with_its_noun():
    told = [counted(n, "row") for n in (0, 1, 1.0, 0.5, 1234)]
    assert told == ["0 rows", "1 row", "1 row", "0.5 rows", "1,234 rows"]
    assert [counted(2, noun) for noun in ("county", "address", "key")] == ["2 counties", "2 addresses", "2 keys"]


def test_wrong_usage_is_told_from_what_failed():
    assert (BuqiError("x").exit_code, UsageError("x").exit_code) == (1, 2)
    with pytest.raises(BuqiError, match="who catches all"):
        raise UsageError("who catches all catches wrong usage too")
    assert buqi.engine.protocol.TooManyAdaptersError in set(kinds(BuqiError))
    assert {kind.exit_code for kind in kinds(BuqiError)} == {1, 2}


@pytest.mark.parametrize(("error", "code"), [(BuqiError("[a] failed"), 1), (UsageError("[a] is wrong"), 2)])
def test_the_command_line_ends_with_message_and_code(monkeypatch, capsys, error, code):
    def app():
        raise error

    monkeypatch.setattr(buqi.cli.main, "app", app)
    with pytest.raises(SystemExit) as ended:
        buqi.cli.main.run()
    assert ended.value.code == code and capsys.readouterr().err == f"buqi: {error}\n"


def test_an_exception_is_explained_in_one_line():
    again = explained("a.json: broken", ValueError, error=UsageError, advice="fetch it again")
    with pytest.raises(UsageError, match=r"^a.json: broken \(first\); fetch it again$") as raised, again:
        raise ValueError("first\nsecond")
    assert isinstance(raised.value.__cause__, ValueError)
    with pytest.raises(BuqiError, match=r"^x \(No space left\)$"), explained("x", OSError):
        raise OSError(28, "No space left")
    with pytest.raises(BuqiError, match=r"^x \(KeyError\)$"), explained("x", KeyError):
        raise KeyError
    with pytest.raises(TypeError), explained("x", ValueError):
        raise TypeError


def test_names_in_a_message_are_few_and_short():
    assert listed(["a", "b"]) == "a, b" and listed([]) == ""
    assert listed(f"c{n}" for n in range(100_000)).endswith("c38, c39, … and 99,960 more")
    assert listed(["x" * 1000]) == "x" * 60 + "…"
