"""Models in bulk: a table of another task, addresses written by a model, and Ray's vLLM stage."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path

import polars as pl
import pytest

from buqi.answering import AnswerOptions
from buqi.bulk import ColumnFiller, Job, run_job
from buqi.bulk.sql import SqlJob, run_sql
from buqi.engine import TorchEngine
from buqi.errors import BuqiError, UsageError
from buqi.loading import TUNED, load
from tests.conftest import pairs

TEXTS = [pair["src"] for pair in pairs(70)]


def adapter_options(tiny: Path, tuned: Path, **more: object) -> AnswerOptions:
    return AnswerOptions("generate", model=str(tiny), adapter=tuned / "out", engine="torch", max_new_tokens=8, **more)


def written(tiny: Path, tuned: Path, texts: list[str]) -> list[tuple[str, str]]:
    chosen = load(str(tiny), tuned / "out", "torch")
    prompts = [chosen.task.prompt_text(chosen.engine.tokenizer, [text]) for text in texts]
    answers = chosen.engine.generate(prompts, 8, TUNED)
    return [(a.text, "answered" if a.stopped else "cut_off") for a in answers]


def source(path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["n", "src"], *([i, text] for i, text in enumerate([*TEXTS, "", TEXTS[0]]))])
    return path


def test_a_table_of_another_task_is_answered_by_its_adapter(tiny, tuned, tmp_path, cache):
    job = Job(source(tmp_path / "in.csv"), tmp_path / "out.csv", options=adapter_options(tiny, tuned), piece=30)
    asked = iter([False, False, True])
    with pytest.raises(BuqiError, match="--resume goes on"):
        run_job(job, stopped=lambda: next(asked))
    summary = run_job(job, resume=True)
    rows = list(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8", newline="")))
    assert list(rows[0]) == ["n", "src", "answer", "status", "notes"] and len(rows) == 72
    assert [(r["answer"], r["status"]) for r in rows[:70]] == written(tiny, tuned, TEXTS)
    assert rows[70]["notes"] == "empty cell" and rows[71]["answer"] == rows[0]["answer"]
    assert summary.resumed_rows == 60 and sum(summary.status.values()) == 72
    assert list((cache / "answers").glob("*.sqlite"))


def test_what_was_written_once_is_kept(tiny, tuned, cache, monkeypatch):
    settings = adapter_options(tiny, tuned)
    first = ColumnFiller(settings).answer(TEXTS[:3])
    again = ColumnFiller(settings)
    monkeypatch.setattr(again.answerer.opened.engine, "generate", lambda prompts, *_, **__: [None] * len(prompts))
    assert again.answer(TEXTS[:3]) == first


def test_addresses_written_by_a_model_have_levels(tiny, tmp_path, cache):
    (tmp_path / "in.csv").write_text("address\n碑林区1号\n", encoding="utf-8")
    run_job(Job(tmp_path / "in.csv", tmp_path / "out.csv", options=AnswerOptions("generate", model=str(tiny))))
    (row,) = csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8", newline=""))
    assert {"province", "code", "confidence"} <= row.keys()


def test_only_allowed_answers(tiny, tuned, cache):
    settings = adapter_options(tiny, tuned, allowed=("number 1", "number 2"))
    assert {fields[0] for fields in ColumnFiller(settings).answer(TEXTS[:5])} <= {"number 1", "number 2"}


def test_a_database_answered_by_a_model(tiny, tuned, tmp_path, cache):
    db = sqlite3.connect(tmp_path / "a.db")
    db.execute("CREATE TABLE asked (n INTEGER, src TEXT)")
    db.executemany("INSERT INTO asked VALUES (?, ?)", enumerate(TEXTS[:5]))
    db.commit()
    url = f"sqlite:///{tmp_path / 'a.db'}"
    run_sql(SqlJob(url, "SELECT * FROM asked ORDER BY n", "done", options=adapter_options(tiny, tuned)))
    found = db.execute("SELECT answer, status FROM done ORDER BY buqi_row").fetchall()
    assert found == written(tiny, tuned, TEXTS[:5])


def test_vllm_needs_ray(tiny, cache):
    with pytest.raises(UsageError, match="only with --ray"):
        ColumnFiller(AnswerOptions("generate", model=str(tiny), engine="vllm"))


def test_rays_vllm_stage_asks_the_tasks_prompt_and_adds_the_columns(tiny, tmp_path, monkeypatch):
    """Ray's own pipeline with vLLM's stage replaced by the torch engine: no GPU here."""
    ray = pytest.importorskip("ray")
    pytest.importorskip("ray.data.llm")
    from ray.llm._internal.batch import stages
    from ray.llm._internal.batch.stages.base import StatefulStage, StatefulStageUDF

    from buqi.bulk.cluster import run_ray
    from buqi.task import Task

    model = tmp_path / "merged"
    model.mkdir()
    for file in tiny.iterdir():
        (model / file.name).write_bytes(file.read_bytes())
    engine = TorchEngine(model)
    Task("rows", "say: {text}").save(model, engine.tokenizer)
    seen = tmp_path / "seen.jsonl"

    class Written(StatefulStageUDF):
        def __init__(self, data_column, expected_input_keys, model, **_):
            super().__init__(data_column, expected_input_keys)
            self.engine = TorchEngine(Path(model))

        async def udf(self, rows):
            for row in rows:
                sampling = row["sampling_params"]
                (answer,) = self.engine.generate([row["prompt"]], int(sampling["max_tokens"]))
                end = [self.engine.tokenizer.eos_token_id] if answer.stopped else [0]
                with seen.open("a") as file:
                    file.write(json.dumps([row["prompt"], float(sampling["temperature"])]) + "\n")
                yield {
                    "generated_text": answer.text,
                    "generated_tokens": [1, *end],
                    self.IDX_IN_BATCH_COLUMN: row[self.IDX_IN_BATCH_COLUMN],
                }

    class Stage(StatefulStage):
        fn: type = Written

    def stage(fn_constructor_kwargs, map_batches_kwargs):
        assert fn_constructor_kwargs["engine_kwargs"]["enable_prefix_caching"]
        return Stage(
            fn_constructor_kwargs={"model": fn_constructor_kwargs["model"]}, map_batches_kwargs={"concurrency": 1}
        )

    monkeypatch.setattr(stages, "vLLMEngineStage", stage, raising=False)
    pl.DataFrame({"n": [1, 2, 3], "src": ["one", None, "three"]}).write_parquet(tmp_path / "in.parquet")
    settings = AnswerOptions("generate", model=str(model), engine="vllm", max_new_tokens=6)
    told = []
    try:
        summary = run_ray(str(tmp_path / "in.parquet"), str(tmp_path / "out"), "src", settings, workers=1,
                          progress=told.append)  # fmt: skip
    finally:
        ray.shutdown()
    out = pl.read_parquet(tmp_path / "out").sort("n")
    task = Task("rows", "say: {text}")
    alone = engine.generate([task.prompt_text(engine.tokenizer, [t]) for t in ("one", "three")], 6)
    assert out.columns == ["n", "src", "answer", "status", "notes"]
    assert [out["answer"][0], out["answer"][2]] == [a.text for a in alone]
    assert out["notes"][1] == "empty cell" and summary.rows == 3 and sum(summary.status.values()) == 3
    prompts = [json.loads(line) for line in seen.read_text().splitlines()]
    assert all(prompt.count("say: ") == 1 and not heat for prompt, heat in prompts) and len(prompts) == 3
    with pytest.raises(UsageError, match="a merged model that writes"):
        run_ray(str(tmp_path / "in.parquet"), str(tmp_path / "x"), "src",
                AnswerOptions("generate", model=str(model), adapter=model, engine="vllm"))  # fmt: skip
