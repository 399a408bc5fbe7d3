"""Keys of transformers, PEFT, TRL, LLaMA-Factory, ms-swift and axolotl: our name for each, or what to do instead."""

from __future__ import annotations

CALLED = {
    "adapter_name_or_path": "lora_path",
    "adapters": "lora_path",
    "attn_impl": "use_flash_attention",
    "attn_implementation": "use_flash_attention",
    "base_model": "model_name_or_path",
    "batch_size": "per_device_train_batch_size",
    "cutoff_len": "max_length",
    "dataset": "dataset_name_or_path",
    "datasets": "dataset_name_or_path",
    "dtype": "bf16",
    "epochs": "num_train_epochs",
    "evals_per_epoch": "eval_steps",
    "flash_attention": "use_flash_attention",
    "flash_attn": "use_flash_attention",
    "gradient_checkpointing": "recompute",
    "load_in_4bit": "weight_quantize_algo",
    "load_in_8bit": "weight_quantize_algo",
    "lora_model_dir": "lora_path",
    "lora_r": "lora_rank",
    "lora_target": "target_modules",
    "lora_target_linear": "target_modules",
    "lora_target_modules": "target_modules",
    "loraplus_lr_ratio": "lora_plus_scale",
    "lr": "learning_rate",
    "lr_scheduler": "lr_scheduler_type",
    "micro_batch_size": "per_device_train_batch_size",
    "model": "model_name_or_path",
    "model_max_length": "max_length",
    "neat_packing": "zero_padding",
    "num_epochs": "num_train_epochs",
    "packing": "zero_padding",
    "quant_bits": "weight_quantize_algo",
    "quant_method": "weight_quantize_algo",
    "quantization_bit": "weight_quantize_algo",
    "r": "lora_rank",
    "sample_packing": "zero_padding",
    "saves_per_epoch": "save_steps",
    "sequence_len": "max_length",
    "torch_dtype": "bf16",
    "train_batch_size": "per_device_train_batch_size",
    "use_dora": "dora",
    "use_rslora": "rslora",
}
# Keys without a counterpart, under what to do instead.
INSTEAD = {
    "set lora to true; without it every weight is trained": "adapter finetuning_type train_type tuner_type",
    "only src and tgt are learnt from (SFT); leave it out": "rlhf_type stage task trainer_type",
    "all rows are trained on; keep what is wanted in train.json": "max_samples",
    "dev.json is measured; buqi data import divides rows": "split_dataset_ratio val_set_size val_size",
    "the base's own template is used; leave it out": "template",
    "rows are read once and kept by buqi itself; leave it out": (
        "dataset_prepared_path overwrite_cache preprocessing_num_workers streaming"
    ),
    "answers alone are learnt; leave it out": (
        "assistant_only_loss completion_only_loss loss_scale mask_history train_on_inputs train_on_prompt"
    ),
    "the tokens are the base's own; leave it out": "add_special_tokens new_special_tokens special_tokens",
    "AdamW is the only optimizer; leave it out": "optimizer",
    "LoRA alone is trained, no biases; leave it out": "bias",
    "LoRA alone is trained, nothing beside it; leave it out": "additional_target modules_to_save",
    "adapter_config.json says it by itself; leave it out": "peft_type task_type",
    "no code of a base is run; leave it out": "trust_remote_code",
    "curve.png is always drawn; leave it out": "plot_loss",
    "report_to names a service, which reads its own settings; leave it out": "wandb_entity wandb_name wandb_project",
    "nothing is sent to a hub; leave it out": "hub_model_id push_to_hub",
}
WHAT_TO_DO = {key: said for said, keys in INSTEAD.items() for key in keys.split()}
