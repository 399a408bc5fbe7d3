"""Options that several commands have, with the same sentence in each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Option

from buqi.machine import use_device

LOOPBACK = ("127.0.0.1", "localhost", "::1")  # hosts that this machine alone can ask

Json = Annotated[bool, Option("--json", help="Print JSON.")]
Memory = Annotated[Path | None, Option(help="Folder of buqi places; $BUQI_PLACES if not given.")]
Threshold = Annotated[float | None, Option(help="Confidence below which no answer is given.", min=0, max=1)]
Sheet = Annotated[str | None, Option(help="The sheet of an xlsx file that has several.")]
Encoding = Annotated[str | None, Option(help="Of a text file: utf-8, gbk, utf-16 …; found if not given.")]
Column = Annotated[str | None, Option(help="The column with the addresses; found if not named.")]
Hub = Annotated[str, Option(help="Hub for owner/name: huggingface or modelscope.")]
Base = Annotated[str, Option(help="The base it was trained on.")]
Device = Annotated[
    str, Option(help="Where models are computed: auto (a GPU where there is one), cpu, cuda.", callback=use_device)
]
Overwrite = Annotated[bool, Option("--overwrite", help="Replace output_path if it exists.")]
