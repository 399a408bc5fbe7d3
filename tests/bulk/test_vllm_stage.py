"""A merged model in Ray's vLLM stage."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from buqi.answering import AnswerOptions
from buqi.bulk.cluster import run_ray
from buqi.engine import TorchEngine
from buqi.errors import UsageError
from buqi.task import Task


def model_with_task(tiny: Path, folder: Path) -> tuple[TorchEngine, Task]:
    """Copy the tiny model to a folder that says its task; return both."""
    shutil.copytree(tiny, folder)
    engine, task = TorchEngine(folder), Task("rows", "say: {text}")
    task.save(folder, engine.tokenizer)
    return engine, task


@pytest.mark.long
def test_rays_vllm_stage_asks_the_tasks_prompt_and_adds_the_columns(tiny, tmp_path, monkeypatch):
    """Ray's own pipeline with vLLM's stage replaced by the torch engine: no GPU here."""
    import ray

    pytest.importorskip("ray.data.llm", reason="the extra llm of Ray is not installed")
    from ray.llm._internal.batch import stages
    from ray.llm._internal.batch.stages.base import StatefulStage, StatefulStageUDF

    model = tmp_path / "merged"
    engine, task = model_with_task(tiny, model)
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
    ray.init(num_cpus=3, num_gpus=1, logging_level="error", log_to_driver=False)  # as if there were a GPU
    try:
        summary = run_ray(str(tmp_path / "in.parquet"), str(tmp_path / "out"), "src", settings, workers=1,
                          progress=told.append)  # fmt: skip
        with pytest.raises(UsageError, match="a merged model that writes"):
            run_ray(str(tmp_path / "in.parquet"), str(tmp_path / "x"), "src",
                    AnswerOptions("generate", model=str(model), adapter=model, engine="vllm"))  # fmt: skip
    finally:
        ray.shutdown()
    out = pl.read_parquet(tmp_path / "out").sort("n")
    alone = engine.generate([task.prompt_text(engine.tokenizer, [t]) for t in ("one", "three")], 6)
    assert out.columns == ["n", "src", "answer", "status", "notes"]
    assert [out["answer"][0], out["answer"][2]] == [a.text for a in alone]
    assert out["notes"][1] == "empty cell" and summary.rows == 3 and sum(summary.status.values()) == 3
    prompts = [json.loads(line) for line in seen.read_text().splitlines()]
    assert all(prompt.count("say: ") == 1 and not heat for prompt, heat in prompts) and len(prompts) == 3
