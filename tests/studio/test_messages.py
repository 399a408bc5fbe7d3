"""The Chinese page tells errors in Chinese, whichever command they come from."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

import buqi
from buqi.config.elsewhere import INSTEAD
from buqi.studio.messages import in_chinese, message_in, patterns, translated_in
from buqi.studio.texts import Texts, read_texts

PACKAGE = Path(buqi.__file__).parent
# Files whose messages a person at the page causes: a wrong name, file, column, sheet, region, question.
TOLD = (
    "studio/*.py", "rows/cells.py", "rows/importing.py", "rows/read.py", "synthesis/*.py", "encoding.py",
    "serve/uploads.py", "bulk/tables.py", "bulk/workbook.py", "bulk/delimited.py", "bulk/columns.py", "base/spec.py",
    "places/learning.py", "files.py",
)  # fmt: skip
NOT_OF_A_PAGE = ("--encoding", "--out ", "{option} ", "damage ", "{target} exists; name another")
RAISED = ("BuqiError", "UsageError", "Problem", "explained")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def template(node: ast.expr, texts: dict[str, str]) -> str:
    """Return a message with ``{…}`` where a value stands, but for constant ``texts``; empty if it is made elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(v.value) if isinstance(v, ast.Constant) else texts.get(name := ast.unparse(v.value), "{" + name + "}")  # type: ignore[attr-defined]
            for v in node.values
        )
    return ""


def texts_of(path: Path) -> dict[str, str]:
    """Return the constants of a module that are texts."""
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
    return {key: text for key, text in vars(import_module(name)).items() if key.isupper() and isinstance(text, str)}


def templates() -> list[tuple[str, str]]:
    found = []
    for path in (path for pattern in TOLD for path in sorted(PACKAGE.glob(pattern))):
        texts = texts_of(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISED:
                at = int(getattr(node.func, "id", "") == "Problem")
                said = template(node.args[at], texts) + " (X)" * (getattr(node.func, "id", "") == "explained")
                if re.search(r"[a-z]{3}", re.sub(r"\{.*?\}", "", said)) and not said.startswith(NOT_OF_A_PAGE):
                    found.append((path.name, said))
    return found


@pytest.mark.parametrize(("file", "said"), templates())
def test_every_message_of_the_page_is_known_in_chinese(file, said):
    said = re.sub(r"\{counted\([^{}]*['\"](\w+)['\"]\)\}", r"2 \1s", said)
    for line in re.sub(r"\{(?:[^{}]|\{[^{}]*\})*\}", "X", said).split("\n"):
        found = in_chinese(line)
        assert found and CHINESE.search(found), f"{file}: {line}"


@pytest.mark.parametrize("said", INSTEAD)
def test_what_is_said_of_other_toolkits_keys_is_known_in_chinese(said):
    assert (in_chinese(f"  key: no such key; {said}") or "").startswith("  key：没有这个配置项；")


def test_what_is_named_stands_in_the_translation_and_lines_stay_lines():
    said = "configuration: 2 mistakes\n  lora_rnk: no such key; did you mean lora_rank?\n  of no known kind"
    assert in_chinese(said) == "配置有 2 处错误：\n  lora_rnk：没有这个配置项；是不是 lora_rank？\n  of no known kind"
    assert in_chinese("of no known kind") is None
    for zh, en in ((Texts("zh"), Texts("en")),):
        assert message_in(zh, "what?") == "没有成功。程序的原话（英文）：what?" and message_in(en, "what?") == "what?"
        assert translated_in(zh, "county not named") == "没有写区县" and translated_in(en, "duplicate") == "duplicate"
        assert translated_in(zh, "what?") == "what?"


@pytest.mark.parametrize(("english", "chinese"), [
    ("loading the base", "正在载入基座"),
    ("measuring dev: 80 of 102 rows", "正在衡量验证份：80 / 102 行"),
    ("step 3/20  epoch 0.10  loss 1.103  grad_norm 7.357  learning_rate 0.00099", "第 3/20 步  第 0.10 遍  损失 1.103"),
    ("step 20/20  epoch 2  eval_loss 1  eval_accuracy 0.5  eval_exact_match 0.2", "完全一致 0.2"),
    ("takes   about 3.2 GB and 13 min, evaluations not counted", "内存 3.2 GB，13 分钟"),
    ("warning: 1 row twice in a set (first: a:2: same as a:1); see buqi data check", "注意：1 行重复"),
    ("configuration: 1 mistake", "配置有 1 处错误"),
    ("too long: 1 row (nothing is cut silently)", "1 行太长"),
    ("quantising: tensor 3 of 290", "第 3 / 290 个张量"),
    ("buqi: x.csv: no rows in it", "x.csv：里面没有数据"),
    ("which column holds the addresses? Name it with --column: a, b, … and 160 more", "a, b, ……等 160 个"),
])  # fmt: skip
def test_lines_of_a_log_are_known_in_chinese(english, chinese):
    assert chinese in translated_in(Texts("zh"), english) and translated_in(Texts("en"), english) == english


def test_braces_of_what_is_named_are_text():
    assert in_chinese("prompt template '{x} {y}': must contain {text} exactly once") == (
        "提示词 '{x} {y}'：必须正好含有一次 {text}"
    )


def test_translations_name_what_the_message_names_and_no_option_of_a_command():
    pairs = read_texts("messages_zh.yaml")
    assert len(patterns()) == len(pairs) == len({english for english, _ in pairs})
    for english, chinese in pairs:
        places = set(re.findall(r"\{([a-z])\}", chinese))
        assert places <= set(re.findall(r"\{([a-z])\}", english)), english
        assert CHINESE.search(chinese) and ("--" not in chinese or "buqi studio --" in chinese), english
