"""A thin `transformers.Trainer` whose batches are packs with a shared prefix."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import Trainer
from transformers.trainer_utils import rotate_checkpoints

from buqi.config import Config
from buqi.engine import TorchEngine
from buqi.errors import BuqiError
from buqi.machine import UnusedHeap
from buqi.rows import Row
from buqi.seal import seal, sealed
from buqi.task import Encoded, Task
from buqi.tune.adapter import parameter_groups
from buqi.tune.checkpoints import last_checkpoint
from buqi.tune.finite import FiniteCheck
from buqi.tune.neftune import EmbeddingNoise
from buqi.tune.process import add_gradients, barrier, rank, world_size
from buqi.tune.step_loss import StepLoss

ANSWER_TOKENS = 128


class PackedTrainer(Trainer):  # type: ignore[misc, unused-ignore]
    """Trains on packs: one batch of the loader is all rows of one optimizer step.

    Args:
        config: the run's configuration, for what the Trainer's arguments cannot say (packs, LoRA+, NEFTune).
        dev: rows for exact match by generation.
        **kwargs: as for `transformers.Trainer`; ``train_dataset`` and ``eval_dataset`` hold `Encoded` rows.
    """

    def __init__(self, *, task: Task, config: Config, dev: Sequence[Row] = (), **kwargs: Any) -> None:
        self.optimizer: Any = None
        super().__init__(data_collator=list, **kwargs)
        self.task, self.config, self.dev = task, config, dev
        self.noise = EmbeddingNoise(self.model, config.neftune_noise_alpha) if config.neftune else None
        self.say: Callable[[str], None] = lambda text: warnings.warn(text, stacklevel=2)
        self.losses = StepLoss(config, lambda text: self.say(text))
        self.finite = FiniteCheck()
        self.interrupted: Callable[[], bool] = lambda: False
        self.measuring: Callable[[str, int, int], None] = lambda name, done, of: None
        self.trained_rows = 0
        self.heap = UnusedHeap()

    @property
    def checks_each_step(self) -> bool:
        """Whether every step's loss and gradient are checked at once. On a GPU the program would wait for them."""
        return bool(self.args.device.type == "cpu")

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> torch.Tensor:
        """Run forward and backward over the rows of one step; return their mean loss per trained token.

        With several processes, each gets all rows of the step and computes its share. The gradients are added.
        """
        rows: list[Encoded] = inputs
        model.train()
        self.losses.decide(model, rows)
        mean: torch.Tensor = self._in_memory(lambda: self._gradients(model, rows), rows)
        # with a loss scaler gradients may overflow: it skips such a step and takes a smaller scale
        trained = [p for p in model.parameters() if p.requires_grad] if self.accelerator.scaler is None else []
        self.finite.add(self.state.global_step + 1, rows, mean, trained)
        if self.checks_each_step:
            self._stop_unless_finite()
        self.trained_rows += len(rows)
        self.heap.trim_if_grown()
        return mean

    def _gradients(self, model: Any, rows: Sequence[Encoded]) -> torch.Tensor:
        """Compute the gradients of a step and return its mean loss per trained token."""
        count = sum(sum(row.trained) for row in rows)
        total = torch.zeros((), device=self.args.device)
        mine = rows[rank() :: world_size()]
        groups = self.losses.groups(mine) if mine else []
        fused = self.losses.fused is not None  # it bypasses accelerate's wrapper, so gradients are added here
        for number, (group, pack) in enumerate(groups, 1):
            with nullcontext() if number == len(groups) else self.accelerator.no_sync(model):
                with self.noise.over(pack, group) if self.noise else nullcontext():
                    loss = self.losses.loss(model, group, pack)[0]
                # accelerate averages the gradients of processes; the factor makes a sum of it
                self.accelerator.backward(loss * (1 if fused else world_size()) / count)
            total += loss.detach()
        if world_size() > 1:
            if fused:
                add_gradients(model)
            elif not mine:  # fewer rows than processes: accelerate waits for a gradient of each
                self.accelerator.backward(self.losses.loss(model, *self.losses.groups(rows[:1])[0])[0] * 0.0)
            torch.distributed.all_reduce(total)
        return total / count

    def _in_memory(self, compute: Callable[[], Any], rows: Sequence[Encoded]) -> Any:
        """Return what ``compute`` returns. Where the device's memory is full, halve the packs and try once more.

        Raises:
            BuqiError: it is full with smaller packs too, or they cannot be made smaller.
        """
        for last in (False, True):
            with suppress(torch.OutOfMemoryError):  # the error holds the attempt's memory until it is handled
                return compute()
            self.model.zero_grad()
            torch.cuda.empty_cache()
            if last or not self.losses.shrink(rows):
                break
            self.say(f"the device's memory was full: packs of {self.losses.budget} tokens from here on, half as large")
        full = f"the device's memory is full with packs of {self.losses.budget} tokens"
        raise BuqiError(
            f"step {self.state.global_step + 1}: {full}; free some of it, set recompute true, or train on shorter rows"
        )

    def _maybe_log_save_evaluate(self, *args: Any, **kwargs: Any) -> None:
        if self.control.should_log or self.control.should_evaluate or self.control.should_save:
            self._stop_unless_finite()
        super()._maybe_log_save_evaluate(*args, **kwargs)

    def train(self, *args: Any, **kwargs: Any) -> Any:
        """Train as `transformers.Trainer` does; `BuqiError` where loss or gradient was not finite."""
        done = super().train(*args, **kwargs)
        self._stop_unless_finite()
        return done

    def get_train_dataloader(self) -> Any:
        """Return the loader of whole steps. Every process gets all rows of a step, in the order of a single process."""
        if world_size() == 1:
            return super().get_train_dataloader()
        from accelerate.data_loader import prepare_data_loader
        from torch.utils.data import DataLoader, RandomSampler

        generator = torch.Generator()
        generator.manual_seed(self.args.data_seed if self.args.data_seed is not None else self.args.seed)
        sampler = RandomSampler(self.train_dataset, generator=generator)
        loader: Any = DataLoader(
            self.train_dataset,
            batch_size=self.args.train_batch_size,
            sampler=sampler,
            collate_fn=self.data_collator,
        )
        return prepare_data_loader(
            loader, num_processes=1, process_index=0, put_on_device=False, use_seedable_sampler=True
        )

    def _stop_unless_finite(self) -> None:
        """End a run whose numbers are no longer finite; no checkpoint is written after such a step."""
        bad = self.finite.first_bad()
        if bad is None:
            return
        texts = [self.processing_class.decode(row.ids[-12:]).replace("\n", " ").strip() for row in bad.rows[:4]]
        kept = last_checkpoint(Path(self.args.output_dir))
        value = bad.value if bad.what == "loss" else "not finite"
        raise BuqiError(
            f"step {bad.number}: the {bad.what} is {value}; {kept or 'no checkpoint'} is kept.\n"
            f"  the step's {len(bad.rows)} rows end in: {' | '.join(texts)}\n"
            "  lower learning_rate, or look at these rows"
        )

    def create_optimizer(self, model: Any = None) -> Any:
        """Return AdamW; with LoRA+ its B matrices have their own learning rate."""
        if self.optimizer is None and self.config.lora_plus_scale != 1:
            kind, arguments = self.get_optimizer_cls_and_kwargs(self.args, self.model)
            self.optimizer = kind(parameter_groups(self.model, self.config), **arguments)
        return super().create_optimizer() if self.optimizer is None else self.optimizer

    def _prepare_inputs(self, inputs: Any) -> Any:
        return inputs  # rows and no tensors yet: packs are moved to the device

    def evaluate(
        self,
        eval_dataset: Any = None,
        ignore_keys: list[str] | None = None,
        metric_key_prefix: str = "eval",
    ) -> dict[str, float]:
        """Return mean loss and teacher-forced token accuracy over the dev rows, and exact match if asked for."""
        rows = self.eval_dataset if eval_dataset is None else eval_dataset
        metrics = self.measure(rows)
        if self.config.eval_with_do_generation and (some := self.dev[: self.config.exact_match_rows]):
            metrics["exact_match"] = self.exact_match(some)
        named = {f"{metric_key_prefix}_{key}": value for key, value in metrics.items()}
        self.log(named)
        self.callback_handler.on_evaluate(self.args, self.state, self.control, named)
        return named

    def measure(self, rows: Sequence[Encoded], name: str = "dev") -> dict[str, float]:
        """Return ``loss`` (nats per token) and ``accuracy`` (share of answer tokens ranked first, the right ones
        before them given) over ``rows``; ``name`` is shown meanwhile.
        """
        self.losses.decide(self.model, rows[: self.args.eval_batch_size])
        self.model.eval()
        loss = hits = torch.zeros((), dtype=torch.float64)
        with torch.inference_mode():
            for start in range(0, len(rows), self.args.eval_batch_size):
                if self.interrupted() and not self.is_in_train:  # in training a checkpoint comes right after
                    raise KeyboardInterrupt
                batch = rows[start : start + self.args.eval_batch_size]
                one, right = self._in_memory(partial(self._measured, batch), batch)
                loss, hits = loss + one, hits + right
                self.measuring(name, start + len(batch), len(rows))
        count = sum(sum(row.trained) for row in rows)
        return {"loss": float(loss) / count, "accuracy": float(hits) / count}

    def _measured(self, rows: Sequence[Encoded]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the summed loss and the hits of some rows, on the CPU."""
        found = [self.losses.loss(self.model, group, pack) for group, pack in self.losses.groups(rows)]
        return torch.stack([f[0] for f in found]).cpu().double().sum(), torch.stack([f[1] for f in found]).cpu().sum()

    def exact_match(self, rows: Sequence[Row], name: str = "dev") -> float:
        """Return the share of rows whose last answer the model writes exactly, greedily."""
        engine = TorchEngine.around(self.model.eval(), self.processing_class)
        prompts = [self.task.prompt_text(self.processing_class, row.src, row.tgt[:-1], row.system) for row in rows]
        done = 0

        def answered(more: int) -> None:
            nonlocal done
            self.measuring(f"exact match of {name}", done := done + more, len(rows))

        answers = engine.generate(prompts, ANSWER_TOKENS, progress=answered)
        right = sum(self.task.same(a.text, row.tgt[-1]) for a, row in zip(answers, rows, strict=True))
        return right / len(rows)

    def _save(self, output_dir: str | None = None, state_dict: dict[str, Any] | None = None) -> None:
        # Only the adapter: no pickled training_args.bin, and no copy of the tokenizer in every checkpoint.
        folder = output_dir or self.args.output_dir
        adapter = {"save_embedding_layers": False} if hasattr(self.model, "peft_config") else {}
        self.model.save_pretrained(folder, state_dict=state_dict, **adapter)
        (Path(folder) / "README.md").unlink(missing_ok=True)

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        folder = Path(self.args.output_dir) / f"checkpoint-{self.state.global_step}"
        if sealed(folder):  # evaluated and saved at the same step already
            return
        try:
            super()._save_checkpoint(model, trial)
            barrier()
            if rank() != 0:
                return
            seal(folder)
            # The Trainer's own rotation would delete the old checkpoint before the new one has its seal.
            rotate_checkpoints(
                output_dir=self.args.output_dir,
                save_total_limit=self.config.save_total_limit,
                best_model_checkpoint=self.state.best_model_checkpoint,
                use_mtime=True,
            )
        except (OSError, RuntimeError, SafetensorError) as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise BuqiError(
                f"{folder} could not be written ({error}); nothing half-written is left.\n"
                "  make room and go on with --resume from the checkpoint before it"
            ) from error
