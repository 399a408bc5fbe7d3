"""Comparison: base against tuned or an earlier run, row by row, with the report's figures; a question to both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from buqi.errors import explained
from buqi.evaluate.report import LABELS, right_by, shown_answer, verdict
from buqi.files import read_json
from buqi.loading.models import base_of
from buqi.studio.folder import checked
from buqi.studio.jobs import QueuedJob
from buqi.studio.markup import Markup, joined, link, paragraph, table, text
from buqi.studio.page import EVENT_OPTIONS, QUIET, Page, PageError

BASE_CHOICE = ""  # in the lists of who is compared
FILTERS = ("all", "fixed", "broken", "wrong")
ROWS_SHOWN = 25  # rows of a page


def compare_tab(page: Page) -> None:
    """Make the tab."""
    t, folder = page.t, page.studio.folder
    gr.Markdown(t("compare_about"))
    with gr.Row():
        first = page.follow(gr.Dropdown([], label=t("compare_first"), elem_id="first"), lambda: _who(page))
        second = page.follow(gr.Dropdown([], label=t("compare_second"), elem_id="second"), folder.adapters, latest=True)
        data = page.follow(gr.Dropdown([], label=t("compare_rows"), elem_id="compare-data"), folder.data_sets)
        limit = gr.Number(label=t("compare_limit"), value=100, precision=0, minimum=1, elem_id="limit")
    go = gr.Button(t("compare_go"), variant="primary", elem_id="compare-go")
    work = gr.HTML(elem_id="compare-work", padding=True)
    page.keep_showing(work, lambda: page.recent_jobs("evaluate", links=_links))
    report = page.follow(gr.Dropdown([], label=t("report"), elem_id="report"), folder.report_names, latest=True)
    figures = gr.HTML(elem_id="figures", padding=True)
    with gr.Row():
        kept = gr.Radio([(t(f"filter_{f}"), f) for f in FILTERS], value="all", label=t("filter"), elem_id="filter")
        number = gr.Number(label=t("page"), value=1, precision=0, minimum=1)
    rows = gr.HTML(elem_id="rows", padding=True)
    gr.Markdown(f"### {t('ask_both')}")
    with gr.Row():
        question = gr.Textbox(label=t("question"), elem_id="question", scale=4)
        ask = gr.Button(t("ask"), elem_id="ask", scale=1)
    answers = gr.HTML(elem_id="answers", padding=True)

    second.change(page.handler(_rows_of), [second], [data], **QUIET)
    go.click(page.handler(_compare), [first, second, data, limit], None, **EVENT_OPTIONS)
    shown = page.handler(_show)
    report.change(shown, [report, kept, number], [figures, rows], **EVENT_OPTIONS)
    for event in (kept.input, number.change):
        event(shown, [report, kept, number], [figures, rows], **QUIET)
    for event in (ask.click, question.submit):
        event(page.handler(_ask), [question, first, second], [answers], **EVENT_OPTIONS)


def _who(page: Page) -> list[Any]:
    return [(page.t("the_base"), BASE_CHOICE), *((name, name) for name in page.studio.folder.adapters())]


def _rows_of(page: Page, run: str | None) -> Any:
    """Choose the data set that a run was trained on: rows of another one say nothing of it."""
    return (page.studio.data_of(run) if run else "") or gr.skip()


def _compare(page: Page, first: str | None, second: str | None, data: str | None, limit: float | None) -> None:
    """Put a comparison into the queue."""
    folder, t = page.studio.folder, page.t
    second = page.needed(second, "no_run")
    if first == second:
        raise PageError(t("same_twice"))
    tuned = folder.runs / checked(second)
    rows = folder.rows(page.needed(data, "no_data"), "test", "dev")
    name = folder.free_name(folder.reports, f"{second}-vs-{first or 'base'}")
    target = folder.reports / f"{name}.json"
    words = ["evaluate", str(rows), "--json_out", str(target), "--report", str(target.with_suffix(".html"))]
    words += ["--limit", str(int(limit or 100)), "--max_new_tokens", "64"]
    if first:
        words += ["--compare", f"{folder.runs / checked(first)},{tuned}"]
    else:
        words += ["--compare", "base,tuned", "--adapter", str(tuned), "--model", base_of(tuned)]
    page.studio.queue.add("evaluate", name, words, target)


def _links(page: Page, job: QueuedJob) -> Markup:
    name = Path(job.result).with_suffix(".html").name
    return link(f"/files/report/{name}", page.t("whole_report"))


def _show(page: Page, report: str | None, kept: str, number: float | None) -> list[Markup]:
    """Return a report's figures, and one page of its rows."""
    if not report:
        return [Markup(""), Markup("")]
    path = page.studio.folder.reports / f"{checked(report)}.json"
    with explained(f"{path}: broken", KeyError, TypeError, ValueError, AttributeError, IndexError):
        record = _named(page, read_json(path), report)
        names = list(record["contestants"])
        said = _in_language(page, verdict(record, names))
        return [
            joined([paragraph(said), _figures(page, record, names)]),
            _rows(page, record, names, kept, int(number or 1)),
        ]


def _named(page: Page, record: dict[str, Any], report: str) -> dict[str, Any]:
    """Return a record whose contestants are called as they are in the lists of the page."""
    called = {"base": page.t("the_base"), "tuned": report.rpartition("-vs-")[0] or "tuned"}
    if not record["contestants"].keys() <= called.keys():
        return record  # two runs, or a report of the command line

    def renamed(value: Any) -> Any:
        if isinstance(value, dict):
            return {called.get(key, key): renamed(inner) for key, inner in value.items()}
        return value

    pairs = [p | {side: called.get(p[side], p[side]) for side in ("one", "other")} for p in record["pairs"]]
    answers = [renamed(answer) for answer in record["answers"]]
    return record | {"contestants": renamed(record["contestants"]), "pairs": pairs, "answers": answers}


def _figures(page: Page, record: dict[str, Any], names: list[str]) -> Markup:
    lines = []
    for key, label in LABELS.items():
        if any(key in record["contestants"][name] for name in names):
            lines.append([_in_language(page, label), *(_share(record, name, key) for name in names)])
    return table([page.t("measure"), *names], lines)


def _in_language(page: Page, english_chinese: tuple[str, str]) -> str:
    return english_chinese[0 if page.t.language == "en" else 1]


def _share(record: dict[str, Any], name: str, key: str) -> str:
    contestant = record["contestants"][name]
    value, ends = contestant.get(key), contestant.get("intervals", {}).get(key)
    if value is None:
        return "–"
    return f"{value:.1%}" + (f" ({ends[0]:.1%} – {ends[1]:.1%})" if ends else "")


def _rows(page: Page, record: dict[str, Any], names: list[str], kept: str, number: int) -> Markup:
    """Return the rows that a filter keeps, ``ROWS_SHOWN`` on a page."""
    t, answers = page.t, record["answers"]
    right = right_by(record)
    wrong = [i for i, a in enumerate(answers) if not any(a[right].get(name) for name in (names[0], names[-1]))]
    chosen = {"fixed": record["fixed"], "broken": record["broken"], "wrong": wrong}.get(kept, range(len(answers)))
    pages = max(1, -(-len(chosen) // ROWS_SHOWN))
    at = min(max(1, number), pages)
    lines = [
        [i + 1, answers[i]["src"], answers[i]["gold"], *(_answer(page, answers[i], name, right) for name in names)]
        for i in chosen[(at - 1) * ROWS_SHOWN : at * ROWS_SHOWN]
    ]
    if not lines:
        return paragraph(t("no_such_rows"), "dim")
    head = ["", t("asked"), t("right_answer"), *names]
    kept_now = f"{t('rows_kept', n=len(chosen), page=at, pages=pages)} {t('rows_legend')}"
    return joined([paragraph(kept_now, "dim"), table(head, lines)])


def _answer(page: Page, answer: dict[str, Any], name: str, right: str) -> Markup:
    if name in answer["failed"]:
        return paragraph(page.translated(answer["failed"][name]), "bad")
    if name not in answer["answers"]:
        return Markup("–")
    written = answer["answers"][name]
    if answer[right].get(name):
        return Markup(f'<span class="good">{text(written)}</span>')
    return Markup(shown_answer(answer, name, right)) if written else paragraph(page.t("nothing_written"), "dim")


def _ask(page: Page, question: str, first: str | None, second: str | None) -> Markup:
    """Return what both answer."""
    names = [first or BASE_CHOICE, page.needed(second, "no_run")]
    found = page.studio.asker.ask(question, [page.studio.adapter(name) for name in names])
    lines = [(name or page.t("the_base"), answer) for name, answer in zip(names, found, strict=True)]
    return table([page.t("who"), page.t("answer")], lines)
