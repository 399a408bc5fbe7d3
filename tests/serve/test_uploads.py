"""Files that are not what they say, or unpack to more than they may."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest


def xlsx(entries: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in entries.items():
            book.writestr(name, content)
    return data.getvalue()


UPLOADS = {
    "csv that is a program": ("a.csv", b"\x7fELF\x00\x00", 422),
    "csv that is a zip": ("a.csv", xlsx({"a": b"1"}), 422),
    "unknown kind": ("a.exe", b"MZ", 415),
    "no name": ("", b"a,b", 422),
    "parquet that is none": ("a.parquet", b"PAR0" * 9, 422),
    "xlsx that is a zip of something": ("a.xlsx", xlsx({"hello": b"1"}), 422),
    "gz that is none": ("a.csv.gz", b"hello", 422),
    "gz cut off": ("a.csv.gz", gzip.compress(b"a,b\n" * 1000)[:30], 422),
    "gz bomb": ("a.csv.gz", gzip.compress(b"0" * 30_000_000), 413),
    "xlsx bomb": ("a.xlsx", xlsx({"xl/workbook.xml": b"x", "xl/s.xml": b"0" * 30_000_000}), 413),
    "too large": ("a.csv", b"a,b\n" * 900_000, 413),
    "pickle": ("a.pkl", b"\x80\x04.", 415),
}


@pytest.mark.parametrize("case", list(UPLOADS))
def test_uploads(client, case):
    name, data, status = UPLOADS[case]
    assert client.post("/v1/jobs", files={"file": (name, data)}).status_code == status


def test_an_xlsx_whose_directory_lies(client):
    data = bytearray(xlsx({"xl/workbook.xml": b"x", "xl/s.xml": b"0" * 30_000_000}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")  # the size that it says
    assert client.post("/v1/jobs", files={"file": ("a.xlsx", bytes(data))}).status_code in (413, 422)
