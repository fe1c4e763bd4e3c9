import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from pipelines.audio import features
from pipelines.audio.spec import AudioSpec
from transcriber.velocities import pitch_levels, velocities_of

SPEC = AudioSpec()
SECONDS = 0.5


def _log_mel(waveform):
    return features.log_mel(SPEC, tf.constant(waveform[None].astype(np.float32))).numpy()[0, ..., 0]


def _song(pitches, velocities, partials=(1.0, 0.5, 0.3)):
    """Decaying notes, one after the other, each with the amplitude of its velocity; and their table."""
    time = np.arange(round(SECONDS * SPEC.sample_rate)) / SPEC.sample_rate
    sounds = [
        0.3
        * (velocity / 127) ** 2
        * np.exp(-4 * time)
        * sum(
            level * np.sin(2 * np.pi * (i + 1) * 440 * 2 ** ((pitch - 69) / 12) * time)
            for i, level in enumerate(partials)
        )
        for pitch, velocity in zip(pitches, velocities, strict=True)
    ]
    starts = SECONDS * np.arange(len(pitches))
    return np.concatenate(sounds), np.stack([starts, starts + SECONDS, pitches], axis=1)


def test_level_of_a_pitch_is_that_of_its_partials():
    """Against the energies of each partial alone."""
    whole, _ = _song([69], [127])
    alone = [_song([69], [127], np.eye(3)[i] * (1.0, 0.5, 0.3))[0] for i in range(3)]
    frame = 10
    levels = [pitch_levels(SPEC, _log_mel(sound))[frame, 69 - 21] for sound in (whole, *alone)]
    expected = 10 * np.log10(np.sum(10 ** (np.array(levels[1:]) / 10)))
    assert levels[0] == pytest.approx(expected, abs=0.5)
    assert np.argmax(pitch_levels(SPEC, _log_mel(whole))[frame]) == pytest.approx(69 - 21, abs=1)


def test_twice_the_amplitude_is_six_decibels():
    sound, _ = _song([60], [90])
    one, other = (pitch_levels(SPEC, _log_mel(factor * sound))[10, 60 - 21] for factor in (0.5, 1.0))
    assert other - one == pytest.approx(6.02, abs=0.1)


def test_velocities_are_those_that_were_played():
    chance = np.random.default_rng(0)
    pitches, played = chance.integers(50, 80, 60), chance.integers(40, 112, 60)
    sound, notes = _song(pitches, played)
    found = velocities_of(SPEC, notes, pitch_levels(SPEC, _log_mel(sound)))
    assert found.dtype == np.int64
    assert stats.spearmanr(found, played).statistic > 0.9
    relative = found * np.median(played) / np.median(found)
    assert np.median(np.abs(relative - played)) < 6


def test_loud_and_soft_copies_have_the_same_velocities():
    sound, notes = _song([60, 64, 67], [100, 80, 60])
    loud, soft = (
        velocities_of(SPEC, notes, pitch_levels(SPEC, _log_mel(factor * sound))) for factor in (1.0, 0.25)
    )
    np.testing.assert_allclose(loud, soft, atol=1)


def test_no_notes_and_notes_at_the_end():
    levels = np.full((10, 88), -60.0, np.float16)
    assert len(velocities_of(SPEC, np.zeros((0, 3)), levels)) == 0
    late = np.array([[9.9 / SPEC.frame_rate, 1.0, 108.0], [50.0, 51.0, 21.0]])
    assert velocities_of(SPEC, late, levels).tolist() == [112, 112]
