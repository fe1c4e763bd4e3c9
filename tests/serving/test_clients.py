"""The commands and the Python client of the README."""

import io
import shutil
import subprocess
from pathlib import Path

import pytest

from pipelines.serving import client
from pipelines.serving.server_process import ServerProcess
from tests.serving.songs import decoded, encoded, form
from tests.stems.songs import accompaniment, voice

pytestmark = pytest.mark.slow

README = Path(client.__file__).with_name("README.md")
SINGER = 0.3 * voice(1.0)
SONG = 0.3 * accompaniment(1.0) + SINGER


def test_python(server: ServerProcess):
    cover = io.BytesIO()
    client.translate(server.url, io.BytesIO(encoded(SONG)), cover)
    assert decoded(cover.getvalue()).shape == SONG.shape
    assert decoded(client.predict(server.url, "tiny", encoded(SONG))).shape == SONG.shape


def test_python_with_a_stem(server: ServerProcess):
    song, vocals, cover = encoded(SONG), encoded(SINGER), io.BytesIO()
    client.translate(server.url, io.BytesIO(song), cover, vocals=io.BytesIO(vocals), vocals_level=3.0)
    files = {"song": song, "vocals": vocals}
    assert (200, cover.getvalue()) == server.call("/v1/translate?vocals_level=3", *form(files))


def test_the_command(server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "song.wav").write_bytes(encoded(SONG))
    (tmp_path / "rest.wav").write_bytes(encoded(SONG - SINGER))
    names = [str(tmp_path / name) for name in ("song.wav", "cover.wav", "rest.wav")]
    monkeypatch.setattr("sys.argv", ["client", server.url, *names[:2], "--instrumental", names[2]])
    client.main()
    files = {"song": encoded(SONG), "instrumental": encoded(SONG - SINGER)}
    assert (200, (tmp_path / "cover.wav").read_bytes()) == server.call("/v1/translate", *form(files))


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed on this machine")
def test_curl(server: ServerProcess, tmp_path: Path):
    (tmp_path / "song.wav").write_bytes(encoded(SONG))
    (tmp_path / "singer.wav").write_bytes(encoded(SINGER))
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
    for name in ("cover.wav", "kept.wav"):
        assert decoded((tmp_path / name).read_bytes()).shape == SONG.shape
    assert decoded((tmp_path / "predicted.wav").read_bytes()).shape == SONG.shape
