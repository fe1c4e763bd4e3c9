"""Tests of frames, tempo, tuning and voice."""

from pathlib import Path

import librosa
import numpy as np
import pytest
import soundfile
import soxr

import tools
from pipelines.data.survey.frames import HOP_LENGTH, N_FFT, SAMPLE_RATE, Frames
from pipelines.data.survey.rhythm import TempoMeter
from pipelines.data.survey.tuning import TuningMeter
from pipelines.data.survey.voice import PROBABLE, VoiceMeter
from tests.data.survey.sounds import music, voice

DEMO = Path(tools.__file__).parent / "demo_songs"


def magnitudes(samples, size=5000):
    frames = Frames()
    return [frames.magnitudes(samples[start : start + size]) for start in range(0, len(samples), size)]


def test_frames_do_not_depend_on_blocks():
    samples = np.random.default_rng(0).normal(size=40000).astype(np.float32)
    whole = np.abs(librosa.stft(samples, n_fft=N_FFT, hop_length=HOP_LENGTH, center=False))
    np.testing.assert_allclose(np.concatenate(magnitudes(samples), axis=1), whole, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("bpm", [80, 132])
def test_tempo_of_clicks(bpm):
    samples = np.zeros(20 * SAMPLE_RATE, np.float32)
    for beat in np.arange(0, 19.9, 60 / bpm):
        start = round(beat * SAMPLE_RATE)
        samples[start : start + 400] = np.random.default_rng(0).normal(size=400)
    meter = TempoMeter()
    for each in magnitudes(samples):
        meter.add(each)
    assert meter.tempo() == pytest.approx(bpm, rel=0.03)


def test_silence_has_no_tempo():
    meter = TempoMeter()
    assert meter.tempo() is None
    meter.add(np.zeros((1025, 50), np.float32))
    assert meter.tempo() is None


@pytest.mark.parametrize("cents", [-30, 0, 20])
def test_tuning(cents):
    meter = TuningMeter()
    for each in magnitudes(music(1, 8.0, SAMPLE_RATE, tuning=cents), 50000):
        meter.add(each)
    assert meter.cents() == pytest.approx(cents, abs=3)


def test_no_tuning_without_pitches():
    meter = TuningMeter()
    meter.add(np.zeros((1025, 50), np.float32))
    assert meter.cents() is None


def voice_like(samples):
    meter = VoiceMeter()
    for each in magnitudes(samples, 100000):
        meter.add(each)
    return meter.share()


def instrumental(name):
    """Eight seconds of one of the demo's songs, which are instrumental."""
    samples, rate = soundfile.read(DEMO / name, frames=12 * 44100, always_2d=True)
    return soxr.resample(samples.mean(axis=1)[4 * 44100 :], rate, SAMPLE_RATE).astype(np.float32)


@pytest.mark.parametrize(
    "name", ["content/bwv324-piano.ogg", "band/bwv264-band.ogg", "content/bwv255-harp.ogg"]
)
@pytest.mark.parametrize(("hertz", "vibrato"), [(110.0, 50.0), (220.0, 50.0), (220.0, 0.0)])
def test_a_voice_is_distinguished_from_instruments(name, hertz, vibrato):
    sung, instruments = voice(1, 8.0, SAMPLE_RATE, hertz, vibrato), instrumental(name)
    assert voice_like(instruments) < PROBABLE < voice_like(sung)
    both = instruments / instruments.std() + sung / sung.std()
    assert voice_like(both) > voice_like(instruments)


def test_a_single_modulated_sine_is_no_voice():
    """A single partial is not sufficient."""
    time = np.arange(4 * SAMPLE_RATE) / SAMPLE_RATE
    assert voice_like(np.sin(2 * np.pi * 700 * time + 5 * np.sin(35 * time)).astype(np.float32)) == 0.0
    assert voice_like(np.zeros(SAMPLE_RATE, np.float32)) == 0.0
