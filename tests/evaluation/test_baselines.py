"""Tests of the level of recordings: that of the mono mix, whatever the correlation of the channels."""

import types

import numpy as np
import pyloudnorm
import pytest
import soundfile

from pipelines.data.normalisation import normalise
from pipelines.data.schema import PCM_SCALE, Settings
from pipelines.evaluation import baselines
from tests.inference import tiny
from transcriber import songs

RATE = tiny.SPEC.sample_rate


@pytest.fixture
def uncorrelated(tmp_path):
    """Stereo file of independent channels, at -23 LUFS as a stereo file."""
    stereo = np.random.default_rng(1).normal(0, 0.05, (4 * RATE, 2))
    stereo *= 10 ** ((-23 - pyloudnorm.Meter(RATE).integrated_loudness(stereo)) / 20)
    soundfile.write(tmp_path / "song.wav", stereo, RATE, "FLOAT")
    return tmp_path / "song.wav"


def loudness(mono):
    return pyloudnorm.Meter(RATE).integrated_loudness(mono)


def test_a_recording_has_the_training_loudness_in_mono(uncorrelated):
    stereo, _ = soundfile.read(uncorrelated)
    assert loudness(stereo.mean(axis=1)) == pytest.approx(-29, abs=0.1)
    assert loudness(baselines.recording(tiny.SPEC, uncorrelated)) == pytest.approx(-23, abs=0.05)


def test_so_has_a_prepared_song(uncorrelated, tmp_path):
    normalise(uncorrelated, tmp_path / "song.pcm", Settings(tiny.SPEC))
    pcm = np.fromfile(tmp_path / "song.pcm", "<i2") / PCM_SCALE
    assert loudness(pcm) == pytest.approx(-23, abs=0.05)


def test_so_has_what_is_transcribed(uncorrelated, monkeypatch):
    found = []

    def windows(transcriber, blocks, samples):
        found.extend(blocks)
        return [np.zeros((1, songs._WIDTH))]

    monkeypatch.setattr(songs, "_windows", windows)
    songs.transcribe(types.SimpleNamespace(spec=tiny.SPEC), uncorrelated)
    assert loudness(np.concatenate(found)[:, 0]) == pytest.approx(-23, abs=0.05)
