"""From options to what answers texts; the command line, files, the service and comparisons all use it."""

from buqi.answering.answerers import AddressAnswerer, Answerer, WritingAnswerer, load, open_answerer
from buqi.answering.loading import asks_addresses, open_model
from buqi.answering.options import MOST_TOKENS, VLLM, AnswerOptions, given_options
from buqi.answering.replies import Reply, WrittenText, reply_of

__all__ = [
    "MOST_TOKENS",
    "VLLM",
    "AddressAnswerer",
    "AnswerOptions",
    "Answerer",
    "Reply",
    "WritingAnswerer",
    "WrittenText",
    "asks_addresses",
    "given_options",
    "load",
    "open_answerer",
    "open_model",
    "reply_of",
]
