"""Ray, with a worker that is killed."""

from __future__ import annotations

import os

import polars as pl
import pytest

from buqi.bulk import Job, run_job
from buqi.errors import UsageError
from tests.bulk.conftest import MATCH, many


def test_ray_gives_what_one_machine_gives_though_a_worker_is_killed(tmp_path, monkeypatch):
    ray = pytest.importorskip("ray")
    from buqi.bulk import cluster

    frame = pl.DataFrame({"n": range(3000), "地址": many(3000)})
    frame.write_parquet(tmp_path / "in.parquet")
    run_job(Job(tmp_path / "in.parquet", tmp_path / "one.parquet", options=MATCH))

    class Dies(cluster._Actor):
        def __call__(self, batch):
            mark = tmp_path / "died"
            if batch["n"][0] >= 1000 and not mark.exists():
                mark.touch()
                os._exit(1)
            return super().__call__(batch)

    monkeypatch.setattr(cluster, "_Actor", Dies)
    try:
        summary = cluster.run_ray(str(tmp_path / "in.parquet"), str(tmp_path / "many"), options=MATCH, workers=1)
    finally:
        ray.shutdown()
    assert (tmp_path / "died").exists() and summary.rows == 3000
    one = pl.read_parquet(tmp_path / "one.parquet").sort("n")
    other = pl.read_parquet(tmp_path / "many").sort("n").with_columns(pl.col("confidence").fill_nan(None))
    assert one.equals(other.select(one.columns))
    with pytest.raises(UsageError, match="exists"):
        cluster.run_ray(str(tmp_path / "in.parquet"), str(tmp_path / "many"))
