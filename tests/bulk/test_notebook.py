"""The notebook of the documentation runs, and what stands in it is what comes out."""

from __future__ import annotations

from pathlib import Path

import nbformat

NOTEBOOK = Path(__file__).parents[2] / "docs" / "how-to" / "python.ipynb"


def outputs(notebook) -> list[str]:
    found = []
    for cell in notebook.cells:
        for output in (o for o in cell.get("outputs", []) if o.get("name") != "stderr"):  # it says what is made once
            assert output.output_type != "error"
            found.append(str(output.get("data", {}).get("text/plain", output.get("text", ""))))
    return found


def test_the_notebook_runs(tmp_path, monkeypatch):
    from nbclient import NotebookClient

    monkeypatch.setenv("BUQI_PLACES", str(tmp_path / "places"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    shown = outputs(notebook)
    assert len(shown) >= 8, "committed as run"
    NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    assert outputs(notebook) == shown
