"""buqi (补齐): teach Qwen2.5-0.5B one job with LoRA, prove that it learned it, run it on a CPU."""
