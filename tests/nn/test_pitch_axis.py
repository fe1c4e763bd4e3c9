import keras
import librosa
import numpy as np
import pytest

from pipelines.audio.spec import AudioSpec
from pipelines.nn.pitch_axis import PitchAxis
from pipelines.nn.pitches import BINS, LOWEST, PITCHES, interpolation

SMALL = AudioSpec(sample_rate=16000, n_fft=512, hop_length=128, n_mels=32, fmax=8000.0)
CENTRES = librosa.mel_frequencies(SMALL.n_mels + 2, fmin=0.0, fmax=8000.0)[1:-1]
MIDI = np.array([LOWEST + key + part for key in range(PITCHES) for part in (-0.25, 0.25)])
HERTZ = 440 * 2 ** ((MIDI - 69) / 12)


@pytest.mark.parametrize("harmonic", [0.5, 1.0, 3.0, 8.0])
def test_a_known_spectrum_is_read_as_by_numpy(harmonic):
    spectrum = np.random.default_rng(0).normal(size=SMALL.n_mels)
    expected = np.interp(HERTZ * harmonic, CENTRES, spectrum, right=0.0)
    np.testing.assert_allclose(spectrum @ interpolation(SMALL, harmonic), expected, atol=1e-5)


@pytest.mark.parametrize("spec", [SMALL, AudioSpec()])
@pytest.mark.parametrize("harmonic", [0.5, 1.0, 4.0, 8.0])
def test_the_weights_of_a_position_sum_to_1_and_beyond_the_range_to_0(spec, harmonic):
    highest = librosa.mel_frequencies(spec.n_mels + 2, fmin=spec.fmin, fmax=spec.fmax)[-2]
    weights = interpolation(spec, harmonic)
    assert weights.shape == (spec.n_mels, PITCHES * BINS)
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(axis=0), HERTZ * harmonic <= highest, atol=1e-6)
    assert (np.count_nonzero(weights, axis=0) <= 2).all()


def test_harmonics_lie_beside_each_other_each_with_all_channels():
    x = np.random.default_rng(0).normal(size=(2, 3, SMALL.n_mels, 2)).astype(np.float32)
    read = PitchAxis(SMALL, (1.0, 2.0))(x).numpy()
    assert read.shape == (2, 3, PITCHES * BINS, 4)
    for index, (harmonic, channel) in enumerate([(1.0, 0), (1.0, 1), (2.0, 0), (2.0, 1)]):
        expected = np.interp(HERTZ * harmonic, CENTRES, x[1, 2, :, channel], right=0.0)
        np.testing.assert_allclose(read[1, 2, :, index], expected, atol=1e-5)


def test_an_octave_higher_is_an_octave_s_positions_further():
    low, high = (interpolation(SMALL, harmonic) for harmonic in (1.0, 2.0))
    np.testing.assert_allclose(high[:, : -12 * BINS], low[:, 12 * BINS :], atol=1e-5)


def test_it_survives_being_saved(tmp_path):
    inputs = keras.Input((None, SMALL.n_mels, 1))
    model = keras.Model(inputs, PitchAxis(SMALL, (0.5, 1.0))(inputs))
    model.save(tmp_path / "axis.keras")
    x = np.random.default_rng(0).normal(size=(1, 4, SMALL.n_mels, 1)).astype(np.float32)
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "axis.keras")(x), model(x))
