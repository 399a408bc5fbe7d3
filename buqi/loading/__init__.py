"""Models, adapters and GGUF files, opened by what the user names."""

from buqi.loading.models import SHIPPED, TUNED, UNTUNED, OpenedModel, adapter_for, base_of, load

__all__ = ["SHIPPED", "TUNED", "UNTUNED", "OpenedModel", "adapter_for", "base_of", "load"]
