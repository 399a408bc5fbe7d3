"""Count how doors are written: ``python -m buqi.fitting.doors ADDRESSES.csv --out doors.tsv``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from buqi.address.evidence.doors import FORMS, area_of, forms_in
from buqi.divisions import Matcher, load_matcher
from buqi.divisions.text import read
from buqi.errors import UsageError
from buqi.fitting.command import read_table, run
from buqi.places.placing import placed

RATIO_RANGE = -3.0, 3.5
PROVINCE, CITY = 5.0, 150.0  # addresses as which the share of the country, and of the province, counts in smoothing


def counted(addresses: list[str], matcher: Matcher) -> tuple[list[str], NDArray[np.int64], NDArray[np.int64]]:
    """Return codes of cities and provinces, how many addresses lie in each, and (forms, codes) how many have a form."""
    areas: list[str] = []
    found: list[list[int]] = []
    for address in addresses:
        match = matcher.match(address)
        if place := placed(match, matcher.table):
            areas.append(area_of(matcher.table, place[0]))
            found.append(forms_in(read(match.detail).plain))
    codes = sorted(set(areas))
    at = {code: number for number, code in enumerate(codes)}
    with_form = np.zeros((len(FORMS), len(codes)), dtype=np.int64)
    for area, forms in zip(areas, found, strict=True):
        with_form[forms, at[area]] += 1
    return codes, np.bincount([at[area] for area in areas], minlength=len(codes)), with_form


def ratios_of(codes: list[str], addresses: NDArray[np.int64], with_form: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (forms, codes): how much commoner each form is than in the middle of the provinces, natural logarithm.

    Shares of provinces are smoothed by the country's, those of cities by their province's.
    """
    provinces = sorted({code[:2] for code in codes})
    province = np.array([provinces.index(code[:2]) for code in codes])
    inside = np.eye(len(provinces))[province]
    everywhere = with_form.sum(1, keepdims=True) / addresses.sum()
    share = (with_form @ inside + PROVINCE * everywhere) / (addresses @ inside + PROVINCE)
    city = (with_form + CITY * share[:, province]) / (addresses + CITY)
    found: NDArray[np.float64] = np.clip(np.log((city + 1e-9) / (share.mean(1, keepdims=True) + 1e-9)), *RATIO_RANGE)
    return found


def main(
    addresses: Annotated[Path, typer.Argument(help="csv with a column address: full addresses.")],
    out: Annotated[Path, typer.Option(help="Where doors.tsv goes.")],
) -> None:
    """Count how doors are written, and write what that says about a city.

    Raises:
        UsageError: the table has no column ``address``, or nothing in it lies in a county.
    """
    texts = read_table(addresses, ("address",), ",")["address"].to_list()
    codes, sizes, with_form = counted(texts, load_matcher())
    if not codes:
        raise UsageError(f"{addresses}: no address names a county that the table has")
    tenths = np.rint(ratios_of(codes, sizes, with_form) * 10).astype(int)
    lines = ["\t".join(["form", *codes])]
    lines += ["\t".join([name, *map(str, row)]) for name, row in zip(FORMS, tenths.tolist(), strict=True)]
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    run(main)
