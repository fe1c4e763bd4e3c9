"""Workers that are killed, versions that are replaced, and an end that finishes what runs."""

import os
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.serving.test_server import Started
from tests import commands
from tests.inference import tiny
from tests.serving.songs import encoded

SONG = encoded(tiny.song(15.0))
TRANSLATE = "/v1/translate"


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 300
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


class Client(threading.Thread):
    """Sends the song, and keeps the answer."""

    def __init__(self, server: Started, query: str = "") -> None:
        super().__init__()
        self._server, self._query = server, query
        self.answer: tuple[int, bytes] | None = None

    def run(self) -> None:
        self.answer = self._server.call(TRANSLATE + self._query, SONG)


def half_way(server: Started, query: str = "") -> Client:
    """A client whose song is being played."""
    done = server.number("coverband_work_seconds_count")
    client = Client(server, query)
    client.start()
    until(lambda: server.number("coverband_work_seconds_count") > done)
    return client


def test_a_life(exported: Path, tmp_path: Path):
    """One server for all of it, since each takes seconds to start."""
    models = shutil.copytree(exported, tmp_path / "models")
    shutil.copytree(models / "tiny" / "1", tmp_path / "new")
    with Started(models, tmp_path / "log") as server:
        wanted = server.call(TRANSLATE, SONG)
        assert wanted[0] == 200

        killed = half_way(server)
        os.kill(server.workers()[0], signal.SIGKILL)
        killed.join()
        assert killed.answer == wanted
        assert server.number("coverband_workers_lost_total") == 1

        older = half_way(server, "?version=1")
        os.rename(tmp_path / "new", models / "tiny" / "2")
        until(lambda: b"AVAILABLE" in server.call("/v1/models/tiny/versions/2")[1])
        older.join()
        assert older.answer == wanted
        until(lambda: b"END" in server.call("/v1/models/tiny/versions/1")[1])
        assert server.call(TRANSLATE + "?version=1", SONG)[0] == 404

        last = half_way(server)
    last.join()
    assert last.answer == wanted
    assert server.process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "nowhere"], "nowhere is not a folder: name an exported model with --model"),
        (["--model", "."], ". holds no exported model: make one with `coverband export`"),
        (["--model", "damaged"], "no model could be loaded"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path: Path, arguments: list[str], message: str):
    (tmp_path / "damaged").mkdir()
    if "damaged" in arguments:
        (tmp_path / "damaged" / "saved_model.pb").write_bytes(b"words")
    done = commands.run("coverband.commands.serve", "--port", 0, *arguments, folder=tmp_path)
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.returncode == 1
