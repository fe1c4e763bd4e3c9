"""A small exported model and a server process of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.inference.export import export
from pipelines.serving.server_process import ServerProcess
from tests.inference import tiny


@pytest.fixture(scope="package")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of models with one model: tiny, version 1."""
    folder = tmp_path_factory.mktemp("models")
    translator = tiny.trained(folder.parent / "run" / "translator")
    (folder / "tiny").mkdir()
    export(translator, folder.parent / "run" / "translator", folder / "tiny" / "1")
    return folder


@pytest.fixture(scope="package")
def scratch() -> Iterator[Path]:
    """Folder for the server's temporary files; short, as it is the beginning of addresses of sockets."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture(scope="package")
def server(
    exported: Path, scratch: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """Server of that folder, with small limits."""
    log = tmp_path_factory.mktemp("log") / "server"
    flags = ["--queue", "4", "--minutes", "1", "--megabytes", "8"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(scratch))
        process = ServerProcess(exported, log, flags)
    with process as running:
        yield running
    assert running.process.returncode == 0
    assert "Traceback" not in log.read_text(), log.read_text()
