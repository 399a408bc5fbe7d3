"""PaddleNLP's configuration keys that buqi has no use for: why, and what to use instead.

Keys and defaults as in PaddleNLP 3.0.0b4 (ModelConfig, DataConfig, GenerateArgument, ReftArgument, SFTConfig,
LlmMetaConfig, TrainingArguments). Such a key is accepted at its default, where it says nothing; any other value is
refused.
"""

from __future__ import annotations

from typing import Any

Reason = tuple[str, dict[str, Any]]

REASONS: tuple[Reason, ...] = (
    (
        "the tokenizer, its template and its special tokens are the base's own; name another base",
        {"tokenizer_name_or_path": None, "chat_template": None, "pad_token_id": 0},
    ),
    (
        "a custom operator of Paddle; torch chooses its own fused kernels",
        {
            "use_fast_layer_norm": False,
            "fuse_attention_qkv": None,
            "fuse_attention_ffn": None,
            "use_quick_lora": False,
            "flash_mask": False,
            "use_fused_rms_norm": False,
            "use_fused_rope": False,
            "use_fused_linear": False,
            "use_fused_dropout_add": False,
            "use_fused_linear_cross_entropy": False,
            "flatten_param_grads": False,
            "to_static": False,
            "enable_auto_parallel": False,
        },
    ),
    (
        "Qwen2 has no dropout of its own; use lora_dropout",
        {"hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1},
    ),
    ("training always begins from the base's weights", {"continue_training": True}),
    (
        "not among the methods here; use lora with rslora, dora, pissa or lora_plus_scale",
        {
            "lora_use_mixer": False,
            "use_mora": False,
            "vera": False,
            "vera_rank": 8,
            "lokr": False,
            "lokr_path": None,
            "lokr_dim": 8,
            "prefix_tuning": False,
            "prefix_path": None,
            "num_prefix_tokens": 128,
            "reft": False,
            "layers": "all",
            "position": "f7+l7",
            "intervention_type": "LoreftIntervention",
            "rank": 8,
            "act_fn": "linear",
            "add_bias": False,
            "dropout": 0.0,
        },
    ),
    (
        "nothing goes to or comes from AI Studio or PaddleCloud; model_name_or_path is a folder or a hub name",
        {
            "from_aistudio": False,
            "save_to_aistudio": False,
            "aistudio_repo_id": None,
            "aistudio_repo_private": True,
            "aistudio_repo_license": "Apache License 2.0",
            "aistudio_token": None,
            "pdc_download_ckpt": False,
            "pdc_download_timeout": 300,
        },
    ),
    (
        "rows are short here and Qwen2.5 reads 32,768 tokens; nothing is stretched",
        {
            "use_long_sequence_strategies": False,
            "rope_scaling_factor": 1.0,
            "strategy_type": None,
            "strategy_name": None,
            "use_pose_convert": False,
            "use_ssa": False,
            "ssa_group_size_ratio": 0.25,
        },
    ),
    (
        "rows come from dataset_name_or_path as src and tgt; see docs/data.md",
        {
            "task_name": None,
            "lazy": False,
            "autoregressive": False,
            "dataset_text_field": "text",
            "dataset_num_proc": None,
            "dataset_batch_size": 1000,
            "dataset_kwargs": None,
            "lazy_data_processing": True,
            "distributed_dataloader": False,
            "skip_data_intervals": None,
            "remove_unused_columns": True,
            "label_names": None,
        },
    ),
    (
        "rows are packed, never padded",
        {"pad_to_multiple_of": None, "pad_to_max_length": False, "eval_packing": None},
    ),
    ("use max_length", {"max_seq_length": 2048}),
    (
        "answers are written greedily; use buqi evaluate for a report of them",
        {"top_k": 1, "top_p": 1.0, "save_generation_output": False},
    ),
    (
        "use buqi bench train",
        {"benchmark": False, "autotuner_benchmark": False, "skip_profile_timer": True, "count_trained_tokens": False},
    ),
    (
        "the schedule ends with the run; choose another lr_scheduler_type",
        {"decay_steps": 0, "num_cycles": 0.5, "lr_end": 1e-07, "power": 1.0},
    ),
    (
        "a 0.5B model fits one device, so only data is divided: torchrun --nproc_per_node N -m buqi train",
        {
            "tensor_parallel_output": False,
            "tensor_parallel_rank": 0,
            "virtual_pp_degree": 1,
            "sharding": "",
            "sharding_degree": -1,
            "sharding_parallel_degree": -1,
            "sharding_parallel_mesh_dimension": "dp",
            "sharding_comm_buffer_size_MB": -1,
            "save_sharded_model": False,
            "load_sharded_model": False,
            "sep_parallel_degree": -1,
            "split_inputs_sequence_dim": True,
            "context_parallel_degree": -1,
            "expert_parallel_degree": -1,
            "expert_tensor_parallel_degree": -1,
            "data_parallel_config": "",
            "sequence_parallel": False,
            "fuse_sequence_parallel_allreduce": False,
            "sequence_parallel_config": "",
            "tensor_parallel_config": "",
            "pipeline_parallel_config": "",
            "sharding_parallel_config": "",
            "hybrid_parallel_topo_order": None,
            "local_rank": -1,
            "ddp_find_unused_parameters": None,
            "auto_parallel_resume_form_hybrid_parallel": False,
            "ordered_save_group_size": 0,
            "force_reshard_pp": False,
            "use_expert_parallel": False,
            "expert_max_capacity": 2**32,
            "expert_min_capacity": 1,
            "save_sharding_stage1_model_include_freeze_params": False,
            "log_on_each_node": True,
            "save_on_each_node": False,
        },
    ),
    (
        "an adapter is always one safetensors file, written whole or not at all",
        {
            "unified_checkpoint_config": "",
            "use_async_save": False,
            "ckpt_quant_stage": "O0",
            "ignore_save_lr_and_optim": False,
            "output_signal_dir": None,
        },
    ),
    (
        "resuming is exact: use --resume",
        {"resume_from_checkpoint": None, "ignore_data_skip": False, "ignore_load_lr_and_optim": False},
    ),
    (
        "use recompute alone",
        {
            "no_recompute_layers": None,
            "pp_recompute_interval": 1,
            "recompute_granularity": "full",
            "recompute_use_reentrant": False,
            "offload_recompute_inputs": False,
            "refined_recompute": "",
        },
    ),
    (
        "trained in fp32, or with bf16; there is no loss scale",
        {
            "amp_master_grad": False,
            "bf16_full_eval": False,
            "fp16_full_eval": False,
            "amp_custom_black_list": None,
            "amp_custom_white_list": None,
            "scale_loss": 2**15,
        },
    ),
    ("the GPU is used where there is one", {"no_cuda": False, "device": "gpu"}),
    ("AdamW is the only optimizer", {"optim": "adamw", "offload_optim": False, "release_grads": False}),
    ("use buqi merge, then buqi quantize", {"do_export": False}),
    (
        "loss and accuracy are always measured, on all rows of dev.json",
        {
            "prediction_loss_only": False,
            "max_evaluate_steps": -1,
            "minimum_eval_times": None,
            "past_index": -1,
            "dataloader_drop_last": False,
            "dataloader_num_workers": 0,
        },
    ),
    ("follows from metric_for_best_model: less loss, more accuracy", {"greater_is_better": None}),
    (
        "log.jsonl, curve.png and run.json lie in output_dir; report_to names a service, which reads its own settings",
        {
            "logging_dir": None,
            "logging_strategy": "steps",
            "logging_first_step": False,
            "run_name": None,
            "wandb_api_key": None,
            "wandb_http_proxy": None,
            "skip_memory_metrics": True,
            "metrics_output_path": None,
        },
    ),
    ("the model is described by its own config.json", {"model_init_kwargs": None}),
)

WHY = {key: why for why, keys in REASONS for key in keys}
DEFAULTS = {key: default for _, keys in REASONS for key, default in keys.items()}


def says_nothing(key: str, value: Any) -> bool:
    """Whether a key of PaddleNLP stands at its default, written as JSON or as on a command line."""
    default = DEFAULTS[key]
    return value is None or value == default or str(value).lower() == str(default).lower()
