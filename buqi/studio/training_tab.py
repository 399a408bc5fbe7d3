"""Training: presets with what they take, every key behind "more", and runs seen as they go."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from buqi.config import load_config
from buqi.curves import run_curve
from buqi.errors import BuqiError
from buqi.files import write_json
from buqi.machine import cores, free_memory_gb
from buqi.studio.fields import ELSEWHERE, Field, FormState, config_of, fields, form_of, merged, written
from buqi.studio.folder import checked
from buqi.studio.markup import Markup, figures, joined, paragraph, table
from buqi.studio.page import EVENT_OPTIONS, QUIET, Page, PageError, download, notify
from buqi.studio.presets import PRESETS, offers
from buqi.studio.runs import Run

LIVE = ("running", "waiting")
PROMPT = "prompt_template"
OF_THE_PAGE = [word for key in ELSEWHERE for word in (f"--{key}", ".")]
CURVES = {"loss": ("loss", "eval_loss"), "score": ("eval_accuracy", "eval_exact_match"), "rate": ("learning_rate",)}


def training_tab(page: Page) -> None:
    """Make the tab."""
    t, folder = page.t, page.studio.folder
    gr.Markdown(t("training_about"))
    with gr.Row():
        data = page.follow(gr.Dropdown([], label=t("data_set"), elem_id="train-data"), folder.data_sets)
        base = gr.Textbox(label=t("base"), value=page.studio.settings.base, info=t("base_about"), elem_id="train-base")
        name = gr.Textbox(label=t("run_name"), value=partial(folder.free_name, folder.runs, "run"), elem_id="run-name")
    presets = gr.Radio([(t(f"preset_{p}"), p) for p in PRESETS], value="quick", label=t("preset"), elem_id="preset")
    expected = gr.HTML(elem_id="expected", padding=True)
    with gr.Row():
        look = gr.Button(t("estimate"), elem_id="estimate")
        start = gr.Button(t("start"), variant="primary", elem_id="start")
    with gr.Accordion(t("more"), open=False, elem_id="more"):
        dropped = gr.File(label=t("config_file"), height=110, elem_id="config")
        form = [made for field in fields() for made in _component(page, field)]
    gr.Markdown(f"### {t('runs')}")
    chosen = page.follow(gr.Dropdown([], label=t("run"), elem_id="run"), folder.run_names)
    page.keep_showing(gr.HTML(elem_id="queue", padding=True), lambda: _queue(page))
    status = gr.HTML(elem_id="status", padding=True)
    with gr.Row():
        pause = gr.Button(t("pause"), interactive=False, elem_id="pause")
        resume = gr.Button(t("go_on"), interactive=False, elem_id="go-on")
        stop = gr.Button(t("stop"), variant="stop", interactive=False, elem_id="stop")
    curves = gr.HTML(elem_id="curves", padding=True)
    with gr.Accordion(t("log"), open=False):
        log = gr.Textbox(show_label=False, lines=12, max_lines=12, interactive=False, elem_id="log", autoscroll=True)

    given = [data, base, presets]
    filled = gr.State(FormState(form_of({})))
    offered, before = gr.State(None), gr.State([])  # what fits the rows, and the form when that was asked
    for event, look_at in ((look.click, _estimate), (presets.input, _estimate), (data.change, _expected)):
        seen = event(page.handler(look_at), [*given, filled, *form], [expected, offered, before], **EVENT_OPTIONS)
        seen.success(page.handler(_fill), [offered, before, filled, *form], [filled, *form], **QUIET)
    dropped.upload(page.handler(_dropped), [dropped], [filled, *form], **EVENT_OPTIONS)
    begun = start.click(page.handler(_start), [*given, name, filled, *form], [chosen, name], **EVENT_OPTIONS)
    shown = gr.State("")
    looks = [shown, status, pause, resume, stop, log, curves]
    for ask, button in (("pause", pause), ("stop", stop)):
        button.click(page.handler(_end, ask), [chosen], None, **QUIET)
    resume.click(page.handler(_go_on), [chosen], None, **EVENT_OPTIONS)
    for event in (gr.Timer(1.0).tick, chosen.change, begun.then):
        event(page.handler(_look), [chosen, shown], looks, **QUIET)


def _component(page: Page, field: Field) -> list[Any]:
    """Return the component of a key, with its sentence."""
    about: dict[str, Any] = {
        "label": field.key,
        "info": page.t.key(field.key, field.sentence),
        "elem_id": f"key-{field.key}",
    }
    if field.kind == "flag":
        return [gr.Checkbox(value=field.default, **about)]
    if field.kind == "choice":
        return [gr.Dropdown(list(field.choices), value=field.default or "", **about)]
    if field.kind == "text":
        hint = page.t("prompt_of_data") if field.key == PROMPT else None
        return [gr.Textbox(value=field.default, placeholder=hint, **about)]
    return [gr.Number(value=field.default, precision=0 if field.kind == "whole" else None, **about)]


def _estimate(page: Page, data: str | None, base: str, preset: str, _: FormState, *form: Any) -> list[Any]:
    """Say what each preset takes, and offer the values of the one that is chosen, in place of those of now."""
    shown, values = _offer(page, data, base, preset)
    return [shown, FormState(values, (data, base, preset)), list(form)]


def _expected(page: Page, data: str | None, base: str, preset: str, filled: FormState, *_: Any) -> list[Any]:
    """Say what each preset takes, once rows are chosen; what was edited by hand, or is of a file, stays.

    Nobody asked for it, so what is wrong with the rows is said in its place.
    """
    if not data:
        return ["", None, []]
    try:
        shown, values = _offer(page, data, base, preset)
    except (BuqiError, OSError) as error:
        return [paragraph(page.error(error), "bad"), None, []]
    return [shown, None if filled.from_file else FormState(values, (data, base, preset)), filled.values]


def _fill(_: Page, offered: FormState | None, before: list[Any], filled: FormState, *form: Any) -> list[Any]:
    """Fill the form with what is offered; what was edited while that was computed stays."""
    if offered is None:
        return [filled, *([gr.skip()] * len(form))]
    return [offered, *merged(offered.values, before, form)]


def _offer(page: Page, data: str | None, base: str, preset: str) -> tuple[Markup, list[Any]]:
    """Return what each preset takes, and the form's values of the one that is chosen.

    The prompt is left to `_start`: the data set may get another one before that.
    """
    t, folder = page.t, page.studio.folder
    data = page.needed(data, "no_data")
    found = offers(folder.data / checked(data), base, folder.prompt_of(data))
    free = free_memory_gb()
    rows = [
        (("✓ " if name == preset else "") + t(f"preset_{name}"), f"{o.steps:,}", t.duration(o.seconds),
         f"{o.memory_gb:.1f} GB", o.keys["lora_rank"], f"{o.keys['learning_rate']:g}")
        for name, o in found.items()
    ]  # fmt: skip
    head = [t(key) for key in ("preset", "steps", "time", "memory", "rank", "learning_rate")]
    parts = [table(head, rows), paragraph(t("machine", cores=cores(), free=f"{free:.1f}"), "dim")]
    if free and found[preset].memory_gb > free:
        parts.append(paragraph(t("too_little_memory"), "bad"))
    return joined(parts), form_of(found[preset].keys)


def _dropped(page: Page, upload: str | None) -> list[Any]:
    """Fill the form from a configuration file; data, base and folder stay those of the page, and it trains."""
    if upload is None:
        return [gr.skip()] * (len(fields()) + 1)
    config = load_config(Path(upload), [*OF_THE_PAGE, "--do_train", "true"])
    values = {key: getattr(config, key) for key in config.model_fields_set if key not in ELSEWHERE}
    notify(page.t("config_read", n=len(values)))
    form = form_of(values)
    return [FormState(form, from_file=True), *form]


def _start(page: Page, data: str | None, base: str, preset: str, name: str, filled: FormState, *form: Any) -> list[Any]:
    """Write the configuration and put the run into the queue."""
    folder = page.studio.folder
    data = page.needed(data, "no_data")
    values = _values(page, (data, base, preset), filled, form)
    path = folder.configs / f"{checked(name)}.json"
    asked = {"model_name_or_path": base, "dataset_name_or_path": str(folder.data / checked(data))}
    config = config_of(values, asked | {"output_dir": str(folder.runs / name)})
    with page.studio.claimed(path) as free:
        if not free or (folder.runs / name).exists():
            raise PageError(page.t("run_taken", name=name))
        write_json(path, written(config))
        try:
            page.studio.queue.add("train", name, ["train", str(path)], folder.runs / name / "run.json")
        except BaseException:
            path.unlink()
            raise
    notify(page.t("run_added", name=name))
    return [gr.update(choices=folder.run_names(), value=name), folder.free_name(folder.configs, "run")]


def _values(page: Page, asked: tuple[str, str, str], filled: FormState, form: Sequence[Any]) -> list[Any]:
    """Return the form's values, with the data set's prompt where the form has none.

    Where the form does not fit the rows, the base or the preset that are chosen now, what was not edited is made to.
    """
    values = list(form)
    if not filled.from_file and filled.fits != asked:
        values = merged(_offer(page, *asked)[1], filled.values, form)
    at = [field.key for field in fields()].index(PROMPT)
    values[at] = values[at] or page.studio.folder.prompt_of(asked[0])
    return values


def _go_on(page: Page, name: str | None) -> None:
    """Put a run that was cut off into the queue again, from its last checkpoint if there is one."""
    folder, run = page.studio.folder, page.studio.run(checked(name))
    if run.state not in ("stopped", "failed"):
        raise PageError(page.t("not_stopped", name=name))
    path = folder.configs / f"{name}.json"
    if not path.is_file():  # begun on the command line: its record has the whole configuration
        if not run.config:
            raise PageError(page.t("no_config", name=name))
        write_json(path, {key: value for key, value in run.config.items() if value is not None})
    words = ["train", str(path), *(["--resume"] if run.can_go_on else [])]
    page.studio.queue.add("train", str(name), words, folder.runs / str(name) / "run.json")


def _end(page: Page, what: str, name: str | None) -> None:
    """Pause or stop a run."""
    run = page.studio.run(checked(name))
    if run.job is None or page.studio.queue.state(run.job) not in ("waiting", "running"):
        raise PageError(page.t("not_ours", name=name, pid=run.pid) if run.pid else page.t("not_running", name=name))
    page.studio.queue.ask(run.job, what)


def _queue(page: Page) -> Markup:
    """Return what runs and waits."""
    states = [(job, page.studio.queue.state(job)) for job in reversed(page.studio.queue.all())]
    lines = [
        page.t("queue_line", state=page.t(f"job_{s}"), work=page.t(f"work_{j.kind}"), title=j.title)
        for j, s in states
        if s in LIVE
    ]
    return paragraph(" · ".join(lines) or page.t("queue_empty"), "dim")


def _look(page: Page, name: str | None, shown: str) -> list[Any]:
    """Show a run: state, figures, curves, log. What has not changed since ``shown`` is left as it is."""
    if not name:
        return [gr.skip()] * 7
    run = page.studio.run(name)
    output = page.studio.queue.output(run.job) if run.job else ""
    now = f"{name} {len(run.records)} {run.state}"
    live = run.state in LIVE
    return [
        now,
        _status(page, run),
        gr.update(interactive=run.state == "running" and run.job is not None),
        gr.update(interactive=run.state in ("stopped", "failed")),
        gr.update(interactive=live and run.job is not None),
        page.translated(output),
        gr.skip() if now == shown else _drawn(page, run),
    ]


def _drawn(page: Page, run: Run) -> Markup:
    """Return the curves of a run beside each other; nothing while nothing is logged."""
    t, drawn = page.t, []
    for title, keys in CURVES.items():
        lines = {key: points for key in keys if (points := run.points(key))}
        if lines:
            drawn.append(run_curve(t(f"plot_{title}"), lines, {key: t(f"curve_{key}") for key in lines}, run.steps))
    return Markup(f'<div class="curves">{joined(drawn)}</div>')


def _status(page: Page, run: Run) -> Markup:
    """Return a run's state and figures."""
    t, pace = page.t, page.studio.pace.see(run)
    state = t(f"run_{run.state}")
    if run.state == "stopped" and not run.can_go_on:
        state = t("run_ended")
    elif run.job and run.state == "running" and (asked := page.studio.queue.asked(run.job)):
        state = t("run_pausing" if asked == "pause" else "run_stopping")
    pairs: list[tuple[str, str]] = [(t("state"), state)]
    if run.steps:
        pairs.append((t("step"), f"{run.step} / {run.steps}"))
    if run.state == "running":
        speed = f"{pace * run.rows_per_step:.2f}" if pace else "–"
        left = t.duration((run.steps - run.step) / pace) if pace and run.steps else "–"
        pairs += [(t("rows_per_second"), speed), (t("time_left"), left), (t("memory"), f"{run.memory_gb:.1f} GB")]
    for key in ("loss", "eval_loss", "eval_accuracy", "eval_exact_match"):
        values = [value for record in run.records if isinstance(value := record.get(key), (int, float))]
        if values:
            pairs.append((t(f"curve_{key}"), f"{values[-1]:.4g}" if "loss" in key else f"{values[-1]:.1%}"))
    now = page.last_line(run.job) if run.job and run.state == "running" else ""
    warnings = [paragraph(f"! {page.translated(r['warning'])}", "dim") for r in run.records if "warning" in r][-2:]
    failed = run.job if run.job and not run.pid and page.studio.queue.state(run.job) == "failed" else None
    error = paragraph(page.ended_with(failed), "bad") if failed else ""
    hint = paragraph(t("can_go_on")) if run.state == "stopped" and run.can_go_on else ""
    saved = (page.studio.folder.configs / f"{run.name}.json").is_file()
    files = download("config", f"{run.name}.json", t("config_save")) if saved else ""
    return joined([figures(pairs), paragraph(now, "dim") if now else "", error, hint, *warnings, files])
