"""街 ends the name of a subdistrict or of a street; what stands behind tells which."""

from __future__ import annotations

import pytest

from buqi.divisions.brief_kinds import is_brief

GUANGZHOU, HANGZHOU = "440103", "330102"


@pytest.mark.parametrize(
    ("name", "behind", "county"),
    [
        ("西村", "西湾路", GUANGZHOU),
        ("劝业场", "和平路5号", "120101"),
        ("下瓦房", "南华里3号", "120103"),
        ("桂城", "", "440605"),
        ("桂城", "南海大道", "440605"),
        ("新华", "新华路", HANGZHOU),
        ("南园", "南园路", HANGZHOU),
        ("清波", "解放路5号", HANGZHOU),
        ("嘉陵道", "西侧", "120104"),
    ],
)
def test_a_subdistrict(name: str, behind: str, county: str) -> None:
    text, end = f"{name}街{behind}", len(name)
    assert is_brief(text, 0, (end, end + 1), county)


@pytest.mark.parametrize(
    ("name", "behind", "county"),
    [
        ("西村", "西侧", GUANGZHOU),
        ("新华", "西段12号", GUANGZHOU),
        ("新兴", "南口", "120101"),
        ("新兴", "西一巷", "120101"),
        ("新兴", "东路5号", GUANGZHOU),
        ("新兴", "和平路交叉口", "120101"),
        ("新兴", "与和平路交口", "120101"),
        ("和平", "和平路交叉口", HANGZHOU),
        ("清波", "南山路", HANGZHOU),
        ("清波", "", HANGZHOU),
    ],
)
def test_a_street(name: str, behind: str, county: str) -> None:
    text, end = f"{name}街{behind}", len(name)
    assert not is_brief(text, 0, (end, end + 1), county)
