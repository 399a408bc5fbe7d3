"""A chat template stops where it would make gigabytes, and makes the same text as before otherwise."""

from __future__ import annotations

import time

import pytest
from transformers.utils import chat_template_utils

from buqi.base import load_tokenizer
from buqi.chat_template import Bounded, bound
from buqi.errors import BuqiError
from buqi.task import ROWS
from tests.conftest import TEMPLATE

DOUBLED = (
    "{% set ns = namespace(a='xxxxxxxx') %}{% for i in range(60) %}{% set ns.a = ns.a OPERATOR ns.a %}{% endfor %}"
)
LARGE = {
    "product": "{{ 'x' * 10000000000 }}",
    "loops": "{% for i in range(99999) %}{% for j in range(99999) %}xxxxxxxxxxxxxxxx{% endfor %}{% endfor %}",
    "silent loops": "{% for i in range(99999) %}{% for j in range(99999) %}{% set a = 1 %}{% endfor %}{% endfor %}",
    "loops over text": "{% set t = 'x' * 99999 %}{% for i in t %}{% for j in t %}{% endfor %}{% endfor %}",
    "product of a list": "{{ (['x' * 9999] * 100000000)|length }}",
    "reversed": "{{ 10000000000 * 'x' }}",
    "power": "{{ (9 ** (9 ** 9)) > 1 }}",
    "tilde": DOUBLED.replace("OPERATOR", "~"),
    "plus": DOUBLED.replace("OPERATOR", "+"),
    "percent": "{{ '%9999999999d' % 1 }}",
    "percent star": "{{ '%*d' % (9999999999, 1) }}",
    "format": "{{ '{:>9999999999}'.format(1) }}",
    "format nested": "{{ '{:>{}}'.format(1, 9999999999) }}",
    "method": "{{ 'x'.ljust(9999999999) }}",
    "filter": "{{ 'x'|center(9999999999) }}",
    "named": "{{ 'x\ny'|indent(width=9999999999) }}",
    "constant": "{% if 'x' * 9999999999 == 'y' ~ 'z' %}{% endif %}",
    "replace": "{% set t = 'x' * 99999 %}{{ t.replace('x', t) }}",
    "replace filter": "{% set t = 'x' * 99999 %}{{ t|replace('x', t) }}",
    "join": "{% set t = 'x' * 99999 %}{{ t|join(t) }}",
    "join method": "{% set t = 'x' * 99999 %}{{ t.join(t|list) }}",
    "block": "{% set b %}{% for i in range(99999) %}{{ 'x' * 99999 }}{% endfor %}{% endset %}{{ b|length }}",
    "macros": "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(90) }}",
    "lists": "{% set b %}{% for i in range(99999) %}{{ (['x'] * 999999)|length }}{% endfor %}{% endset %}{{ b }}",
    "lipsum": "{{ lipsum(n=999999999) }}",
}


class Written:
    """A tokenizer, as far as a prompt needs it."""

    def __init__(self, tokenizer, template):
        self.tokenizer, self.chat_template = tokenizer, template
        self.added_tokens_decoder = tokenizer.added_tokens_decoder

    def apply_chat_template(self, messages, **options):
        return self.tokenizer.apply_chat_template(messages, chat_template=self.chat_template, **options)


@pytest.fixture(scope="module")
def tokenizer(tiny):
    return load_tokenizer(tiny)


@pytest.mark.parametrize("kind", LARGE)
def test_rendering_stops(tokenizer, kind):
    began = time.monotonic()
    with pytest.raises(BuqiError, match="chat template makes no prompt"):
        ROWS.prompt_text(Written(tokenizer, LARGE[kind]), ["x"])
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    "template",
    [
        TEMPLATE,
        "{% for m in messages %}{{ loop.index0 + 1 }}/{{ loop.length }}{{ m.content|trim }}{{ loop.last }}{% endfor %}",
        "{% for m in messages if m.role == 'user' %}{{ m.content[1:] ~ '**%s**' % m.role }}{% else %}-{% endfor %}",
        "{% for k, v in messages[0].items() recursive %}{{ k|upper }}{{ '{}'.format(v) }}{% endfor %}",
        "{{ messages|tojson(indent=2) }}{{ messages|map(attribute='role')|join(', ') }}{{ [1, 2]|sum * 3 }}",
        "{% macro f(m) %}{{ caller() }}{{ m.role }}{% endmacro %}{% call f(messages[0]) %}x{{ 'ab' * 3 }}{% endcall %}",
        "{% for m in messages[::-1] %}{% if loop.first %}{% continue %}{% endif %}{{ m.role }}{% break %}{% endfor %}",
        "{% set ns = namespace(n=0) %}{% for i in range(5) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n ** 2 }}",
        "{% for m in messages %}{% generation %}{{ m.content.replace('a', 'b') }}{% endgeneration %}{% endfor %}",
    ],
)
def test_other_templates_make_the_same(template):
    plain = chat_template_utils._compile_jinja_template(template + "{# as it is #}")
    values = {"messages": [{"role": "user", "content": " abca "}, {"role": "assistant", "content": "鼓楼区"}]}
    bound(other := template + "{# another one #}")
    bounded = chat_template_utils._compile_jinja_template(other)
    assert isinstance(bounded.environment, Bounded) and not isinstance(plain.environment, Bounded)
    wanted = plain.render(**values, add_generation_prompt=True)
    assert bounded.render(**values, add_generation_prompt=True) == wanted and wanted


def test_a_long_chat_is_rendered(tokenizer):
    turns = ["甲" * 500 for _ in range(400)]
    assert len(ROWS.prompt_text(tokenizer, turns, turns[1:])) > 400_000
