"""Killed workers, replaced versions, and the graceful shutdown."""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.serving.server_process import ServerProcess
from tests import commands
from tests.inference import tiny
from tests.serving.songs import encoded

SONG = encoded(tiny.song(15.0))
TRANSLATE = "/v1/translate"


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


class Client(threading.Thread):
    """Client that sends the song and keeps the response."""

    def __init__(self, server: ServerProcess, query: str = "") -> None:
        super().__init__()
        self._server, self._query = server, query
        self.response: tuple[int, bytes] | None = None

    def run(self) -> None:
        self.response = self._server.call(TRANSLATE + self._query, SONG)


def start_client(server: ServerProcess, query: str = "") -> Client:
    """Client whose song is being translated."""
    done = server.metric("coverband_work_seconds_count")
    client = Client(server, query)
    client.start()
    wait_until(lambda: server.metric("coverband_work_seconds_count") > done)
    return client


@pytest.mark.slow
def test_the_lifecycle_of_a_server(exported: Path, tmp_path: Path):
    """One server for all cases, since each takes seconds to start."""
    models = shutil.copytree(exported, tmp_path / "models")
    shutil.copytree(models / "tiny" / "1", tmp_path / "new")
    with ServerProcess(models, tmp_path / "log") as server:
        expected = server.call(TRANSLATE, SONG)
        assert expected[0] == 200

        killed = start_client(server)
        os.kill(server.worker_pids()[0], signal.SIGKILL)
        killed.join()
        assert killed.response == expected
        assert server.metric("coverband_workers_lost_total") == 1

        older = start_client(server, "?version=1")
        os.rename(tmp_path / "new", models / "tiny" / "2")
        wait_until(lambda: b"AVAILABLE" in server.call("/v1/models/tiny/versions/2")[1])
        older.join()
        assert older.response == expected
        wait_until(lambda: b"END" in server.call("/v1/models/tiny/versions/1")[1])
        assert server.call(TRANSLATE + "?version=1", SONG)[0] == 404

        last = start_client(server)
    last.join()
    assert last.response == expected
    assert server.process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "nowhere"], "nowhere is not a folder: name an exported model, or a run, with --model"),
        (["--model", "."], ". holds no exported model: make one with `coverband export`"),
        (["--model", "damaged"], "no model could be loaded"),
    ],
)
def test_a_user_error_is_one_sentence(tmp_path: Path, arguments: list[str], message: str):
    (tmp_path / "damaged").mkdir()
    if "damaged" in arguments:
        (tmp_path / "damaged" / "saved_model.pb").write_bytes(b"words")
    done = commands.run("coverband.commands.serve", "--port", 0, *arguments, folder=tmp_path)
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 1
