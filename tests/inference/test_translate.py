from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
import tensorflow as tf
from scipy import signal

from pipelines.audio.streams import overlapping_segments
from pipelines.errors import UserError
from pipelines.inference.graph_song import translate_waveform
from pipelines.inference.translate import SongTranslator, TranslationReport
from pipelines.nn.dials import DIALS, Dials
from pipelines.nn.translator import Translator
from tests.inference import tiny

RATE = tiny.SPEC.sample_rate


@pytest.fixture(scope="module")
def song_translator(translator: Translator) -> SongTranslator:
    return SongTranslator(tiny.window_translator(translator))


def write(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    soundfile.write(path, samples, rate)
    return path


def read(path: Path) -> np.ndarray:
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    assert rate == RATE
    return samples


@pytest.mark.parametrize(("seconds", "blocks"), [(0.01, 1), (0.7, 1), (2.3, 7)])
def test_streaming_equals_the_whole_song(
    translator: Translator, song_translator: SongTranslator, seconds: float, blocks: int
):
    song = tiny.song(seconds)
    stream = song_translator.translate_blocks(iter(np.array_split(song, blocks)), len(song))
    one_window = tiny.window_translator(translator, 10_000)
    whole = translate_waveform(one_window, tf.constant(song), DIALS)
    np.testing.assert_allclose(np.concatenate(list(stream)), whole, atol=1e-5)


def test_segments_overlap_by_their_spans():
    stream = np.arange(1, 11, dtype=np.float32)[:, None]
    segments = overlapping_segments(iter(np.split(stream, [3, 4, 9])), [(0, 4), (2, 8), (8, 14)], before=2)
    assert [segment[:, 0].tolist() for segment in segments] == [
        [0, 0, 1, 2],
        [1, 2, 3, 4, 5, 6],
        [7, 8, 9, 10, 0, 0],
    ]


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
def test_a_cover_has_the_song_s_channels_length_and_loudness(
    song_translator: SongTranslator, tmp_path: Path, suffix: str
):
    song = tiny.song(3.0)
    report = song_translator.translate_file(write(tmp_path / "song.wav", song), tmp_path / f"cover{suffix}")
    cover = read(tmp_path / f"cover{suffix}")
    assert cover.shape == song.shape
    assert np.abs(cover).max() < 1.0
    assert loudness(cover) == pytest.approx(loudness(song), abs=0.2)
    assert report.shortfall < 0.05
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
def test_the_cover_of_a_loud_master_is_as_loud(
    song_translator: SongTranslator, tmp_path: Path, channels: int
):
    song = master(3.0)[:, :channels]
    soundfile.write(tmp_path / "song.wav", song, RATE, "FLOAT")
    report = song_translator.translate_file(tmp_path / "song.wav", tmp_path / "cover.wav")
    cover = read(tmp_path / "cover.wav")
    assert np.abs(song).max() > 1.1
    assert np.abs(signal.resample_poly(cover, 4, 1, axis=0)).max() <= 10 ** (-1 / 20)
    assert loudness(cover) == pytest.approx(loudness(song), abs=0.5)
    assert "quieter" not in str(report)


def test_a_shortfall_of_loudness_is_reported(song_translator: SongTranslator, tmp_path: Path):
    song = np.sign(tiny.song(2.0)).astype(np.float32)
    report = song_translator.translate_file(write(tmp_path / "song.wav", song), tmp_path / "cover.wav")
    assert np.abs(read(tmp_path / "cover.wav")).max() <= 10 ** (-1 / 20)
    assert report.shortfall > 0.5
    assert f"{report.shortfall:.1f} dB quieter than the source" in str(report)


def test_strength_0_writes_the_source(song_translator: SongTranslator, tmp_path: Path):
    song = np.clip(4 * tiny.song(2.0), -1, 1)
    song_translator.translate_file(write(tmp_path / "song.wav", song), tmp_path / "cover.wav", Dials(0.0))
    np.testing.assert_allclose(read(tmp_path / "cover.wav"), read(tmp_path / "song.wav"), atol=1.5 / 32768)


def test_8_khz_mono_becomes_mono_of_the_same_duration(song_translator: SongTranslator, tmp_path: Path):
    song = tiny.song(1.5, channels=1, sample_rate=8000)
    song_translator.translate_file(write(tmp_path / "song.wav", song, 8000), tmp_path / "cover.wav")
    cover = read(tmp_path / "cover.wav")
    assert cover.shape[1] == 1
    assert len(cover) == pytest.approx(1.5 * RATE, abs=RATE / 100)


def test_silence_gives_a_quiet_cover(song_translator: SongTranslator, tmp_path: Path):
    song_translator.translate_file(write(tmp_path / "song.wav", np.zeros((RATE, 2))), tmp_path / "cover.wav")
    assert np.abs(read(tmp_path / "cover.wav")).max() < 1e-2


def test_an_unreadable_song_leaves_no_file(song_translator: SongTranslator, tmp_path: Path):
    (tmp_path / "song.mp3").write_text("these are words")
    with pytest.raises(UserError, match=r"song\.mp3"):
        song_translator.translate_file(tmp_path / "song.mp3", tmp_path / "cover.wav")
    assert [path.name for path in tmp_path.iterdir()] == ["song.mp3"]


def test_the_report_gives_the_speed():
    assert str(TranslationReport(222.0, 70.0, 0.0)) == "3:42 of music in 1:10: 3.2x real time"
