"""Ray, with a worker that is killed."""

from __future__ import annotations

import os

import polars as pl
import pytest

from buqi.answering import AnswerOptions
from buqi.bulk import Job, run_job
from buqi.bulk.level_columns import BESIDE
from buqi.errors import UsageError
from tests.bulk.conftest import MATCH, many


def test_ray_gives_what_one_machine_gives_though_a_worker_is_killed(tmp_path, monkeypatch):
    import ray

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


@pytest.mark.long
def test_only_empty_cells_are_filled_on_ray(tmp_path):
    import ray

    from buqi.bulk import cluster

    rows = {"省": ["", None, "61"], "市": ["西安", "", "610100"], "区": ["碑林区", "余杭区", None], "号": [1, 2, 3]}
    texts = {"地址": ["王小明 18291234567 长乐路1号", "文一西路969号", "碑林区长乐路2号"]}
    pl.DataFrame(rows | texts).write_parquet(tmp_path / "in.parquet")
    try:
        options = AnswerOptions("match", contact=True)
        out = str(tmp_path / "out")
        summary = cluster.run_ray(str(tmp_path / "in.parquet"), out, options=options, workers=1, fill=True)
        with pytest.raises(UsageError, match="--fill: no column holds a level"):
            cluster.run_ray(str(tmp_path / "in.parquet"), str(tmp_path / "no"), "地址", MATCH, workers=1, fill=True)
    finally:
        ray.shutdown()
    found = pl.read_parquet(tmp_path / "out").sort("号")
    assert found["省"].to_list() == ["陕西省", "浙江省", "61"] and found["市"].to_list() == ["西安", "杭州市", "610100"]
    assert found["区"].to_list() == ["碑林区", "余杭区", "碑林区"] and found["号"].to_list() == [1, 2, 3]
    assert found.columns == [*rows, *texts, *BESIDE, "name", "phone", "postcode"]
    assert found["phone"].to_list() == ["18291234567", "", ""] and summary.rows == 3


def test_the_input_is_never_the_result_on_ray(tmp_path, monkeypatch):
    import ray

    from buqi.bulk import cluster

    monkeypatch.setattr(ray, "init", lambda *_, **__: pytest.fail("it is refused before Ray starts"))
    folder = tmp_path / "in"
    folder.mkdir()
    file = folder / "a.parquet"
    pl.DataFrame({"地址": many(3)}).write_parquet(file)
    (tmp_path / "link").symlink_to(file)
    (tmp_path / "folder").symlink_to(folder)
    before = file.read_bytes()
    for source, out, said in (
        (file, file, "is the file of --file, which stays as it is"),
        (file, tmp_path / "link", "is the file of --file, which stays as it is"),
        (folder, tmp_path / "folder", "is the file of --file, which stays as it is"),
        (folder, folder / "done", "lies in the folder of --file, which stays as it is"),
        (tmp_path / "none.csv", tmp_path / "done", "none.csv: no such file"),
    ):
        with pytest.raises(UsageError, match=said):
            cluster.run_ray(str(source), str(out), options=MATCH)
    assert file.read_bytes() == before and sorted(p.name for p in tmp_path.iterdir()) == ["folder", "in", "link"]
