import numpy as np
import pytest

from pipelines.evaluation.columns import Comparison
from pipelines.evaluation.recording import Recording
from tests.transcriber.content_decoder import tiny
from transcriber import evaluation
from transcriber.note_events import SOUNDING


@pytest.fixture(autouse=True)
def transcriber(monkeypatch):
    """An untrained transcriber that records its calls."""
    untrained, calls = tiny.transcriber(), []

    def transcribe(log_mel):
        calls.append(len(log_mel))
        return untrained(log_mel)

    transcribe.spec = untrained.spec
    monkeypatch.setattr(evaluation, "_transcriber", lambda: transcribe)
    return calls


def recording(seed, seconds=1.0):
    noise = np.random.default_rng(seed).standard_normal(round(16000 * seconds))
    return Recording((0.1 * noise).astype(np.float32), tiny.SPEC)


def test_equal_recordings_have_f1_of_one_and_are_transcribed_once(transcriber):
    one = recording(1)
    assert evaluation.notes_kept(Comparison(one, one)) == 1
    assert len(transcriber) == 1


def test_f1_of_two_recordings_is_counted_over_all_frames():
    one, other = recording(1), recording(2, 1.2)
    rolls = [evaluation._sounding(each) >= SOUNDING for each in (one, other)]
    a, b = rolls[0], rolls[1][: len(rolls[0])]
    expected = 2 * (a & b).sum() / (a.sum() + b.sum())
    assert evaluation.notes_kept(Comparison(other, one)) == pytest.approx(expected)
    assert 0 < expected < 1


def test_against_the_score(transcriber):
    one = recording(3)
    estimate = evaluation._sounding(one) >= SOUNDING
    key = int(estimate.sum(axis=0).argmax())
    notes = np.array([[0.0, 2.0, 21 + key]])
    expected = 2 * estimate[:, key].sum() / (estimate.sum() + len(estimate))
    assert evaluation.score_f1(Comparison(one, one, notes=notes)) == pytest.approx(expected, abs=1e-3)
