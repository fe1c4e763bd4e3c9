import numpy as np
import pytest

from listener.notes import SOUNDING
from tests.listener.decoder import tiny
from tools.evaluation import listening
from tools.evaluation.columns import Hearing
from tools.evaluation.recording import Recording


@pytest.fixture(autouse=True)
def listener(monkeypatch):
    """One that was never taught, which counts how often it hears."""
    heard, calls = tiny.listener(), []

    def hear(log_mel):
        calls.append(len(log_mel))
        return heard(log_mel)

    hear.spec = heard.spec
    monkeypatch.setattr(listening, "_listener", lambda: hear)
    return calls


def recording(seed, seconds=1.0):
    noise = np.random.default_rng(seed).standard_normal(round(16000 * seconds))
    return Recording((0.1 * noise).astype(np.float32), tiny.SPEC)


def test_the_same_recording_keeps_all_notes_and_is_heard_once(listener):
    one = recording(1)
    assert listening.notes_kept(Hearing(one, one)) == 1
    assert len(listener) == 1


def test_f1_of_two_recordings_is_counted_over_all_frames():
    one, other = recording(1), recording(2, 1.2)
    rolls = [listening._sounding(each) >= SOUNDING for each in (one, other)]
    a, b = rolls[0], rolls[1][: len(rolls[0])]
    expected = 2 * (a & b).sum() / (a.sum() + b.sum())
    assert listening.notes_kept(Hearing(other, one)) == pytest.approx(expected)
    assert 0 < expected < 1


def test_against_the_score(listener):
    one = recording(3)
    heard = listening._sounding(one) >= SOUNDING
    key = int(heard.sum(axis=0).argmax())
    notes = np.array([[0.0, 2.0, 21 + key]])
    expected = 2 * heard[:, key].sum() / (heard.sum() + len(heard))
    assert listening.score_heard(Hearing(one, one, notes=notes)) == pytest.approx(expected, abs=1e-3)
