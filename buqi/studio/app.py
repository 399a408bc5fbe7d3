"""The application: one page in each language, and the files that it offers."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.background import BackgroundTask

from buqi.errors import BuqiError
from buqi.serve.failures import FAILURES
from buqi.serve.problems import Problem
from buqi.serve.settings import ServiceSettings
from buqi.studio.addresses_tab import addresses_tab
from buqi.studio.compare_tab import compare_tab
from buqi.studio.data_tab import data_tab
from buqi.studio.entrance import Entrance
from buqi.studio.folder import checked, zip_adapter
from buqi.studio.language import FirstScripts, script_of
from buqi.studio.model_tab import model_tab
from buqi.studio.page import Page
from buqi.studio.studio import Studio
from buqi.studio.texts import LANGUAGES, Texts
from buqi.studio.training_tab import training_tab

TABS = (
    ("data", data_tab), ("training", training_tab), ("compare", compare_tab), ("model", model_tab),
    ("addresses", addresses_tab),
)  # fmt: skip
FONTS = ("ui-sans-serif", "system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif")
FIXED = ("ui-monospace", "Consolas", "Noto Sans Mono CJK SC", "monospace")
KEPT_UPLOADS = (3600, 86400)  # seconds: how often uploads are looked through, and how old they may be
TOASTS = ("error", "warning", "info", "success")


def create_app(studio: Studio, service: ServiceSettings, token: str = "") -> FastAPI:
    """Return the application.

    Args:
        service: which hosts it is asked by, and how large bodies may be.
        token: what a visitor must bring; empty for none.
    """
    os.environ["GRADIO_TEMP_DIR"] = str(studio.folder.uploads)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        studio.start()
        yield
        studio.stop()

    app = FastAPI(title="buqi studio", docs_url=None, redoc_url=None, openapi_url=None, lifespan=life,
                  exception_handlers=FAILURES)  # fmt: skip
    _add_files(app, studio)

    @app.get("/favicon.ico")
    def favicon() -> Response:
        return Response(status_code=204)

    @app.get("/")
    def index(request: Request) -> RedirectResponse:
        chinese = request.headers.get("accept-language", "zh").lower().startswith("zh")
        return RedirectResponse("/zh/" if chinese else "/en/")

    style = resources.files("buqi.studio").joinpath("studio.css").read_text(encoding="utf-8")
    for language in LANGUAGES:
        blocks = build(studio, language)
        gr.mount_gradio_app(
            app, blocks, f"/{language}", theme=_theme(), head=_head(Texts(language), style), footer_links=[],
            ssr_mode=False, run_history=False, max_file_size=studio.settings.upload_bytes, pwa=False, mcp_server=False,
            show_error=True,
        )  # fmt: skip
    app.add_middleware(FirstScripts, scripts={f"/{language}/": script_of(language) for language in LANGUAGES})
    app.add_middleware(Entrance, settings=service, token=token)
    return app


def build(studio: Studio, language: str) -> gr.Blocks:
    """Return the page in one language."""
    t = Texts(language)
    page = Page(studio, t)
    with gr.Blocks(title=t("title"), analytics_enabled=False, delete_cache=KEPT_UPLOADS, fill_width=False) as blocks:
        others = " · ".join(f'<a href="/{code}/">{name}</a>' for code, name in LANGUAGES.items() if code != language)
        gr.HTML(f'<header><h1>{t("title")}</h1><nav>{others}</nav></header><p class="dim">{t("about")}</p>')
        with gr.Tabs(elem_id="tabs", overflow_behavior="wrap"):
            for name, make in TABS:
                with gr.Tab(t(f"tab_{name}"), id=name, elem_id=f"tab-{name}"):
                    make(page)
        page.wire(blocks)
    return blocks


def _theme() -> Any:
    theme = gr.themes.Default(primary_hue="blue", font=list(FONTS), font_mono=list(FIXED), text_size="md")
    # Gradio's own grey for what explains a field cannot be read on white
    return theme.set(body_text_color_subdued="*neutral_500", input_placeholder_color="*neutral_500")


def _head(t: Texts, style: str) -> str:
    """Return our style, with titles of messages and what is said while one waits, in the page's language."""
    titles = "".join(f"--toast-{kind}:'{t(f'toast_{kind}')}';" for kind in TOASTS)  # Gradio's are always English
    return f"<style>:root{{{titles}--working:'{t('working')}';}}{style}</style>"


def _no_file() -> Problem:
    return Problem(404, "no such file", "not_found")


def _add_files(app: FastAPI, studio: Studio) -> None:
    folder = studio.folder

    def place(kind: str, name: str) -> Path:
        *inner, last = name.split("/")
        roots = {
            "config": folder.configs,
            "model": folder.models,
            "report": folder.reports,
            "address": folder.addresses,
        }
        if kind not in roots or len(inner) > (kind == "address") or last.startswith("."):
            raise _no_file()
        path = roots[kind].joinpath(*inner, last)
        try:
            given = path.is_file() and path.resolve().is_relative_to(roots[kind])
        except OSError:  # a name longer than any file's
            given = False
        if not given:
            raise _no_file()
        return path

    @app.get("/files/adapter/{name}")
    def adapter(name: str) -> Response:
        try:
            run = folder.runs / checked(name.removesuffix(".zip"))
        except BuqiError as error:
            raise _no_file() from error
        if not (run / "adapter_config.json").is_file():
            raise _no_file()
        handle, path = tempfile.mkstemp(suffix=".zip", dir=folder.uploads)
        os.close(handle)
        target = zip_adapter(run, Path(path))
        return FileResponse(target, filename=name, background=BackgroundTask(target.unlink, missing_ok=True))

    @app.get("/files/{kind}/{name:path}")
    def file(kind: str, name: str) -> Response:
        path = place(kind, name)
        shown = kind == "report" and path.suffix == ".html"
        return FileResponse(path, filename=None if shown else path.name)
