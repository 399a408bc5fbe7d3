"""What a service may do if nothing is said is what the command says."""

from __future__ import annotations

import inspect
import re
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from buqi.cli.serve import serve
from buqi.serve.settings import ServiceSettings


def test_the_command_has_the_same_defaults():
    said = {name: parameter.default for name, parameter in inspect.signature(serve).parameters.items()}
    settings = ServiceSettings(Path("data"))
    for name in ("rate", "queue", "timeout", "at_once", "patience", "log_text", "keys", "adapters_dir"):
        assert getattr(settings, name) == said[name], name
    assert settings.upload_bytes == said["upload_mb"] * 1_000_000
    assert settings.origins == () and settings.chat is None, "closed, and no model"


def test_every_setting_is_explained_and_none_changes_later():
    told = dict(re.findall(r"^    (\w+): .*  # (\w.+)$", inspect.getsource(ServiceSettings), re.MULTILINE))
    assert [f.name for f in fields(ServiceSettings)] == list(told)
    with pytest.raises(FrozenInstanceError):
        ServiceSettings(Path("data")).queue = 1
