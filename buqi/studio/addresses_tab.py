"""Addresses: one address, whole files, and the memory of the user's own places."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import gradio as gr

from buqi.address.completion import Completion, percent
from buqi.answering import AnswerOptions, open_answerer
from buqi.divisions import LEVELS
from buqi.places.learning import forget, sources
from buqi.places.memory import RECORD
from buqi.rows.cells import sheet_names
from buqi.serve.uploads import check_upload, upload_kind
from buqi.studio.asking import MOST_CHARACTERS
from buqi.studio.folder import keep_upload
from buqi.studio.jobs import ADDRESSES, QueuedJob
from buqi.studio.markup import Markup, bullets, joined, paragraph, table, text
from buqi.studio.page import EVENT_OPTIONS, Page, PageError, download, notify

ANSWERED = ("complete", "partial")


def addresses_tab(page: Page) -> None:
    """Make the tab."""
    t = page.t
    gr.Markdown(t("addresses_about"))
    with gr.Row():
        address = gr.Textbox(label=t("one_address"), placeholder="扶风法门镇法门寺", elem_id="address", scale=4)
        complete = gr.Button(t("complete"), variant="primary", elem_id="complete", scale=1)
    answer = gr.HTML(elem_id="completed", padding=True)
    with gr.Row():
        with gr.Column():
            gr.Markdown(f"### {t('whole_files')}")
            file = gr.File(label=t("address_file"), height=160, elem_id="address-file")
            column = gr.Textbox(label=t("column"), info=t("column_about"), elem_id="address-column")
            send = gr.Button(t("complete_file"), elem_id="complete-file")
            work = gr.HTML(elem_id="address-work", padding=True)
            page.keep_showing(work, lambda: page.recent_jobs("complete", links=_links))
        with gr.Column():
            gr.Markdown(f"### {t('memory_of_places')}")
            places = gr.File(label=t("places_file"), height=160, elem_id="places-file")
            sheet = gr.Dropdown([], label=t("sheet"), visible=False, elem_id="places-sheet")
            learn = gr.Button(t("learn"), elem_id="learn")
            page.keep_showing(gr.HTML(elem_id="learn-work", padding=True), lambda: page.recent_jobs("learn"))
            page.keep_showing(gr.HTML(elem_id="sources", padding=True), lambda: _sources(page))
            known = gr.Dropdown([], label=t("source"), elem_id="source")
            page.follow(known, lambda: [s.name for s in sources(page.studio.folder.places)])
            drop = gr.Button(t("forget"), variant="stop", elem_id="forget")

    for event in (complete.click, address.submit):
        event(page.handler(_complete), [address], [answer], **EVENT_OPTIONS)
    send.click(page.handler(_complete_file), [file, column], [file], **EVENT_OPTIONS)
    places.change(page.handler(_sheets), [places], [sheet], **EVENT_OPTIONS)
    learn.click(page.handler(_learn), [places, sheet], [places], **EVENT_OPTIONS)
    drop.click(page.handler(_forget), [known], None, **EVENT_OPTIONS)


def _complete(page: Page, address: str) -> Markup:
    """Return one address, level by level."""
    if not address or not address.strip() or len(address) > MOST_CHARACTERS:
        raise PageError(page.t("address_length", most=MOST_CHARACTERS))
    options = AnswerOptions("auto", page.studio.folder.places)
    (found,) = _answerer(options, options.version()).answer([address])
    assert isinstance(found, Completion)
    t = page.t
    parts = [paragraph(found.full if found.status in ANSWERED else t("cannot_tell"), "answer")]
    record = found.as_json()
    levels = [(t(f"level_{level}"), record[level], found.codes.get(level, "")) for level in (*LEVELS, "village")]
    if named := [line for line in levels if line[1]]:
        parts.append(table([t("level"), t("level_name"), t("code")], named))
    if found.confidence is not None:
        parts.append(paragraph(f"{t('confidence')}{percent(found.confidence)}"))
    if found.notes:
        parts.append(bullets(map(page.translated, found.notes)))
    if found.alternatives:
        others = (
            joined([text(a["full"]), "" if a["confidence"] is None else f" {percent(a['confidence'])}"])
            for a in found.alternatives
        )
        parts += [paragraph(t("others")), bullets(others)]
    return joined(parts)


@lru_cache(maxsize=1)
def _answerer(options: AnswerOptions, version: str) -> Any:
    """Return what answers; ``version`` changes when something was learnt or forgotten."""
    return open_answerer(options)


def _complete_file(page: Page, upload: str | None, column: str) -> None:
    """Put a file of addresses into the queue."""
    with _kept(page, upload) as path:
        kind = upload_kind(path.name)
        target = path.with_name(f"{path.name[: -len(kind)]}.completed{kind}")
        words = ["complete", "--file", str(path), "--out", str(target), "--memory", str(page.studio.folder.places)]
        words += ["--resume", "--safe_cells", *(["--column", column.strip()] if column.strip() else [])]
        page.studio.queue.add("complete", path.name, words, target, ADDRESSES, f"{upload} {column.strip()}")


@contextmanager
def _kept(page: Page, upload: str | None) -> Iterator[Path]:
    """Yield a copy of an uploaded file, which was looked at first, in a new folder; what fails leaves nothing."""
    path, folder = Path(page.needed(upload, "no_file")), page.studio.folder
    check_upload(path, upload_kind(path.name), page.studio.settings.unpacked_bytes)
    while True:
        try:
            kept = keep_upload(path, folder.addresses / folder.free_name(folder.addresses, path.stem))
            break
        except FileExistsError:  # another tab was faster
            continue
    try:
        yield kept
    except BaseException:
        shutil.rmtree(kept.parent, ignore_errors=True)
        raise


def _links(page: Page, job: QueuedJob) -> Markup:
    path = Path(job.result)
    shown = [download("address", f"{path.parent.name}/{path.name}", page.t("save_result"))]
    review = path.with_name(f"{path.name}.review.csv")
    if review.is_file():
        shown.append(download("address", f"{path.parent.name}/{review.name}", page.t("save_review")))
    return joined(shown, " ")


def _sheets(page: Page, upload: str | None) -> Any:
    """Offer the sheets of an uploaded workbook, if it has several."""
    found: list[str] = []
    if upload is not None:
        path = Path(upload)
        check_upload(path, upload_kind(path.name), page.studio.settings.unpacked_bytes)
        found = sheet_names(path)
    several = len(found) > 1
    return gr.update(choices=found, value=found[0] if several else None, visible=several)


def _learn(page: Page, upload: str | None, sheet: str | None = None) -> None:
    """Put learning from a file, or from one sheet of a workbook, into the queue."""
    with _kept(page, upload) as path:
        source = path.parent.name
        words = ["places", "learn", str(path), "--source", source, "--memory", str(page.studio.folder.places)]
        words += ["--sheet", sheet] if sheet else []
        page.studio.queue.add("learn", path.name, words, _learnt(page, source), ADDRESSES, f"{upload} {sheet or ''}")


def _learnt(page: Page, source: str) -> Path:
    return page.studio.folder.places / source / RECORD


def _sources(page: Page) -> Markup:
    """Return what was learnt from which file."""
    t, known = page.t, sources(page.studio.folder.places)
    if not known:
        return paragraph(t("nothing_learnt"), "dim")
    head = [t(key) for key in ("source", "names_kept", "addresses_used", "learnt")]
    return table(head, [(s.name, f"{s.names:,}", f"{s.used:,} / {s.cells:,}", s.learnt[:10]) for s in known])


def _forget(page: Page, source: str | None) -> None:
    """Forget all that one file taught."""
    source = page.needed(source, "no_source")
    forget(source, page.studio.folder.places)
    page.studio.queue.drop(_learnt(page, source))
    notify(page.t("forgotten", name=source))
