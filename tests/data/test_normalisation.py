import numpy as np
import pyloudnorm
import pytest
import soundfile

from pipelines.data.normalisation import normalise
from pipelines.errors import UserError
from tests.data.conftest import write_tone


def _written(source, tmp_path, settings):
    found = normalise(source, tmp_path / "out.pcm", settings)
    return found, np.fromfile(tmp_path / "out.pcm", "<i2") / 32768


@pytest.mark.parametrize("level", [0.003, 0.3])
def test_loudness_of_the_mono_downmix_is_the_target(tmp_path, settings, level):
    rng = np.random.default_rng(0)
    stereo = rng.normal(scale=level, size=(5 * 44100, 2)).clip(-1, 1)
    soundfile.write(tmp_path / "a.wav", stereo, 44100, subtype="FLOAT")
    found, written = _written(tmp_path / "a.wav", tmp_path, settings)
    meter = pyloudnorm.Meter(8000)
    assert meter.integrated_loudness(written) == pytest.approx(settings.target_lufs, abs=0.05)
    assert found.samples == len(written) == pytest.approx(5 * 8000, abs=2)
    assert not found.peak_limited
    assert found.loudness + found.gain_db == pytest.approx(settings.target_lufs)


def test_never_clips(tmp_path, settings):
    quiet = np.full(8000 * 4, 0.0)
    quiet[::8] = 0.001
    quiet[16000] = 0.5
    soundfile.write(tmp_path / "a.wav", quiet, 8000)
    found, written = _written(tmp_path / "a.wav", tmp_path, settings)
    assert found.peak_limited
    assert np.abs(written).max() == pytest.approx(0.99, abs=1e-3)


def test_long_songs_are_buffered_on_disk_with_the_same_result(tmp_path, settings, monkeypatch):
    write_tone(tmp_path / "a.wav", 440, seconds=3)
    found, written = _written(tmp_path / "a.wav", tmp_path, settings)
    monkeypatch.setattr("pipelines.data.normalisation._MEMORY_BYTES", 1000)
    again, rewritten = _written(tmp_path / "a.wav", tmp_path, settings)
    assert found == again
    np.testing.assert_array_equal(written, rewritten)
    assert {path.name for path in tmp_path.iterdir()} == {"a.wav", "out.pcm"}


@pytest.mark.parametrize(
    ("seconds", "level", "why"), [(0.5, 0.1, "too short"), (2.0, 0.0, "silent"), (2.0, 1e-5, "silent")]
)
def test_unusable_songs(tmp_path, settings, seconds, level, why):
    write_tone(tmp_path / "a.wav", 440, seconds=seconds, level=level)
    with pytest.raises(UserError, match=rf"a\.wav is {why}"):
        normalise(tmp_path / "a.wav", tmp_path / "out.pcm", settings)
    assert not (tmp_path / "out.pcm").exists()


def test_opposite_channels_are_silent_in_mono(tmp_path, settings):
    tone = 0.1 * np.sin(np.arange(16000) / 3)
    soundfile.write(tmp_path / "a.wav", np.stack([tone, -tone], axis=1), 8000)
    with pytest.raises(UserError, match="silent"):
        normalise(tmp_path / "a.wav", tmp_path / "out.pcm", settings)


def test_a_song_that_is_too_short_because_it_is_cut_off(tmp_path, settings):
    write_tone(tmp_path / "a.wav", 440, seconds=4.0)
    (tmp_path / "a.wav").write_bytes((tmp_path / "a.wav").read_bytes()[:5000])
    with pytest.raises(
        UserError, match=r"too short \(0\.31 s\) since it is damaged or cut off: 3\.7 s of 4\.0 s"
    ):
        normalise(tmp_path / "a.wav", tmp_path / "out.pcm", settings)
