"""Ray Data's vLLM stage: a merged model writes the answers on GPUs, with the task's own prompt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from buqi.answering import AnswerOptions, reply_of
from buqi.base import load_tokenizer, resolve
from buqi.bulk.fields import Fields, added_columns, fields_of, is_number, names_beside, refused, text_of
from buqi.errors import BuqiError, UsageError
from buqi.task import ADDRESS, BREAK, Task, tokens

STAGE_ROWS = 256  # rows handed to vLLM at once; it keeps its own batch


class VllmStage:
    """Makes the prompt of a row before the model is asked, and the added columns of its answer afterwards.

    Raises:
        UsageError: options that vLLM's stage has no use for.
        BuqiError: no such model.
    """

    def __init__(self, model: Path, columns: list[str], column: str, options: AnswerOptions) -> None:
        if options.mode != "generate" or options.adapter is not None or options.allowed is not None:
            raise UsageError("--engine vllm: a merged model that writes (--mode generate --model FOLDER), no --allowed")
        self.tokenizer = load_tokenizer(model)
        self.task = Task.load(model, self.tokenizer) or ADDRESS
        if options.is_constrained and self.task.is_address:
            raise UsageError("--engine vllm writes addresses only freely: add --free")
        self.column, self.columns, self.most = column, columns, options.most_tokens
        self.added = added_columns(self.task)
        self.names = names_beside(columns, self.added)

    def preprocess(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row with its prompt and how it is answered: greedily."""
        text, problem = text_of(row[self.column])
        prompt = self.task.prompt_text(self.tokenizer, [text if not problem else ""])
        most = self.most if not problem else 1  # a cell that is no text costs one token
        sampling = {"temperature": 0.0, "max_tokens": most, "stop_token_ids": [self.tokenizer.eos_token_id]}
        asked = {"prompt": prompt.replace(BREAK, ""), "tokenized_prompt": tokens(self.tokenizer, prompt)}
        return {**row, **asked, "sampling_params": sampling}

    def postprocess(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return a row with the added columns."""
        text, problem = text_of(row[self.column])
        fields = refused(text, problem, self.added) if problem else self._fields(text, row)
        found = dict(zip(self.names, fields, strict=True))
        missing = {n: float("nan") for n, value in found.items() if is_number(n) and value is None}
        return {name: row[name] for name in self.columns} | found | missing

    def _fields(self, text: str, row: dict[str, Any]) -> Fields:
        answer = str(row["generated_text"]).strip()
        stopped = [int(token) for token in row["generated_tokens"]][-1:] == [self.tokenizer.eos_token_id]
        return fields_of(reply_of(self.task, text, answer, stopped), self.most)


def write_answers(
    rows: Any, columns: list[str], column: str, options: AnswerOptions, workers: int, counter: Any
) -> tuple[Any, tuple[str, ...]]:
    """Return the Ray dataset of answered rows, not computed yet, and the names of the added columns.

    Every worker is a replica of the model on one GPU, and must find the model's folder.

    Args:
        rows: the Ray dataset.
        columns: names of its columns.
        column: the one with the texts.
        options: how texts are answered.
        workers: number of replicas.
        counter: the actor that counts rows for the progress (`buqi.bulk.cluster.StatusCounter`).

    Raises:
        UsageError: options that vLLM's stage has no use for.
        BuqiError: no such model, or vLLM or what Ray's stage needs is missing.
    """
    try:
        from ray.data.llm import build_processor, vLLMEngineProcessorConfig
    except ImportError as error:
        raise BuqiError(f"--engine vllm needs {error.name}: pip install 'ray[llm]' on every worker") from error
    model = resolve(options.model_spec)
    stage = VllmStage(model, columns, column, options)
    config = vLLMEngineProcessorConfig(
        model_source=str(model),
        engine_kwargs={"enable_prefix_caching": True, "max_model_len": 2048},  # the instruction is computed once
        concurrency=workers,
        batch_size=STAGE_ROWS,
        chat_template_stage={"enabled": False},  # every row brings its prompt and the tokens of it
        tokenize_stage={"enabled": False},
        detokenize_stage={"enabled": False},
    )
    at = stage.names[stage.added.index("status")]

    def counted(row: dict[str, Any]) -> dict[str, Any]:
        found = stage.postprocess(row)
        counter.add.remote({found[at]: 1})
        return found

    return build_processor(config, preprocess=stage.preprocess, postprocess=counted)(rows), stage.added
