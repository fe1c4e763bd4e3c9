import subprocess
import sys

import numpy as np
import pytest

from pipelines.audio import pitch_time
from pipelines.errors import UserError

RATE = 22050


def _blocks(sound, seconds=pitch_time.BLOCK_SECONDS):
    size = round(seconds * RATE)
    return [sound[start : start + size] for start in range(0, len(sound), size)]


def _changed(sound, semitones, tempo, seconds=pitch_time.BLOCK_SECONDS):
    return np.concatenate(
        list(pitch_time.change_pitch_and_tempo(_blocks(sound, seconds), RATE, semitones, tempo))
    )


def _tone(hertz, seconds):
    return 0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE).astype(np.float32)


def _hertz(sound):
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    return np.fft.rfftfreq(len(sound), 1 / RATE)[spectrum.argmax()]


@pytest.mark.parametrize(("semitones", "tempo"), [(0.0, 1.1), (2.0, 1.0), (-1.37, 0.93)])
def test_pitch_and_tempo_are_the_requested_ones(semitones, tempo):
    sound = _tone(440, 3.0)
    for at in (0.7, 2.2):
        sound[round(at * RATE)] += 1.0  # clicks, which show the tempo
    changed = _changed(sound, semitones, tempo)
    assert len(changed) == pytest.approx(3.0 * RATE / tempo, abs=2)
    cents = 1200 * np.log2(_hertz(changed) / (440 * 2 ** (semitones / 12)))
    assert abs(cents) < 6
    rest = np.abs(np.diff(changed, 2))
    clicks = [rest[: len(rest) // 2].argmax(), len(rest) // 2 + rest[len(rest) // 2 :].argmax()]
    np.testing.assert_allclose(np.array(clicks) * tempo / RATE, [0.7, 2.2], atol=0.01)


def test_deterministic():
    sound = np.random.default_rng(0).normal(scale=0.1, size=RATE).astype(np.float32)
    np.testing.assert_array_equal(_changed(sound, 0.5, 1.05), _changed(sound, 0.5, 1.05))


@pytest.mark.parametrize("seconds", [2.0, 4.9])
def test_blocks_join_in_time(seconds):
    """In short blocks (the last shorter than a fade) a song has the length, level and time of the whole."""
    sound = _tone(330, 10.0) * np.linspace(0.1, 1, 10 * RATE, dtype=np.float32)
    whole, joined = _changed(sound, 1.0, 0.95), _changed(sound, 1.0, 0.95, seconds)
    assert len(joined) == pytest.approx(len(whole), abs=len(sound) // round(seconds * RATE) + 1)
    envelopes = [
        np.sqrt(np.mean(np.square(x[: len(x) // 500 * 500]).reshape(500, -1), axis=1))
        for x in (whole, joined)
    ]
    # Two sines that meet in another phase cancel for a moment; nothing else is lost.
    assert np.median(np.abs(envelopes[1] / envelopes[0] - 1)) < 0.02
    assert np.mean(np.abs(envelopes[1] / envelopes[0] - 1) > 0.1) < 0.1


def test_memory_is_that_of_a_few_blocks():
    """Of an endless recording, the beginning comes out at once."""

    def endless():
        while True:
            yield np.zeros(RATE, np.float32)

    stream = pitch_time.change_pitch_and_tempo(endless(), RATE, 1.0, 1.0)
    assert len(next(stream)) == RATE


def test_error_without_the_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "python_stretch", None)
    with pytest.raises(UserError, match=r"needs python_stretch: pip install 'coverband\[augment\]'"):
        _changed(np.zeros(RATE, np.float32), 1.0, 1.0)


def test_loads_without_the_library():
    code = "import sys; sys.modules['python_stretch'] = None; import pipelines.audio.pitch_time"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0
