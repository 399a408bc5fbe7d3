"""Files come in, their progress is told, the result goes out."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import xlsxwriter

from tests.serve.conftest import upload, wait_for


def test_a_file_is_completed(client):
    data = "id,地址\n1,碑林区1号\n2,=cmd|calc\n3,nothing\n".encode()
    job = upload(client, "../../etc/客户.csv", data).json()
    assert job["name"] == "客户.csv" and job["status"] == "queued"
    with client.stream("GET", f"/v1/jobs/{job['id']}/events") as events:
        told = [json.loads(line[6:]) for line in events.iter_lines() if line.startswith("data: ")]
    assert told[-1]["status"] == "done" and told[-1]["rows"] == 3 and sum(told[-1]["counts"].values()) == 3
    reply = client.get(f"/v1/jobs/{job['id']}/result")
    assert "completed.csv" in reply.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(reply.content.decode())))
    assert rows[0]["county"] == "碑林区" and rows[1]["地址"] == "'=cmd|calc" and rows[1]["full"] == "'=cmd|calc"
    assert client.get(f"/v1/jobs/{job['id']}/review").status_code == 200
    assert job["id"] in [j["id"] for j in client.get("/v1/jobs").json()]
    assert client.delete(f"/v1/jobs/{job['id']}").status_code == 204
    assert client.get(f"/v1/jobs/{job['id']}").status_code == 404


def test_a_job_that_cannot_be_done_says_why_without_paths(client):
    job = upload(client, "x.csv", b"a,b\n1,2\n").json()
    found = wait_for(client, job["id"])
    assert found["status"] == "failed" and "Name it with" in found["error"] and "/" not in found["error"].split("?")[0]
    assert client.get(f"/v1/jobs/{job['id']}/result").status_code == 409
    named = upload(client, "x.csv", b"a,b\n1,2\n", column="b").json()
    assert wait_for(client, named["id"])["status"] == "done"


def test_a_contact_gets_columns_of_its_own(client):
    data = "地址\n王小明 18291234567 碑林区1号\n".encode()
    for form, added in (({"contact": "true"}, ["王小明", "18291234567", "碑林区"]), ({}, [None, None, "碑林区"])):
        job = upload(client, "x.csv", data, **form).json()
        assert wait_for(client, job["id"])["status"] == "done"
        reply = client.get(f"/v1/jobs/{job['id']}/result")
        (row,) = csv.DictReader(io.StringIO(reply.content.decode()))
        assert [row.get("name"), row.get("phone"), row["county"]] == added


def test_nothing_of_an_upload_that_failed_is_left(client, served):
    folder: Path = served[1].jobs.folder
    before = sorted(folder.iterdir())
    assert upload(client, "x.xlsx", b"PK no").status_code == 422
    assert upload(client, "x.csv", b"").status_code == 422
    assert sorted(folder.iterdir()) == before


def test_a_result_is_served_in_its_encoding_and_says_how_it_was_taken(client):
    job = upload(client, "x.csv", "编号;地址\n1;碑林区文昌路1号\n".encode("gbk")).json()
    found = wait_for(client, job["id"])
    assert found["guesses"] == ["read as GBK (GB18030)", "columns divided by ';'", "addresses in column 地址"]
    reply = client.get(f"/v1/jobs/{job['id']}/result")
    assert reply.headers["content-type"] == "text/csv; charset=gb18030" and "1;碑林区文昌路1号;陕西省" in reply.text
    wide = upload(client, "x.csv", "id,地址\n1,碑林区文昌路1号\n".encode("utf-16-le")).json()
    assert wait_for(client, wide["id"])["guesses"][0] == "read as UTF-16-LE"


def test_a_workbook_of_several_sheets_is_completed(client):
    import fastexcel
    import xlsxwriter

    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        book.add_worksheet("说明").write_row(0, 0, ["a", "b"])
        for name in ("客户", "仓库"):
            book.add_worksheet(name).write_column(0, 1, ["地址", f"碑林区{name}路1号"])
    for sheet, read in ((None, "客户"), ("仓库", "仓库")):
        job = upload(client, "x.xlsx", data.getvalue(), **({"sheet": sheet} if sheet else {})).json()
        found = wait_for(client, job["id"])
        assert found["status"] == "done"
        assert found["guesses"] == ([] if sheet else ["sheet 客户 is read, not 说明, 仓库"])
        out = fastexcel.read_excel(client.get(f"/v1/jobs/{job['id']}/result").content)
        assert out.sheet_names == ["说明", "客户", "仓库"]
        assert out.load_sheet(read).to_polars()["full"][0] == f"陕西省西安市碑林区{read}路1号"


def test_only_empty_cells_are_filled_and_rows_have_the_users_key(client):
    data = "客户号,省,市,区,地址\nA7,陕西,,碑林区,长乐路1号\nB9,,,鼓楼区,1号\n".encode()
    job = upload(client, "x.csv", data, fill="true", key="客户号").json()
    assert wait_for(client, job["id"])["status"] == "done"
    rows = list(csv.DictReader(io.StringIO(client.get(f"/v1/jobs/{job['id']}/result").content.decode())))
    assert [row["市"] for row in rows] == ["西安市", ""] and "full" not in rows[0]
    review = client.get(f"/v1/jobs/{job['id']}/review").content.decode("utf-8-sig")
    assert [row["客户号"] for row in csv.DictReader(io.StringIO(review))] == ["B9"]
    other = upload(client, "x.csv", data, key="号").json()
    assert wait_for(client, other["id"])["error"] == "key 号: the columns are 客户号, 省, 市, 区, 地址"


def test_a_workbook_of_many_sheets_is_shown_and_can_be_deleted(client):
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        for number in range(60):
            book.add_worksheet(f"二〇二四年第{number}周客户收货地址").write_column(0, 0, ["地址", "碑林区1号"])
    job = upload(client, "a.xlsx", data.getvalue()).json()["id"]
    found = wait_for(client, job)
    assert found["status"] == "done" and "第0周客户收货地址 is read, not 二〇二四年第1周" in " ".join(found["guesses"])
    assert job in [j["id"] for j in client.get("/v1/jobs").json()]
    assert client.delete(f"/v1/jobs/{job}").status_code == 204


def test_files_of_a_job_that_is_deleted_right_now(served, client):
    job = upload(client, "a.csv", "地址\n碑林区1号\n".encode()).json()["id"]
    assert wait_for(client, job)["status"] == "done"
    for path in served[1].jobs.job_folder(job).glob("out*"):
        path.unlink()
    for what in ("result", "review"):
        assert client.get(f"/v1/jobs/{job}/{what}").status_code == 404
    assert client.delete(f"/v1/jobs/{job}").status_code == 204


def test_fields_that_would_be_left_out(client):
    rows = b"address\nx\n"
    forms = {
        "columns: no such field": [("file", ("a.csv", rows)), ("columns", (None, "address"))],
        "file: given 2 times": [("file", ("a.csv", rows)), ("file", ("b.csv", rows))],
        "column: given 2 times": [("file", ("a.csv", rows)), ("column", (None, "x")), ("column", (None, "y"))],
        "file: expected a file with a name": [("file", (None, "address"))],
    }
    for said, form in forms.items():
        reply = client.post("/v1/jobs", files=form)
        assert reply.status_code == 422 and reply.json()["error"]["message"].startswith(said)


def test_a_field_that_no_upload_has_is_refused(client):
    """A mistyped name would let the column be guessed."""
    found = upload(client, "x.csv", b"a,b\n1,2\n", colum="b")
    assert found.status_code == 422 and found.json()["error"]["param"] == "colum"
    assert "there are file, column" in found.json()["error"]["message"]
