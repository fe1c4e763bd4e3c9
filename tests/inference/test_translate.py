from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
import tensorflow as tf
from scipy import signal

from pipelines.errors import UserError
from pipelines.inference.export import cover_song
from pipelines.inference.translate import Report, SongTranslator, cut
from pipelines.nn.translator import Translator
from tests.inference import tiny

RATE = tiny.SPEC.sample_rate


@pytest.fixture(scope="module")
def player(translator: Translator) -> SongTranslator:
    return SongTranslator(tiny.maker(translator))


def write(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    soundfile.write(path, samples, rate)
    return path


def read(path: Path) -> np.ndarray:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == RATE
    return samples


@pytest.mark.parametrize(("seconds", "pieces"), [(0.01, 1), (0.7, 1), (2.3, 7)])
def test_streaming_equals_the_whole_song(
    translator: Translator, player: SongTranslator, seconds: float, pieces: int
):
    song = tiny.song(seconds)
    streamed = np.concatenate(list(player.stream(iter(np.array_split(song, pieces)), len(song))))
    whole = cover_song(tiny.maker(translator, 10_000), tf.constant(song), tf.constant(1.0))
    np.testing.assert_allclose(streamed, whole, atol=1e-5)


def test_cut_gives_every_piece_its_neighbourhood():
    stream = np.arange(1, 11, dtype=np.float32)[:, None]
    pieces = cut(iter(np.split(stream, [3, 4, 9])), [(0, 4), (2, 8), (8, 14)], before=2)
    assert [piece[:, 0].tolist() for piece in pieces] == [
        [0, 0, 1, 2],
        [1, 2, 3, 4, 5, 6],
        [7, 8, 9, 10, 0, 0],
    ]


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
def test_a_cover_has_the_song_s_channels_length_and_loudness(
    player: SongTranslator, tmp_path: Path, suffix: str
):
    song = tiny.song(3.0)
    report = player.file(write(tmp_path / "song.wav", song), tmp_path / f"cover{suffix}")
    cover = read(tmp_path / f"cover{suffix}")
    assert cover.shape == song.shape
    assert np.abs(cover).max() < 1.0
    assert loudness(cover) == pytest.approx(loudness(song), abs=0.2)
    assert report.missing < 0.05
    assert report.seconds == pytest.approx(3.0)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["song.wav", f"cover{suffix}"])


def master(seconds: float) -> np.ndarray:
    """A song as loud as people master today, -8 LUFS, whose samples exceed full scale."""
    song = tiny.song(seconds)
    for _ in range(20):
        song = np.clip(song * 10 ** ((-8 - loudness(song)) / 20), -1.15, 1.15)
    return song.astype(np.float32)


def loudness(samples: np.ndarray) -> float:
    return pyloudnorm.Meter(RATE).integrated_loudness(samples)


@pytest.mark.parametrize("channels", [1, 2])
def test_the_cover_of_a_loud_master_is_as_loud(player: SongTranslator, tmp_path: Path, channels: int):
    song = master(3.0)[:, :channels]
    soundfile.write(tmp_path / "song.wav", song, RATE, "FLOAT")
    report = player.file(tmp_path / "song.wav", tmp_path / "cover.wav")
    cover = read(tmp_path / "cover.wav")
    assert np.abs(song).max() > 1.1
    assert np.abs(signal.resample_poly(cover, 4, 1, axis=0)).max() <= 10 ** (-1 / 20)
    assert loudness(cover) == pytest.approx(loudness(song), abs=0.5)
    assert "quieter" not in str(report)


def test_what_no_limiter_reaches_is_said(player: SongTranslator, tmp_path: Path):
    song = np.sign(tiny.song(2.0)).astype(np.float32)
    report = player.file(write(tmp_path / "song.wav", song), tmp_path / "cover.wav")
    assert np.abs(read(tmp_path / "cover.wav")).max() <= 10 ** (-1 / 20)
    assert report.missing > 0.5
    assert f"{report.missing:.1f} dB quieter than the source" in str(report)


def test_strength_0_writes_the_source(player: SongTranslator, tmp_path: Path):
    song = np.clip(4 * tiny.song(2.0), -1, 1)
    player.file(write(tmp_path / "song.wav", song), tmp_path / "cover.wav", 0.0)
    np.testing.assert_allclose(read(tmp_path / "cover.wav"), read(tmp_path / "song.wav"), atol=1.5 / 32768)


def test_8_khz_mono_becomes_mono_of_the_same_duration(player: SongTranslator, tmp_path: Path):
    song = tiny.song(1.5, channels=1, sample_rate=8000)
    player.file(write(tmp_path / "song.wav", song, 8000), tmp_path / "cover.wav")
    cover = read(tmp_path / "cover.wav")
    assert cover.shape[1] == 1
    assert len(cover) == pytest.approx(1.5 * RATE, abs=RATE / 100)


def test_silence_gives_a_quiet_cover(player: SongTranslator, tmp_path: Path):
    player.file(write(tmp_path / "song.wav", np.zeros((RATE, 2))), tmp_path / "cover.wav")
    assert np.abs(read(tmp_path / "cover.wav")).max() < 1e-2


def test_an_unreadable_song_leaves_nothing_behind(player: SongTranslator, tmp_path: Path):
    (tmp_path / "song.mp3").write_text("these are words")
    with pytest.raises(UserError, match=r"song\.mp3"):
        player.file(tmp_path / "song.mp3", tmp_path / "cover.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["song.mp3"]


def test_the_report_says_how_fast_it_went():
    assert str(Report(222.0, 70.0, 0.0)) == "3:42 of music in 1:10: 3.2x real time"
