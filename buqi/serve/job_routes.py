"""Routes of jobs: a file comes in, its progress is told, the result goes out."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import FastAPI, File, Form, Request, UploadFile
from fastapi.responses import FileResponse, Response, StreamingResponse

from buqi.errors import UsageError
from buqi.serve import schemas, uploads
from buqi.serve.downloads import Download
from buqi.serve.jobs import Jobs, UploadOptions
from buqi.serve.problems import ERRORS, Problem
from buqi.serve.service import Service

FORM_FIELDS = ("file", "column", "sheet", "contact", "fill", "key")  # of the form of an upload


def add_job_routes(app: FastAPI, service: Service) -> None:
    """Add ``/v1/jobs``."""
    _add_upload(app, service)
    _add_progress(app, service)
    _add_files(app, service.jobs)


def _add_upload(app: FastAPI, service: Service) -> None:
    jobs, settings = service.jobs, service.settings
    checking = ThreadPoolExecutor(2, "checks")  # a file that takes long to look at holds up other files alone

    @app.get("/v1/jobs", response_model=list[schemas.JobBody], tags=["jobs"])
    async def all_jobs(request: Request) -> list[dict[str, Any]]:
        """List your jobs, the latest first."""
        return jobs.store.shown(request.state.owner)

    @app.post("/v1/jobs", status_code=202, response_model=schemas.JobBody, responses=ERRORS, tags=["jobs"])
    async def upload(
        request: Request,
        file: Annotated[UploadFile, File(description="csv, tsv, jsonl (.gz), parquet or xlsx")],
        column: Annotated[str | None, Form(max_length=200, description="One, or several: 省,市,区,地址")] = None,
        sheet: Annotated[str | None, Form(max_length=200)] = None,
        contact: Annotated[bool, Form(description="Read name, phone and postcode apart from the address.")] = False,
        fill: Annotated[bool, Form(description="Only fill empty cells of the columns of levels.")] = False,
        key: Annotated[str | None, Form(max_length=200, description="Names a row in the review file.")] = None,
    ) -> dict[str, Any]:
        """Complete a file. Column and sheet with the addresses are found if not given; ``guesses`` says which."""
        _check_fields(name for name, _ in (await request.form()).multi_items())
        name = uploads.shown_name(file.filename or "")
        kind = uploads.upload_kind(name)
        job, folder = jobs.new_folder(request.state.owner)
        path, loop = folder / f"in{kind}", asyncio.get_running_loop()
        try:
            await uploads.store_upload(file, path, settings.upload_bytes)
            await loop.run_in_executor(checking, uploads.check_upload, path, kind, settings.unpacked_bytes)
            options = UploadOptions(column or None, sheet or None, contact, fill, key or None)
            return jobs.add(job, request.state.owner, name, kind, options)
        except BaseException:
            jobs.drop(job)
            raise


def _check_fields(names: Iterable[str]) -> None:
    """Raise a `Problem` if a form has a field that is not known, or one twice: one of two files would be lost."""
    for name, count in Counter(names).items():
        if name not in FORM_FIELDS:
            raise Problem(422, f"{name[:40]}: no such field; there are {', '.join(FORM_FIELDS)}", "invalid", param=name)
        if count > 1:
            raise Problem(422, f"{name}: given {count} times; one is taken", "invalid", param=name)


def _add_progress(app: FastAPI, service: Service) -> None:
    jobs = service.jobs

    @app.get("/v1/jobs/{job}", response_model=schemas.JobBody, responses=ERRORS, tags=["jobs"])
    async def one(job: str, request: Request) -> dict[str, Any]:
        """Say how far a job is."""
        return jobs.get(job, request.state.owner)

    @app.get("/v1/jobs/{job}/events", responses=ERRORS, tags=["jobs"], response_class=StreamingResponse)
    async def events(job: str, request: Request) -> StreamingResponse:
        """Tell as server-sent events how far a job is, until it ends."""
        owner = request.state.owner
        jobs.get(job, owner)

        async def tell() -> AsyncIterator[str]:
            last = ""
            while not await request.is_disconnected() and not service.closing:
                try:
                    found = jobs.get(job, owner)
                except Problem:
                    return
                text = json.dumps(found, ensure_ascii=False)
                if text != last:
                    yield f"data: {text}\n\n"
                    last = text
                if found["status"] not in ("queued", "running", "paused"):
                    return
                await asyncio.sleep(0.3)

        return StreamingResponse(tell(), media_type="text/event-stream")


@contextmanager
def _there() -> Iterator[None]:
    """Say that there is no job if its file is not there: it has just been deleted."""
    try:
        yield
    except (FileNotFoundError, UsageError) as error:
        raise Problem(404, "no such job", "not_found") from error


def _add_files(app: FastAPI, jobs: Jobs) -> None:
    @app.get("/v1/jobs/{job}/result", responses=ERRORS, tags=["jobs"], response_class=FileResponse)
    async def result(job: str, request: Request) -> FileResponse:
        """Download the completed file."""
        path, name = jobs.file(job, request.state.owner, "result")
        with _there():
            return Download(path, filename=name, media_type=uploads.media_type(path), stat_result=path.stat())

    @app.get("/v1/jobs/{job}/review", responses=ERRORS, tags=["jobs"], response_class=FileResponse)
    async def review(job: str, request: Request) -> FileResponse:
        """Download the rows to look at, the least sure first."""
        path, name = jobs.file(job, request.state.owner, "review")
        with _there():
            return Download(path, filename=name, stat_result=path.stat())

    @app.post("/v1/jobs/{job}/resume", response_model=schemas.JobBody, responses=ERRORS, tags=["jobs"])
    async def resume(job: str, request: Request) -> dict[str, Any]:
        """Go on with a job that failed or met a full disk; what is done already stays."""
        return jobs.resume(job, request.state.owner)

    @app.delete("/v1/jobs/{job}", status_code=204, responses=ERRORS, tags=["jobs"])
    async def delete(job: str, request: Request) -> Response:
        """Stop a job and remove it with its files."""
        await asyncio.to_thread(jobs.delete, job, request.state.owner)
        return Response(status_code=204)
