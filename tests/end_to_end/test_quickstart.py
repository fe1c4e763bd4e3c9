"""The notebook in notebooks/, cell by cell, with a small model and few songs."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import nbclient
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
SMALL = "decoder.width=16 decoder.blocks=1 encoder.width=8 discriminator.channels=4 data.batch_size=2"
"""Changes of the preset."""


@pytest.fixture(scope="module")
def songs(tmp_path_factory) -> Path:
    """A few songs of the demo, in folders as the notebook expects them."""
    source, folder = ROOT / "tools" / "demo_songs", tmp_path_factory.mktemp("songs")
    for name in ("content", "band"):
        (folder / name).mkdir()
        for song in sorted((source / name).glob("*.ogg"))[:4]:
            shutil.copy(song, folder / name)
    (folder / "truth").mkdir()
    first = min((source / "truth").glob("*.source.*")).name.partition(".")[0]
    for song in (source / "truth").glob(f"{first}.*"):
        shutil.copy(song, folder / "truth")
    return folder


@pytest.mark.slow
def test_the_quickstart_runs_and_prints_its_measurements(songs, monkeypatch):
    settings = {"SONGS": str(songs), "STEPS": "8", "CHANGES": SMALL}
    for name, value in settings.items():
        monkeypatch.setitem(os.environ, f"COVERBAND_{name}", value)
    notebook = nbformat.read(ROOT / "notebooks" / "quickstart.ipynb", as_version=4)
    nbclient.NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(ROOT / "notebooks")}}
    ).execute()
    printed = "".join(output.get("text", "") for cell in notebook.cells for output in cell.get("outputs", ()))
    for name in ("source", "cover"):
        (line,) = (line for line in printed.splitlines() if line.startswith(f"{name}: "))
        assert 0 < float(line.split()[1]) < 100


def test_it_is_committed_without_outputs():
    cells = json.loads((ROOT / "notebooks" / "quickstart.ipynb").read_text())["cells"]
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
