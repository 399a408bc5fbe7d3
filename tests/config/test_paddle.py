from __future__ import annotations

import re

import pytest

from buqi.config import Config, make_config
from buqi.config.paddle import DEFAULTS, WHY
from buqi.errors import UsageError
from tests.config import MINIMUM


def test_every_key_of_paddlenlp_is_known_and_harmless_at_its_default():
    config = make_config(MINIMUM | DEFAULTS)
    assert config == make_config(MINIMUM)
    for key, why in WHY.items():
        assert key not in Config.model_fields
        with pytest.raises(UsageError, match=re.escape(why)):
            make_config(MINIMUM | {key: "something else"})
