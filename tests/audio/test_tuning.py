"""Tests of the tuning of songs that are known to be in tune, played at other speeds."""

import librosa
import numpy as np
import pytest

from pipelines.audio import files
from pipelines.audio.tuning import TuningMeter
from tools.demo import DEMO_SONGS

RATE = 44100
BLOCK = 5 * RATE


def cents(samples: np.ndarray) -> float:
    meter = TuningMeter(RATE)
    for first in range(0, len(samples), BLOCK):
        meter.add(samples[first : first + BLOCK].astype(np.float32))
    return meter.cents()


@pytest.fixture(scope="module", params=["content/bwv253-harpsichord.ogg", "band/bwv257-band.ogg"])
def song(request: pytest.FixtureRequest) -> np.ndarray:
    return files.read(DEMO_SONGS / request.param, RATE, mono=True).reshape(-1)[: 15 * RATE]


@pytest.mark.parametrize("shift", [0, -45, -20, 8, 30])
def test_a_song_played_faster_or_slower(song: np.ndarray, shift: int):
    # Resampling to fewer samples makes it fast and sharp.
    played = librosa.resample(song, orig_sr=RATE * 2 ** (shift / 1200), target_sr=RATE)
    found = cents(played)
    assert found == (pytest.approx(shift, abs=4) if shift else 0)
    if shift:
        assert found == pytest.approx(100 * librosa.estimate_tuning(y=played, sr=RATE), abs=7)


@pytest.mark.parametrize(
    "samples",
    [np.zeros(BLOCK), np.random.default_rng(0).uniform(-1, 1, BLOCK), np.full(100, 0.5), np.zeros(0)],
    ids=["silence", "noise", "less than a spectrum", "nothing"],
)
def test_what_has_no_pitches_has_no_tuning(samples: np.ndarray):
    assert cents(samples) == 0


def test_partials_are_those_of_librosa(song: np.ndarray):
    meter = TuningMeter(RATE)
    hertz, weights = meter._partials(song)
    size = meter._n_fft
    how = {"sr": RATE, "n_fft": size, "hop_length": size, "fmin": 150.0, "fmax": 3000.0, "center": False}
    pitches, magnitudes = (each.T for each in librosa.piptrack(y=song, **how))
    found = pitches > 0
    np.testing.assert_allclose(hertz, pitches[found], atol=0.01)
    np.testing.assert_allclose(weights, magnitudes[found], rtol=1e-3)
