import numpy as np
import pytest
import soundfile

from pipelines.errors import UserError
from tools.benchmarks.real import stems

RATE = 16000


def _write(folder, **recordings):
    for name, samples in recordings.items():
        folder.mkdir(exist_ok=True)
        soundfile.write(folder / f"{name}.wav", samples, RATE, subtype="FLOAT")


def _noise(seed, seconds=0.5, channels=2, level=0.2):
    shape = (round(seconds * RATE), channels)
    return np.random.default_rng(seed).uniform(-level, level, shape).astype(np.float32)


def test_the_mix_is_the_sum(tmp_path):
    song, guitar = _noise(0), _noise(1, seconds=0.3)
    _write(tmp_path / "A Böse song", song=song, guitar=guitar)
    (tmp_path / "A Böse song" / "notes.mid").write_bytes(b"no audio")
    mix = stems.mixed(tmp_path / "A Böse song", tmp_path / "mixes")
    assert mix == tmp_path / "mixes" / "A Böse song.flac"
    samples, rate = soundfile.read(mix)
    expected = song.copy()
    expected[: len(guitar)] += guitar
    assert rate == RATE
    np.testing.assert_allclose(samples, expected, atol=1 / 32768)


def test_a_loud_sum_is_attenuated_as_a_whole(tmp_path):
    loud = _noise(2, level=0.9)
    _write(tmp_path / "song", song=loud, guitar=loud)
    samples, _ = soundfile.read(stems.mixed(tmp_path / "song", tmp_path))
    gain = 0.8912509 / (2 * np.abs(loud).max())  # -1 dB
    np.testing.assert_allclose(samples, 2 * loud * gain, atol=1 / 32768)


def test_a_mono_stem_sounds_in_both_channels():
    mono, stereo = _noise(3, channels=1), _noise(4, seconds=0.2)
    total = stems.total([mono, stereo])
    expected = np.repeat(mono, 2, axis=1)
    expected[: len(stereo)] += stereo
    np.testing.assert_array_equal(total, expected)


def test_silence_stays_silence():
    assert not stems.total([np.zeros((10, 1), np.float32)]).any()


def test_an_earlier_mix_is_kept(tmp_path):
    _write(tmp_path / "song", song=_noise(5))
    mix = stems.mixed(tmp_path / "song", tmp_path)
    before = mix.stat()
    assert stems.mixed(tmp_path / "song", tmp_path).stat().st_mtime_ns == before.st_mtime_ns


def test_folders_and_files_without_stems(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "library.ini").write_text("[library]")
    assert stems.mixed(tmp_path / "empty", tmp_path) is None
    assert stems.mixed(tmp_path / "library.ini", tmp_path) is None


def test_other_rates_are_refused(tmp_path):
    _write(tmp_path / "song", song=_noise(6))
    soundfile.write(tmp_path / "song" / "guitar.wav", _noise(7), 22050)
    with pytest.raises(UserError, match=r"song have several sample rates: resample them"):
        stems.mixed(tmp_path / "song", tmp_path)
    assert not list(tmp_path.glob("*.flac"))
