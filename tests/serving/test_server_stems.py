"""Server process: songs with a stem."""

import http.client
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from pipelines.inference.loading import load_window_translator
from pipelines.inference.translate import SongTranslator
from pipelines.serving.server_process import ServerProcess
from pipelines.stems.files import Role, Stem
from tests.serving.songs import decoded, encoded, form
from tests.stems.songs import RATE, accompaniment, delayed, resampled, si_sdr, voice

TRANSLATE = "/v1/translate"
SECONDS = 3.0
SINGER, REST = 0.3 * voice(SECONDS), 0.3 * accompaniment(SECONDS)
SONG = SINGER + REST


@pytest.fixture(scope="module")
def song_translator(exported: Path) -> SongTranslator:
    return SongTranslator(load_window_translator(exported / "tiny" / "1"))


def send(server: ServerProcess, query: str = "", **files: bytes) -> tuple[int, bytes]:
    return server.call(TRANSLATE + query, *form(files))


def cover(server: ServerProcess, query: str = "", **files: bytes) -> np.ndarray:
    status, content = send(server, query, **files)
    assert status == 200, content
    return decoded(content)


def expected(
    song_translator: SongTranslator, folder: Path, song: bytes, stem: bytes, role: Role, **options: Any
) -> np.ndarray:
    """Cover as `coverband translate` writes it."""
    (folder / "song.wav").write_bytes(song)
    (folder / "stem.wav").write_bytes(stem)
    song_translator.translate_file(
        folder / "song.wav", folder / "cover.wav", stem=Stem(folder / "stem.wav", role), **options
    )
    return soundfile.read(folder / "cover.wav", dtype="float32", always_2d=True)[0]


@pytest.mark.parametrize(
    ("role", "stem", "level"),
    [
        (Role.VOCALS, encoded(0.5 * delayed(SINGER, 700)), 0.0),
        (Role.VOCALS, encoded(SINGER), -60.0),
        (Role.VOCALS, encoded(resampled(SINGER.mean(axis=1, keepdims=True), 2, 1), rate=2 * RATE), 3.0),
        (Role.INSTRUMENTAL, encoded(REST, "FLAC"), 0.0),
    ],
    ids=["late and quiet", "silenced", "mono at another rate, raised", "instrumental"],
)
def test_the_cover_equals_that_of_coverband_translate(
    server: ServerProcess,
    song_translator: SongTranslator,
    tmp_path: Path,
    role: Role,
    stem: bytes,
    level: float,
):
    """To six steps of 16 bits, as without a stem: of one window the gains are equal, but for rounding."""
    song = encoded(SONG)
    found = cover(server, f"?vocals_level={level}", song=song, **{role.value: stem})
    whole = expected(song_translator, tmp_path, song, stem, role, vocals_level=level)
    np.testing.assert_allclose(found, whole, atol=2e-4)
    assert np.abs(found - decoded(server.call(TRANSLATE, song)[1])).max() > 0.01


def test_a_song_of_several_windows(server: ServerProcess, song_translator: SongTranslator, tmp_path: Path):
    """It differs from the file by slowly changing gains: by 0.006 dB here, 60 dB below the cover."""
    singer, rest = 0.3 * voice(26.0), 0.3 * accompaniment(26.0)
    song, stem = encoded(singer + rest), encoded(singer)
    found = cover(server, song=song, vocals=stem)
    whole = expected(song_translator, tmp_path, song, stem, Role.VOCALS)
    assert found.shape == singer.shape
    assert si_sdr(found, whole) > 50
    steps = np.abs(np.diff(found, axis=0)).max(axis=1)
    assert steps.max() < 1.5 * np.abs(np.diff(singer + rest, axis=0)).max()


def test_a_form_with_a_song_only_is_a_song(server: ServerProcess):
    song = encoded(SONG)
    assert send(server, song=song) == server.call(TRANSLATE, song)


@pytest.mark.parametrize(
    ("query", "files", "status", "message"),
    [
        ("?vocals_level=21", {"song": b""}, 400, "vocals_level has to be a number from -60 to 20"),
        ("?vocals_level=nan", {"song": b""}, 400, "vocals_level has to be a number from -60 to 20"),
        ("?vocals_level=3", {"song": encoded(SONG)}, 400, "vocals_level needs the singer alone: send a stem"),
        ("", {"song": b"", "vocals": b"", "instrumental": b""}, 400, "send one of the stems"),
        ("", {"vocals": encoded(SINGER)}, 400, "the form contains no song"),
        ("", {"song": encoded(SONG), "vocals": b""}, 415, "the vocals stem is empty"),
        (
            "",
            {"song": encoded(SONG), "instrumental": b"words " * 99},
            415,
            "the instrumental stem is not a readable audio file",
        ),
        ("", {"song": b"words " * 99, "vocals": b""}, 415, "the song is not a readable audio file"),
        (
            "",
            {"song": encoded(SONG), "vocals": encoded(0 * SINGER)},
            400,
            "the vocals stem is silent (below -70 LUFS): export it again",
        ),
        ("", {"song": encoded(0 * SONG), "vocals": encoded(SINGER)}, 400, "the song is silent"),
        (
            "",
            {"song": encoded(SONG), "vocals": encoded(voice(SECONDS, seed=9))},
            400,
            "the vocals stem is no part of the song",
        ),
        (
            "",
            {"song": encoded(SONG), "instrumental": encoded(delayed(REST, round(1.5 * RATE)))},
            400,
            "the instrumental stem has everything 1.50 s later than the song: shift it",
        ),
        (
            "",
            {"song": encoded(SONG), "vocals": encoded(np.pad(SINGER, ((0, 2 * RATE), (0, 0))))},
            400,
            "the vocals stem is 2.00 s longer than the song",
        ),
        (
            "",
            {"song": encoded(SONG), "vocals": encoded(SONG)},
            400,
            "the vocals stem leaves nothing of the song to translate",
        ),
        (
            "",
            {"song": encoded(SONG), "vocals": encoded(np.zeros((61 * 8000, 1)), "FLAC", 8000)},
            413,
            "the vocals stem is longer than the 1 minutes that are accepted",
        ),
        (
            "",
            {"song": encoded(SONG), "vocals": bytes(9 << 20)},
            413,
            "larger than the 8 MB that are accepted (coverband serve --megabytes)",
        ),
    ],
)
def test_errors_are_one_sentence_without_paths(
    server: ServerProcess, scratch: Path, query: str, files: dict[str, bytes], status: int, message: str
):
    found, content = send(server, query, **files)
    sentence = json.loads(content)["error"]
    assert (found, message in sentence) == (status, True), sentence
    assert "/" not in sentence
    assert "\n" not in sentence
    wait_until_free(server, scratch)


def wait_until_free(server: ServerProcess, scratch: Path) -> None:
    """Waits until the server has no request, and no file of one."""
    end = time.monotonic() + 60
    while server.metric("coverband_requests") or list(scratch.glob("coverband-*/*")):
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_cover_leaves_no_files(server: ServerProcess, scratch: Path):
    assert list(scratch.glob("coverband-*"))
    before = server.metric("coverband_music_seconds_total")
    cover(server, song=encoded(SONG), vocals=encoded(SINGER))
    assert server.metric("coverband_music_seconds_total") == pytest.approx(before + SECONDS)
    wait_until_free(server, scratch)


def test_work_for_a_disconnected_client_is_cancelled(server: ServerProcess, scratch: Path):
    before = server.metric("coverband_work_seconds_count")
    singer, rest = 0.3 * voice(59.0, 1), 0.3 * accompaniment(59.0, 1)
    body, headers = form({"song": encoded(singer + rest), "vocals": encoded(singer)})
    client = http.client.HTTPConnection(server.url.removeprefix("http://"))
    client.request("POST", TRANSLATE, body, headers)
    client.close()
    wait_until_free(server, scratch)
    assert server.metric("coverband_work_seconds_count") <= before + 2  # of the five windows
