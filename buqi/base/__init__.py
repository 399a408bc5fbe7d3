"""Where base weights come from, and what identifies them."""

from buqi.base.fingerprint import fingerprint
from buqi.base.gguf_file import tokenizer_of
from buqi.base.load import load_model, load_tokenizer
from buqi.base.spec import DEFAULT_SPEC, resolve

__all__ = ["DEFAULT_SPEC", "fingerprint", "load_model", "load_tokenizer", "resolve", "tokenizer_of"]
