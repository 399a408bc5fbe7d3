"""Model: one model made of base and adapter, one file for llama.cpp and Ollama, each with its proof; downloads."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from buqi.errors import BuqiError, explained
from buqi.files import read_json, whole_file
from buqi.loading.models import base_of
from buqi.studio.compare_tab import BASE_CHOICE
from buqi.studio.folder import checked
from buqi.studio.markup import Markup, bullets, joined, paragraph
from buqi.studio.page import EVENT_OPTIONS, Page, PageError, download, notify
from buqi.studio.studio import ANSWERS

BITS = (8, 4, 16)
ROWS_ASKED = 40  # rows that the model and its quantised file are asked


def model_tab(page: Page) -> None:
    """Make the tab."""
    t, folder = page.t, page.studio.folder
    gr.Markdown(t("model_about"))
    run = page.follow(gr.Dropdown([], label=t("run"), elem_id="model-run"), folder.adapters, latest=True)
    with gr.Row():
        merge = gr.Button(t("merge"), elem_id="merge")
        bits = gr.Radio([(t(f"bits_{b}"), b) for b in BITS], value=8, label=t("bits"), elem_id="bits")
        quantize = gr.Button(t("quantize"), variant="primary", elem_id="quantize")
    page.keep_showing(gr.HTML(elem_id="model-work", padding=True), lambda: page.recent_jobs("merge", "quantize"))
    page.keep_showing(gr.HTML(elem_id="proofs", padding=True), lambda: _results(page))
    shell = gr.Textbox(
        label=t("same_in_shell"), lines=3, max_lines=12, interactive=False, elem_id="shell", buttons=["copy"]
    )
    gr.Markdown(f"### {t('who_answers')}")
    with gr.Row():
        answering = gr.Dropdown(
            [], label=t("answers_with"), elem_id="answering", info=t("answers_with_about"), interactive=True
        )
        question = gr.Textbox(label=t("question"), elem_id="model-question")
        ask = gr.Button(t("ask"), elem_id="model-ask")
    answer = gr.HTML(elem_id="model-answer", padding=True)
    page.follow(answering, lambda: _answering(page))

    merge.click(page.handler(_merge), [run], None, **EVENT_OPTIONS)
    quantize.click(page.handler(_quantize), [run, bits], None, **EVENT_OPTIONS)
    for event in (run.change, bits.change):
        event(page.handler(_shell), [run, bits], [shell], **EVENT_OPTIONS)
    answering.input(page.handler(_switch), [answering], None, **EVENT_OPTIONS)
    for event in (ask.click, question.submit):
        event(page.handler(_ask), [question], [answer], **EVENT_OPTIONS)


def _answering(page: Page) -> list[Any]:
    """Return who may answer, the one that does first."""
    now, t = page.studio.answers_with(), page.t
    names = [BASE_CHOICE, *page.studio.folder.adapters()]
    return [(name or t("the_base"), name) for name in sorted(names, key=lambda name: name != now)]


def _words(page: Page, run: str) -> list[str]:
    folder = page.studio.folder
    adapter = folder.runs / checked(run)
    words = ["merge", "--model_name_or_path", base_of(adapter), "--lora_path", str(adapter)]
    return [*words, "--output_path", str(folder.models / run)]


def _quantize_words(page: Page, run: str, bits: int) -> list[str]:
    folder = page.studio.folder
    words = ["quantize", str(folder.models / run), "--bits", str(bits), "--out", str(_file(page, run, bits))]
    if data := page.studio.data_of(run):
        words += ["--rows", str(folder.rows(data, "test", "dev", "train")), "--limit", str(ROWS_ASKED)]
        words += ["--calibrate", str(folder.rows(data, "train"))] if bits == 4 else []
    return words


def _file(page: Page, run: str, bits: int) -> Path:
    return page.studio.folder.models / f"{run}-{bits}bit.gguf"


def _merge(page: Page, run: str | None) -> None:
    """Put a merge into the queue."""
    run = page.needed(run, "no_run")
    target = page.studio.folder.models / checked(run)
    if target.exists():
        raise PageError(page.t("merged_already", name=run))
    page.studio.queue.add("merge", run, _words(page, run), target / "parity.json")


def _quantize(page: Page, run: str | None, bits: int) -> None:
    """Put a quantisation into the queue, after a merge if there is none yet."""
    run = page.needed(run, "no_run")
    target = _file(page, checked(run), bits)
    if target.exists():
        raise PageError(page.t("quantized_already", name=target.name))
    merge = page.studio.queue.latest(page.studio.folder.models / run / "parity.json")
    waits = merge is not None and page.studio.queue.state(merge) in ("waiting", "running")
    if not (page.studio.folder.models / run).exists() and not waits:
        _merge(page, run)
    page.studio.queue.add("quantize", target.name, _quantize_words(page, run, bits), target)


def _shell(page: Page, run: str | None, bits: int) -> str:
    """Return the three commands that do the same in a shell."""
    if not run:
        return ""
    config = page.studio.folder.configs / f"{run}.json"
    train = ["train", str(config if config.is_file() else "CONFIG.json")]
    words = (train, _words(page, run), _quantize_words(page, run, bits))
    return "\n".join(shlex.join(["buqi", *line]) for line in words)


def _results(page: Page) -> Markup:
    """Return what there is to save, with its proof in plain words."""
    folder, t = page.studio.folder, page.t
    lines = [
        joined([download("adapter", f"{name}.zip", f"{name}.zip"), f" · {t('adapter_about')}"])
        for name in folder.adapters()
    ]
    for name in folder.merged():
        lines.append(joined([Markup(f"<b>{name}</b>"), f" · {t('merged_about')} · ", _merge_proof(page, name)]))
    for name in folder.gguf_files():
        stem = name.removesuffix(".gguf")
        size = f"{(folder.models / name).stat().st_size / 1e6:,.0f} MB"
        saves = [download("model", name, name), download("model", f"{stem}.Modelfile", "Modelfile")]
        lines.append(joined([joined(saves, " "), f" · {size} · ", _file_proof(page, stem)]))
    return joined([paragraph(t("files")), bullets(lines)]) if lines else Markup("")


def _merge_proof(page: Page, name: str) -> str:
    def say(found: Any) -> str:
        numbers = {"positions": found["positions"], "largest": f"{found['largest_difference']:.2g}"}
        shares = {"equal": f"{found['equal_choices']:.1%}", "allowed": f"{found['tolerance']:g}"}
        return page.t("merge_proof", **shares, **numbers)

    return _proof(page, page.studio.folder.models / name / "parity.json", say)


def _file_proof(page: Page, stem: str) -> str:
    def say(found: Any) -> str:
        equal = {"answers": f"{found['equal_answers']:.1%}", "tokens": f"{found['logits']['equal_choices']:.1%}"}
        return page.t("file_proof" if found["as_expected"] else "file_proof_less", **equal)

    return _proof(page, page.studio.folder.models / f"{stem}.parity.json", say)


def _proof(page: Page, path: Path, say: Callable[[Any], str]) -> str:
    """Return what a proof says, or that it is broken; nothing if there is none."""
    if not path.is_file():
        return ""
    try:
        with explained(f"{path}: broken", KeyError, TypeError, ValueError, AttributeError):
            return say(read_json(path))
    except BuqiError as error:
        return page.error(error)


def _switch(page: Page, name: str | None) -> None:
    """Keep which adapter answers."""
    chosen = name or BASE_CHOICE
    with whole_file(page.studio.folder.root / ANSWERS) as draft:
        draft.write_text(chosen, encoding="utf-8")
    notify(page.t("answers_now", name=chosen or page.t("the_base")))


def _ask(page: Page, question: str) -> Markup:
    chosen = page.studio.answers_with()
    (answer,) = page.studio.asker.ask(question, [page.studio.adapter(chosen)])
    return joined([paragraph(answer), paragraph(chosen or page.t("the_base"), "dim")])
