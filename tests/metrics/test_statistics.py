import librosa
import numpy as np
import pytest

from pipelines.metrics.statistics import NAMES, standardise, style_statistics
from pipelines.metrics.waveforms import resampled
from tests.metrics.timbres import BRIGHT, DULL, OTHER_TUNE, RATE, TUNE, melody, noise


def column(statistics: np.ndarray, name: str) -> np.ndarray:
    return statistics[:, NAMES.index(name)]


def test_one_row_a_second():
    assert style_statistics(noise(3.2), RATE).shape == (3, len(NAMES))
    assert len(style_statistics(noise(3.7), RATE)) == 4
    assert len(style_statistics(noise(0.1), RATE)) == 1
    assert np.isfinite(style_statistics(noise(0.01), RATE)).all()


def test_silence_has_no_style():
    assert style_statistics(np.zeros(RATE * 2), RATE).shape == (0, len(NAMES))
    assert style_statistics(np.zeros(0), RATE).shape == (0, len(NAMES))
    rest = np.concatenate([noise(2), np.zeros(2 * RATE, np.float32)])
    assert len(style_statistics(rest, RATE)) == 2


@pytest.mark.parametrize("gain", [0.001, 30.0])
def test_the_level_is_ignored(gain):
    sound = melody(TUNE, BRIGHT)
    np.testing.assert_allclose(
        style_statistics(gain * sound, RATE), style_statistics(sound, RATE), atol=0.02, rtol=1e-3
    )


def test_the_sample_rate_hardly_matters():
    sound = melody(TUNE, DULL)
    one, other = style_statistics(sound, RATE), style_statistics(resampled(sound, RATE, 44100), 44100)
    assert np.abs(column(one, "log centroid mean") - column(other, "log centroid mean")).max() < 0.02
    assert np.abs(column(one, "MFCC 2 mean") - column(other, "MFCC 2 mean")).max() < 2


def test_a_sine_s_centroid_is_its_frequency():
    time = np.arange(2 * RATE) / RATE
    found = column(style_statistics(np.sin(2 * np.pi * 1000 * time), RATE), "log centroid mean")
    assert found[0] == pytest.approx(np.log2(1000), abs=0.02)


def test_mfcc_are_librosa_s():
    sound = noise(1)
    level = sound / np.sqrt(np.mean(sound.astype(float) ** 2))
    expected = librosa.feature.mfcc(y=level, sr=RATE, n_mfcc=14, n_mels=64)[1:]
    found = style_statistics(sound, RATE)[0]
    np.testing.assert_allclose(found[:13], expected.mean(axis=1), atol=0.01)
    np.testing.assert_allclose(found[13:26], expected.std(axis=1), atol=0.01)


def test_flux_responds_to_attacks_and_flatness_to_noise():
    steady = style_statistics(melody(TUNE[:2], BRIGHT, decay=0, note_seconds=2), RATE)
    plucked = style_statistics(melody(TUNE, BRIGHT, decay=8), RATE)
    assert column(plucked, "flux deviation").mean() > 2 * column(steady, "flux deviation").mean()
    hissing = style_statistics(noise(2), RATE)
    assert column(hissing, "log flatness").min() > column(plucked, "log flatness").max() + 10


def test_another_timbre_matters_more_than_other_notes():
    here, other_notes, other_timbre = (
        style_statistics(melody(*notes), RATE)
        for notes in ((TUNE, BRIGHT), (OTHER_TUNE, BRIGHT), (TUNE, DULL))
    )
    both = np.concatenate([here, other_timbre])
    means = [standardise(each, both).mean(axis=0) for each in (here, other_notes, other_timbre)]
    assert np.linalg.norm(means[0] - means[1]) < 0.5 * np.linalg.norm(means[0] - means[2])


def test_standardise():
    reference = np.array([[1.0, 5.0], [3.0, 5.0]])
    np.testing.assert_allclose(standardise(np.array([[4.0, 7.0]]), reference), [[2.0, 2.0]])
