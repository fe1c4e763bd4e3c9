import numpy as np
import pyloudnorm
import pytest
import soundfile

from pipelines.errors import UserError
from tools.rendering import synth


def test_long_file_is_written_and_read(tmp_path):
    time = np.arange(20 * synth.SAMPLE_RATE) / synth.SAMPLE_RATE
    samples = np.stack([np.sin(2 * np.pi * f * time) * 0.3 for f in (330, 440)], axis=1).astype(np.float32)
    synth.write(tmp_path / "new" / "song.ogg", samples)
    decoded, rate = soundfile.read(tmp_path / "new" / "song.ogg", dtype="float32")
    assert (decoded.shape, rate) == (samples.shape, synth.SAMPLE_RATE)
    assert np.sqrt(np.mean((decoded - samples) ** 2)) < 0.02


@pytest.mark.parametrize("level", [0.0, 0.01, 0.99])
def test_silence_and_clipping_raise(level):
    with pytest.raises(UserError, match=r"song\.ogg peaks at"):
        synth.require_sound(np.full((100, 2), level, np.float32), "song.ogg")


def test_sound_passes():
    synth.require_sound(np.full((100, 2), -0.5, np.float32), "song.ogg")


def test_missing_fluidsynth_is_a_user_error(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="fluidsynth is missing"):
        synth.require_fluidsynth()


def test_error_of_fluidsynth_is_a_user_error(monkeypatch, tmp_path):
    command = tmp_path / "fluidsynth"
    command.write_text("#!/bin/sh\necho no such instrument >&2\nexit 1\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="no such instrument"):
        synth.render_at_loudness(b"MThd", 1.0, tmp_path / "my.sf2")


def test_rendered_length_and_loudness(monkeypatch, tmp_path):
    noise = np.random.default_rng(0).normal(0, 0.05, (44100 * 2, 2)).astype(np.float32)
    monkeypatch.setattr(synth, "_fluidsynth", lambda midi, soundfont: noise)
    for seconds in (1.5, 3.0):
        rendered = synth.render_at_loudness(b"", seconds, tmp_path)
        assert rendered.shape == (round(seconds * 44100), 2)
        assert np.abs(rendered[-10:]).max() < 1e-3
        assert pyloudnorm.Meter(44100).integrated_loudness(rendered) == pytest.approx(-21, abs=0.1)
