"""Tests of the transcription of files: window by window as of the whole recording."""

import librosa
import numpy as np
import pytest
import soundfile
import tensorflow as tf

from pipelines.audio import features
from pipelines.audio.loudness import TRAINING_LUFS, LoudnessMeter
from pipelines.errors import UserError
from pipelines.inference.windows import Windows
from pipelines.nn.pitches import LOWEST, PITCHES
from tests.transcriber import scenes
from tests.transcriber.scenes import SPEC
from transcriber import songs
from transcriber.piano_roll import DRUM_CLASSES
from transcriber.transcriber import Transcriber
from transcriber.velocities import pitch_levels

RATE = SPEC.sample_rate
WIDTHS = (PITCHES, PITCHES, len(DRUM_CLASSES))


@pytest.fixture(scope="module")
def transcriber():
    """Random weights; windows of 16 frames."""
    transcriber = Transcriber(scenes.network(), scenes.config().network, SPEC)
    transcriber.windows = Windows.from_context(
        16, context=transcriber.windows.margin, multiple=transcriber.windows.multiple
    )
    return transcriber


def music(seconds, channels=1):
    """Two tones that come and go, and some noise."""
    time = np.arange(round(seconds * RATE)) / RATE
    tones = [
        np.sin(2 * np.pi * f * time) * (np.sin(2 * np.pi * r * time) > 0) for f, r in ((440, 3), (330, 5))
    ]
    noise = 0.01 * np.random.default_rng(1).standard_normal((len(time), channels))
    return 0.1 * np.sum(tones, axis=0)[:, None] + noise


def written(folder, samples, suffix="wav", rate=RATE):
    soundfile.write(folder / f"song.{suffix}", samples, rate)
    return folder / f"song.{suffix}"


def at_once(transcriber, path):
    """The whole file in memory, at the loudness of the training data."""
    mono = soundfile.read(path, always_2d=True)[0].mean(axis=1, keepdims=True).astype(np.float32)
    meter = LoudnessMeter(RATE, 1)
    meter.add(mono)
    mono = mono * np.float32(10 ** ((TRAINING_LUFS - meter.integrated()) / 20))
    return transcriber(features.log_mel(SPEC, tf.constant(mono.T)).numpy()[0, ..., 0])


@pytest.mark.parametrize("suffix", ["wav", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_file_is_transcribed_like_its_samples(transcriber, tmp_path, suffix, channels):
    path = written(tmp_path, music(2.3, channels), suffix)
    posteriors, whole = songs.transcribe(transcriber, path).posteriors, at_once(transcriber, path)
    for ours, theirs in zip(posteriors, whole, strict=True):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, atol=2e-3)
    assert np.ptp(posteriors.sounding.astype(np.float32)) > 0.05


def test_a_song_is_brought_to_the_loudness_of_the_training_data(transcriber, tmp_path):
    loud, soft = tmp_path / "loud.wav", tmp_path / "soft.wav"
    soundfile.write(loud, music(1.5), RATE, subtype="FLOAT")
    soundfile.write(soft, 0.03 * music(1.5), RATE, subtype="FLOAT")
    np.testing.assert_allclose(
        *(songs.transcribe(transcriber, path).posteriors.sounding for path in (loud, soft)), atol=2e-3
    )


def test_another_sample_rate_has_the_same_frames(transcriber, tmp_path):
    posteriors, levels, _ = songs.transcribe(transcriber, written(tmp_path, music(2.0), rate=2 * RATE))
    assert len(posteriors.sounding) == len(levels) == SPEC.frames(RATE)


@pytest.mark.parametrize(
    "samples",
    [np.zeros(RATE), np.full(RATE, 0.5), np.random.default_rng(0).uniform(-1, 1, RATE), np.full(3, 0.1)],
    ids=["silence", "constant", "noise", "three samples"],
)
def test_other_sounds_have_finite_posteriors(transcriber, tmp_path, samples):
    posteriors, levels, _ = songs.transcribe(transcriber, written(tmp_path, samples))
    assert [part.shape for part in posteriors] == [(SPEC.frames(len(samples)), width) for width in WIDTHS]
    assert levels.shape == (SPEC.frames(len(samples)), PITCHES)
    assert all(np.isfinite(part).all() for part in (*posteriors, levels))


def test_a_song_that_is_out_of_tune_is_tuned(transcriber, tmp_path):
    """At 102 % of its speed a song is sharp by a third of a semitone; its frames keep that speed."""
    tuned = songs.transcribe(transcriber, written(tmp_path, music(4.0)))
    fast = songs.transcribe(transcriber, written(tmp_path, music(4.0), rate=round(1.02 * RATE)))
    assert tuned.tuning == 0
    assert fast.tuning == pytest.approx(1200 * np.log2(1.02), abs=3)
    frames = np.arange(len(fast.posteriors.sounding))
    assert len(frames) == SPEC.frames(round(4.0 * RATE / 1.02))
    own = np.minimum(np.round(frames * 1.02).astype(int), len(tuned.levels) - 1)
    keys = [round(librosa.hz_to_midi(frequency)) - LOWEST for frequency in (330, 440)]
    difference = np.abs(fast.levels[:, keys] - tuned.levels[own][:, keys].astype(np.float32))
    assert np.median(difference) < 0.3
    # Not those of the tuned speed.
    early = tuned.levels[: len(frames)][:, keys].astype(np.float32)
    assert np.median(np.abs(fast.levels[:, keys] - early)) > 1.0


def test_levels_are_those_of_the_whole_song(transcriber, tmp_path):
    path = written(tmp_path, music(2.3))
    mono = soundfile.read(path, dtype="float32")[0]
    levels = songs.transcribe(transcriber, path).levels.astype(np.float32)
    whole = pitch_levels(SPEC, features.log_mel(SPEC, tf.constant(mono[None])).numpy()[0, ..., 0])
    loudest = np.argmax(whole.mean(axis=0))
    gain = np.median(levels[:, loudest] - whole[:, loudest])
    sounds = whole[:, loudest] > whole[:, loudest].max() - 20
    np.testing.assert_allclose(levels[sounds, loudest], whole[sounds, loudest] + gain, atol=0.1)


def test_memory_does_not_grow_with_the_song(transcriber, tmp_path, monkeypatch):
    pieces = []
    stft = songs.stft
    monkeypatch.setattr(songs, "stft", lambda spec, x: pieces.append(x.shape[1]) or stft(spec, x))
    songs.transcribe(transcriber, written(tmp_path, music(4.0)))
    assert len(pieces) > 20
    assert max(pieces) <= SPEC.samples(16 + 2 * transcriber.windows.margin) + SPEC.n_fft


def test_what_cannot_be_read_is_named(transcriber, tmp_path):
    (tmp_path / "song.mp3").write_bytes(b"no sound")
    with pytest.raises(UserError, match=r"song\.mp3"):
        songs.transcribe(transcriber, tmp_path / "song.mp3")
    with pytest.raises(UserError, match=r"song\.wav"):
        songs.transcribe(transcriber, written(tmp_path, np.zeros(0)))
