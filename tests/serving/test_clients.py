"""The commands and the Python client of the README."""

import io
import shutil
import subprocess
from pathlib import Path

import pytest

from pipelines.serving import client
from pipelines.serving.server_process import ServerProcess
from tests.inference import tiny
from tests.inference.stem_songs import accompaniment, voice
from tests.serving.songs import decoded, encoded, form

pytestmark = pytest.mark.slow

README = Path(client.__file__).with_name("README.md")
SONG = tiny.song(1.0)


def test_python(server: ServerProcess):
    cover = io.BytesIO()
    client.translate(server.url, io.BytesIO(encoded(SONG)), cover)
    assert decoded(cover.getvalue()).shape == SONG.shape
    assert decoded(client.predict(server.url, "tiny", encoded(SONG))).shape == SONG.shape


def test_python_with_a_stem(server: ServerProcess):
    singer = voice(2.0)
    song, cover, expected = encoded(accompaniment(2.0) + singer), io.BytesIO(), io.BytesIO()
    vocals = encoded(singer)
    client.translate(server.url, io.BytesIO(song), cover, vocals=io.BytesIO(vocals), vocals_level=3.0)
    status, content = server.call("/v1/translate?vocals_level=3", *form({"song": song, "vocals": vocals}))
    assert (status, content) == (200, cover.getvalue())
    client.translate(server.url, io.BytesIO(song), expected)
    assert content != expected.getvalue()


def test_the_command(server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    singer = voice(2.0)
    song, rest = accompaniment(2.0) + singer, accompaniment(2.0)
    (tmp_path / "song.wav").write_bytes(encoded(song))
    (tmp_path / "rest.wav").write_bytes(encoded(rest))
    names = [str(tmp_path / name) for name in ("song.wav", "cover.wav", "rest.wav")]
    monkeypatch.setattr("sys.argv", ["client", server.url, *names[:2], "--instrumental", names[2]])
    client.main()
    assert decoded((tmp_path / "cover.wav").read_bytes()).shape == song.shape


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed on this machine")
def test_curl(server: ServerProcess, tmp_path: Path):
    (tmp_path / "song.wav").write_bytes(encoded(SONG))
    section = README.read_text().partition("## Clients\n")[2].partition("\n## ")[0]
    script = "\n".join(line[4:] for line in section.splitlines() if line.startswith("    "))
    for example, actual in (
        ("http://localhost:8501", server.url),
        ("rock", "tiny"),
        ("song.mp3", "song.wav"),
    ):
        assert example in script
        script = script.replace(example, actual)
    subprocess.run(["bash", "-ec", f"set -o pipefail\n{script}"], cwd=tmp_path, check=True, timeout=120)
    assert decoded((tmp_path / "cover.wav").read_bytes()).shape == SONG.shape
    assert decoded((tmp_path / "predicted.wav").read_bytes()).shape == SONG.shape
