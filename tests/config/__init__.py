MINIMUM = {"dataset_name_or_path": "d", "output_dir": "o", "do_train": True, "lora": True}
