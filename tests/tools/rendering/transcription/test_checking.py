import numpy as np
import pytest

from tests.tools.rendering.transcription.fakes import RATE, clicks, sines
from tools.rendering.midi import DRUMS
from tools.rendering.scores import Note
from tools.rendering.transcription import checking

SCALE = [Note(0.3 + 0.4 * n, 0.35, 60 + 2 * n, 0) for n in range(8)]


@pytest.mark.parametrize("late", [-0.1, -0.04, 0.0, 0.04, 0.1])
@pytest.mark.parametrize("sound", ["sines", "clicks"])
def test_onset_delay(sound, late):
    if sound == "sines":
        notes, samples = SCALE, sines(SCALE, 4.0)
    else:
        samples, times = clicks()
        notes = [Note(time, 0.1, 38, DRUMS) for time in times]
    delayed = np.roll(samples, round(late * RATE), axis=0)
    assert checking.onset_delay(delayed, notes) == pytest.approx(late, abs=0.012)


def test_chroma_similarity_distinguishes_scores():
    samples = sines(SCALE, 4.0)
    other = [Note(n.start, n.length, n.pitch + 1, 0) for n in SCALE]
    drums = [Note(0.3, 0.1, 36, DRUMS)]
    right, transposed = checking.chroma_to_score(samples, [*SCALE, *drums])
    assert right > 0.8 > transposed + checking.MARGIN
    wrong, transposed = checking.chroma_to_score(samples, other)
    assert wrong < transposed
    assert transposed == pytest.approx(right, abs=0.05)
