"""What all tabs share: lists that follow the folder, parts that a clock renews, handlers whose errors are shown."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial, wraps
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from buqi.errors import BuqiError, UsageError
from buqi.serve.problems import Problem
from buqi.serve.room import FULL, no_room
from buqi.studio.jobs import QueuedJob
from buqi.studio.markup import Markup, joined, link, paragraph, text
from buqi.studio.messages import message_in, translated_in
from buqi.studio.studio import Studio
from buqi.studio.texts import Texts

log = logging.getLogger("buqi.studio")
SECONDS = 2.0  # between two looks
JOBS_SHOWN = 4
QUIET: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
EVENT_OPTIONS: dict[str, Any] = {"show_progress": "minimal", "api_visibility": "private", "concurrency_limit": 4}


class PageError(UsageError):
    """What a visitor did wrong, in the language of the page."""


class Followed(NamedTuple):
    """A list on the page whose choices are kept those of the folder.

    Attributes:
        latest: whether the first choice is taken when it is new.
    """

    component: Any
    choices: Callable[[], Sequence[Any]]
    latest: bool


class Page:
    """One language's page of a studio."""

    def __init__(self, studio: Studio, texts: Texts) -> None:
        self.studio, self.t = studio, texts
        self.lists: list[Followed] = []
        self.live: list[tuple[Any, Callable[[], Any]]] = []

    def follow(self, component: Any, choices: Callable[[], Sequence[Any]], latest: bool = False) -> Any:
        """Keep a list's choices those of the folder; ``latest``: choose the first when it is new."""
        self.lists.append(Followed(component, choices, latest))
        return component

    def keep_showing(self, component: Any, show: Callable[[], Any]) -> Any:
        """Show something anew every `SECONDS`."""
        self.live.append((component, show))
        return component

    def translated(self, output: str) -> str:
        """Return what a command writes in the page's language, line by line; a line that is not known stays."""
        return translated_in(self.t, self.without_folder(output))

    def without_folder(self, output: str) -> str:
        """Return what a command writes, with paths from the studio's folder on, and uploads by their names alone."""
        return re.sub(rf"{re.escape(str(self.studio.folder.root))}/(uploads/\w+/)?", "", output)

    def error(self, error: Exception) -> str:
        """Return an error as one message in the page's language."""
        return str(error) if isinstance(error, PageError) else message_in(self.t, self.without_folder(_sentence(error)))

    def wire(self, blocks: gr.Blocks) -> None:
        """Connect lists and live parts with the clock. Called once, with all tabs made."""
        components = [followed.component for followed in self.lists]
        seen = gr.State([])

        def lists(before: list[list[Any]], *values: Any) -> list[Any]:
            now = [list(followed.choices()) for followed in self.lists]
            if now == before:
                return [gr.skip()] * (len(components) + 1)
            known = before or [[]] * len(now)
            kept = [
                None if followed.latest and choices[:1] != old[:1] else value
                for value, choices, old, followed in zip(values, now, known, self.lists, strict=True)
            ]
            return [now, *map(_chosen, kept, now)]

        def live() -> list[Any]:
            return [self._shown(show) for _, show in self.live]

        clock = gr.Timer(SECONDS)
        for event in (blocks.load, clock.tick):
            event(lists, [seen, *components], [seen, *components], **QUIET)
            if self.live:
                event(live, None, [component for component, _ in self.live], **QUIET)

    def _shown(self, show: Callable[[], Any]) -> Any:
        """Return what a live part shows; an error in its place keeps no other part from being renewed."""
        try:
            return show()
        except (BuqiError, OSError) as error:
            return paragraph(self.error(error), "bad")
        except Exception as error:
            log.exception("a defect of the studio")
            return paragraph(self.t("defect", what=f"{type(error).__name__}: {str(error)[:200]}"), "bad")

    def handler(self, function: Callable[..., Any], *first: Any) -> Callable[..., Any]:
        """Return what Gradio is to call at an event.

        It calls ``function`` with this page, ``first`` and the values of the inputs. An error is shown as one
        message in the page's language.
        """
        bound = partial(function, self, *first)

        @wraps(bound)  # Gradio looks at the parameters
        def handle(*values: Any) -> Any:
            try:
                return bound(*values)
            except gr.Error:
                raise
            except (BuqiError, Problem, OSError) as error:
                raise _shown_error(self.error(error)) from error
            except Exception as error:
                log.exception("a defect of the studio")
                raise _shown_error(self.t("defect", what=f"{type(error).__name__}: {str(error)[:200]}")) from error

        return handle

    def needed(self, value: str | None, message: str) -> str:
        """Return what was chosen; a `PageError` with the sentence ``message`` if nothing was."""
        if not value:
            raise PageError(self.t(message))
        return value

    def recent_jobs(self, *kinds: str, links: Callable[[Page, QueuedJob], Markup] | None = None) -> Markup:
        """Return the last jobs of some kinds: how far they are, why they failed, or ``links`` to their results."""
        jobs = [job for job in self.studio.queue.all() if job.kind in kinds][:JOBS_SHOWN]
        return joined(self._one(job, links) for job in jobs)

    def ended_with(self, job: QueuedJob) -> str:
        """Return what a failed job ended with."""
        said = self.studio.queue.message(job)
        return message_in(self.t, self.without_folder(said)) if said else self.t("killed")

    def last_line(self, job: QueuedJob) -> str:
        """Return the last whole line that a job has written: how far it is."""
        lines = self.studio.queue.output(job).split("\n")[:-1]
        return self.translated(lines[-1]) if lines else ""

    def _one(self, job: QueuedJob, links: Callable[[Page, QueuedJob], Markup] | None) -> Markup:
        queue, t = self.studio.queue, self.t
        state = queue.state(job)
        shown = [text(f"{t(f'work_{job.kind}')} {job.title}"), text(t(f"job_{state}"))]
        if state != "waiting":
            shown.append(text(t.duration(queue.seconds(job))))
        if state == "done" and links is not None:
            shown.append(links(self, job))
        line = joined(shown, " · ")
        more = paragraph(self.ended_with(job), "bad") if state == "failed" else Markup("")
        if state == "running" and (line_now := self.last_line(job)):
            more = paragraph(line_now, "dim")
        return Markup(f'<div class="job {state}">{line}{more}</div>')


def _chosen(value: Any, choices: list[Any]) -> Any:
    values = [choice[1] if isinstance(choice, tuple) else choice for choice in choices]
    return gr.update(choices=choices, value=value if value in values else values[0] if values else None)


def _shown_error(message: str) -> gr.Error:
    return gr.Error(escape(message), duration=None, print_exception=False)


def _sentence(error: Exception) -> str:
    """Return an error as commands say it."""
    if no_room(error):
        return FULL
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    where = f"{Path(str(error.filename)).name}: " if error.filename else ""
    return where + ("no such file" if isinstance(error, FileNotFoundError) else error.strerror)


def notify(message: str) -> None:
    """Show a message for some seconds."""
    with suppress(LookupError):  # outside of a request there is nobody to tell
        gr.Info(escape(message), duration=6)


def download(kind: str, name: str, label: str) -> Markup:
    """Return a link that saves a file of the studio."""
    return link(f"/files/{kind}/{name}", label, name)
