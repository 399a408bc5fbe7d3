"""Data: a file becomes rows, or rows are built; what is in them; a row as tokens; the prompt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from buqi.errors import UsageError
from buqi.files import read_json, whole_file
from buqi.rows import FILE_NAMES, check_sets, find_sets, read_rows, task_of_rows
from buqi.rows.cells import Cells, cells_of, sheet_names
from buqi.rows.importing import import_rows_of
from buqi.serve.uploads import check_upload
from buqi.studio.folder import checked
from buqi.studio.jobs import run_now
from buqi.studio.libraries import import_libraries
from buqi.studio.markup import Markup, bullets, figures, joined, paragraph, table, text
from buqi.studio.page import EVENT_OPTIONS, QUIET, Page, PageError, notify
from buqi.synthesis.importing import address_columns
from buqi.task import Task

FIRST_ROWS = 5
CELL = 60  # characters shown of a cell
LINES_SHOWN = 8  # findings of a kind
TEXT_COLUMN = "line"  # of a text that has no columns
ADDRESS_TABLE, PAIR_TABLE = "addresses", "pairs"


def data_tab(page: Page) -> None:
    """Make the tab."""
    t, folder = page.t, page.studio.folder
    gr.Markdown(t("data_about"))
    with gr.Row():
        with gr.Column(), gr.Group():
            upload = gr.File(label=t("data_file"), elem_id="data-file", height=150)
            seen = gr.HTML(elem_id="data-seen", padding=True)
            kind = gr.Radio(
                [(t("kind_addresses"), ADDRESS_TABLE), (t("kind_pairs"), PAIR_TABLE)], label=t("kind"), value=PAIR_TABLE
            )
            with gr.Row():
                source = gr.Dropdown([], label=t("column_src"), elem_id="data-src")
                target = gr.Dropdown([], label=t("column_tgt"), elem_id="data-tgt")
            sheet = gr.Dropdown([], label=t("sheet"), visible=False, elem_id="data-sheet")
            name = gr.Textbox(label=t("data_name"), elem_id="data-name")
            make = gr.Button(t("data_import"), variant="primary", elem_id="data-import")
        with gr.Column(), gr.Group():
            region = gr.Textbox(label=t("region"), value="西安市,宝鸡市", info=t("region_about"), elem_id="region")
            count = gr.Number(label=t("rows_in_all"), value=680, precision=0, minimum=50, maximum=200_000)
            built = gr.Textbox(label=t("data_name"), value=partial(folder.free_name, folder.data, t("region_name")))
            build = gr.Button(t("data_build"), elem_id="data-build")
    chosen = page.follow(gr.Dropdown([], label=t("data_set"), elem_id="data-set"), folder.data_sets)
    found = gr.HTML(elem_id="data-report", padding=True)
    with gr.Row():
        part = gr.Radio([(t(f"set_{part}"), part) for part in FILE_NAMES], value="train", label=t("set"))
        number = gr.Number(label=t("row_number"), value=1, precision=0, minimum=1, elem_id="row-number")
        base = gr.Textbox(label=t("base"), value=page.studio.settings.base)
    see = gr.Button(t("see_tokens"), elem_id="see-tokens")
    tokens = gr.HTML(elem_id="tokens", padding=True)
    prompt = gr.Textbox(label=t("prompt"), info=t("prompt_about"), elem_id="prompt")
    save = gr.Button(t("prompt_save"), elem_id="prompt-save")

    columns = [seen, kind, source, target, sheet, name]
    upload.upload(page.handler(_seen), [upload], columns, **EVENT_OPTIONS)
    upload.clear(lambda: "", None, [seen], **QUIET)
    sheet.input(page.handler(_seen), [upload, sheet], columns, **EVENT_OPTIONS)
    kind.input(page.handler(_kind_chosen), [upload, kind, sheet], [source, target], **EVENT_OPTIONS)
    kind.change(lambda k: gr.update(visible=k == PAIR_TABLE), [kind], [target], **QUIET)
    make.click(page.handler(_import), [upload, kind, source, target, sheet, name], [chosen], **EVENT_OPTIONS)
    build.click(page.handler(_build), [region, count, built], [chosen, built], **EVENT_OPTIONS)
    chosen.change(page.handler(_report), [chosen], [found, prompt], **EVENT_OPTIONS)
    see.click(page.handler(_tokens), [chosen, part, number, base], [tokens], **EVENT_OPTIONS)
    save.click(page.handler(_save_prompt), [chosen, prompt], [found, prompt], **EVENT_OPTIONS)
    for event in (chosen.change, save.click):  # the tokens were those of other rows, or of another prompt
        event(lambda: "", None, [tokens], **QUIET)


def _seen(page: Page, upload: str | None, sheet: str | None = None) -> list[Any]:
    """Look at an uploaded file: its columns, its first rows, and what it seems to be."""
    if upload is None:
        return [""] + [gr.skip()] * 5
    path = Path(upload)
    kind = "".join(path.suffixes[-2:] if path.suffix.lower() == ".gz" else path.suffixes[-1:]).lower()
    check_upload(path, kind, page.studio.settings.unpacked_bytes)
    sheets = sheet_names(path)
    sheet, cells = _sheet(path, sheets, sheet)
    known = import_rows_of(path, sheet, None, None)
    names = list(cells.columns)
    called = _called(page, names)
    lines = [[text(_short(cells.columns[n][i])) for n in names] for i in range(min(FIRST_ROWS, len(cells.lines)))]
    said = page.t("columns_found", columns=len(names), rows=len(cells.lines))
    said += page.t("format_found", format=known.format) if known else ""
    free = page.studio.folder.free_name(page.studio.folder.data, path.stem)
    kind = ADDRESS_TABLE if not known and address_columns(cells.columns) else PAIR_TABLE
    return [
        joined([paragraph(said), table(called, lines)]),
        kind,
        *_column_choices(page, kind, names, bool(known)),
        gr.update(choices=sheets, value=sheet, visible=len(sheets) > 1),
        free,
    ]


def _called(page: Page, names: Sequence[str]) -> list[str]:
    """Return the columns' names as they are shown."""
    return [page.t("text_column") if [name] == names == [TEXT_COLUMN] else _short(name) for name in names]


def _column_choices(page: Page, kind: str, names: Sequence[str], known: bool) -> list[Any]:
    """Return what may be chosen as the column of the texts and of the answers. What cannot be found is not offered."""
    columns = [*zip(_called(page, names), names, strict=True)]
    if known or kind == ADDRESS_TABLE:
        found = gr.update(choices=[(page.t("column_found"), ""), *columns], value="")
        return [found, found]
    chosen = names if len(names) == 2 else [None, None]
    return [gr.update(choices=columns, value=value) for value in chosen]


def _kind_chosen(page: Page, upload: str | None, kind: str, sheet: str | None) -> list[Any]:
    """Offer the columns that the chosen kind of table can take."""
    if upload is None:
        return [gr.skip()] * 2
    path = Path(upload)
    sheet, cells = _sheet(path, sheet_names(path), sheet)
    known = import_rows_of(path, sheet, None, None) is not None
    return _column_choices(page, kind, list(cells.columns), known)


def _sheet(path: Path, sheets: list[str], asked: str | None) -> tuple[str | None, Cells]:
    """Return the sheet that was asked for, else the first that has rows, and its cells.

    Raises:
        UsageError: there are no rows in it, or in none.
    """
    several: list[str | None] = [*sheets] if len(sheets) > 1 else [None]
    wanted = [asked] if asked in several else several
    for sheet in wanted[:-1]:
        with suppress(UsageError):
            return sheet, cells_of(path, sheet)
    return wanted[-1], cells_of(path, wanted[-1])


def _short(cell: str) -> str:
    return cell if len(cell) <= CELL else cell[: CELL - 1] + "…"


def _import(
    page: Page, upload: str | None, kind: str, source: str | None, target: str | None, sheet: str | None, name: str
) -> Any:
    upload = page.needed(upload, "no_file")
    words = ["data", "import", upload, "--json"]
    if kind == ADDRESS_TABLE and source:
        words += ["--column", source]
    if kind == PAIR_TABLE and not (source and target) and import_rows_of(Path(upload), sheet, None, None) is None:
        raise PageError(page.t("choose_columns"))
    if kind == PAIR_TABLE and (source or target):
        words += ["--src", source or "", "--tgt", target or ""]
    words += ["--sheet", sheet] if sheet else []
    with _new_set(page, name) as place:
        run_now([*words, "--out", str(place)])
    notify(page.t("data_made", name=name))
    return gr.update(choices=page.studio.folder.data_sets(), value=name)


@contextmanager
def _new_set(page: Page, name: str) -> Iterator[Path]:
    """Yield the folder of a new data set, which nobody else makes meanwhile.

    Raises:
        UsageError: it may not be named so, or there is one, or somebody makes one.
    """
    target = page.studio.folder.data / checked(name)
    with page.studio.claimed(target) as free:
        if not free:
            raise PageError(page.t("data_taken", name=name))
        yield target


def _build(page: Page, region: str, count: float, name: str) -> list[Any]:
    with _new_set(page, name) as target:
        run_now(["data", "build", "--out", str(target), "--region", region, "--rows", str(int(count or 0))])
    notify(page.t("data_made", name=name))
    folder = page.studio.folder
    return [gr.update(choices=folder.data_sets(), value=name), folder.free_name(folder.data, page.t("region_name"))]


def _report(page: Page, data: str | None) -> list[Any]:
    """Return what is known of a data set, and its prompt."""
    if not data:
        return ["", ""]
    t, place = page.t, page.studio.folder.data / checked(data)
    sets = {part: read_rows(path) for part, path in find_sets(place, ()).items() if path.stat().st_size}
    task = _task(page, data)
    report = check_sets(sets, task)
    parts = [figures((t(f"set_{part}"), f"{count:,}") for part, count in report.counts.items())]
    parts += [paragraph(t("all_clean"), "good")] if report.clean else []
    for kind, lines in report.findings.items():
        if lines:
            shown = [line.replace(f"{place}/", "") for line in lines[:LINES_SHOWN]]
            parts += [paragraph(t(f"found_{kind}", n=len(lines)), "bad"), bullets(map(page.translated, shown))]
    return [joined([*parts, _imported(page, place / "import.json")]), task.template]


def _imported(page: Page, path: Path) -> Markup:
    """Return what the import left out and cut out."""
    if not path.is_file():
        return Markup("")
    record, parts, t = read_json(path), [], page.t
    for key in ("left_out", "masked"):
        counts = {page.translated(str(reason)): n for reason, n in (record.get(key) or {}).items() if n}
        if counts:
            parts.append(paragraph(t(f"import_{key}") + t("comma").join(f"{r} {n:,}" for r, n in counts.items())))
    lines = [f"{page.translated(reason)}: {_short(cell)}" for cell, reason in record.get("examples", [])[:LINES_SHOWN]]
    lines += [page.translated(str(line).rpartition("/")[2]) for line in record.get("left_out_rows", [])[:LINES_SHOWN]]
    return joined([*parts, bullets(lines) if lines else ""])


def _task(page: Page, data: str) -> Task:
    rows = read_rows(page.studio.folder.rows(data, "train"))
    return task_of_rows(rows, page.studio.folder.prompt_of(data))


def _tokens(page: Page, data: str | None, part: str, number: float, base: str) -> Markup:
    """Return a row as its tokens; those that are trained are marked."""
    data = page.needed(data, "no_data")
    import_libraries()
    from buqi.base import load_tokenizer, resolve
    from buqi.rows.preview import pieces

    rows = read_rows(page.studio.folder.rows(data, part))
    at = int(number or 1)
    if not 1 <= at <= len(rows):
        raise PageError(page.t("no_such_row", n=at, rows=len(rows)))
    row, task = rows[at - 1], _task(page, data)
    tokenizer = load_tokenizer(resolve(base))
    encoded = task.encode(tokenizer, row.src, row.tgt, row.system, row.trained)
    shown = "".join(
        f'<span class="{"trained" if piece.trained else "read"}">{text(piece.text)}</span>'
        for piece in pieces(tokenizer, encoded)
    )
    count = page.t("tokens_counted", tokens=len(encoded.ids), trained=sum(encoded.trained))
    return joined([paragraph(count), Markup(f'<div class="tokens">{shown}</div>')])


def _save_prompt(page: Page, data: str | None, prompt: str) -> list[Any]:
    data = page.needed(data, "no_data")
    Task("rows", prompt)  # refuses one without {text}
    with whole_file(page.studio.folder.data / f"{checked(data)}.prompt.txt") as draft:
        draft.write_text(prompt, encoding="utf-8")
    notify(page.t("prompt_saved"))
    return _report(page, data)
