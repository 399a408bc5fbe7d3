"""Texts whose answer the table alone gives."""

from __future__ import annotations

from buqi.bench.law_trials import Forms
from buqi.divisions import load_table


def test_trials_of_a_county_have_every_form():
    forms = Forms(load_table())
    trials = list(forms.trials(load_table().by_code["610103"]))
    texts = {trial.text for trial in trials}
    assert {"碑林区", "陕西省西安市碑林区人民路12号", "西安碑林人民路12号", "碑林区第一中学"} <= texts
    assert {"陕西省<br>西安市<br>碑林区<br>人民路12号", "null陕西省西安市碑林区人民路12号"} <= texts
    assert len({trial.law for trial in trials}) >= 14
