import numpy as np
import pytest

from tests.tools.rendering.transcription.fakes import RATE, font, sines
from tools.rendering import render_pool, synth
from tools.rendering.scores import Note
from tools.rendering.transcription import soundfont_check


def _sounds(shift=0.0, pitches=range(24, 104, 6)):
    """Notes of half a second, detuned by some semitones."""
    return [(pitch, sines([Note(0.0, 0.5, pitch + shift, 0)], 0.5).mean(axis=1)) for pitch in pitches]


def test_notes_in_tune_over_the_whole_keyboard():
    assert soundfont_check.in_tune(_sounds()) == list(range(24, 104, 6))


@pytest.mark.parametrize("shift", [-12, -7, 1, 7, 12, 0.8])
def test_detuned_notes(shift):
    assert not [pitch for pitch in soundfont_check.in_tune(_sounds(shift)) if pitch > 36]


def test_noise_and_silence_are_not_in_tune():
    rng = np.random.default_rng(0)
    sounds = _sounds()
    sounds[7] = (sounds[7][0], sounds[7][1] * 1e-4)
    sounds[8] = (sounds[8][0], rng.normal(0, 0.05, RATE // 2))
    assert soundfont_check.in_tune(sounds) == [pitch for pitch, _ in sounds[:7] + sounds[9:]]
    assert len(soundfont_check.in_tune(sounds, mixture=True)) == len(sounds) - 1


@pytest.fixture
def soundfont(tmp_path, monkeypatch):
    """SoundFont whose programs 0 to 7 are in tune, except the third; the fourth has a slow attack."""
    calls = []

    def measure(_, programs):
        calls.append(programs)
        return [
            (
                p,
                [24, 30, 36, 42, 48] if p < 8 and p != 2 else [],
                0.1 if p == 3 else 0.0,
                {"30": 0.7} if p == 4 else {},
            )
            for p in programs
        ]

    monkeypatch.setattr(soundfont_check, "_measure", measure)
    monkeypatch.setattr(
        render_pool.worker_pool, "run", lambda f, tasks, jobs: ((task, f(task)) for task in tasks)
    )
    return font(tmp_path), calls


def test_usable_instruments_have_keys_and_attacks(soundfont, tmp_path):
    path, calls = soundfont
    found = soundfont_check.instruments(path, tmp_path, 1)
    assert list(found) == [0, 1, 3, 4, 5, 6, 7]
    assert found[0].keys == frozenset(range(24, 51))
    assert (found[0].attack, found[3].attack) == (0.0, 0.1)
    assert found[4].decays == dict.fromkeys(range(27, 33), 0.7)
    assert not found[0].decays
    assert sorted(program for group in calls for program in group) == list(range(soundfont_check.PROGRAMS))
    assert soundfont_check.instruments(path, tmp_path, 1) == found
    assert len(calls) == 13


def test_damaged_cache_is_replaced(soundfont, tmp_path):
    path, calls = soundfont
    found = soundfont_check.instruments(path, tmp_path, 1)
    next(tmp_path.glob("instruments-*")).write_text("[[0, 1")
    assert soundfont_check.instruments(path, tmp_path, 1) == found
    assert len(calls) == 26


def test_measurement_of_several_programs(monkeypatch, tmp_path):
    pytest.importorskip("music21", reason="MIDI is written by music21, an optional extra (render)")
    notes = list(soundfont_check._notes(2))
    swelling = np.minimum(np.linspace(0, 3 / 0.4, round(3.0 * RATE)), 1)
    plucked = np.exp(-np.arange(round(3.0 * RATE)) / (0.25 * RATE))

    def render(midi, seconds, soundfont):
        samples = sines(notes, seconds)
        for i, note in enumerate(notes):
            start, shape = round(note.start * RATE), plucked if i < len(notes) // 2 else swelling
            samples[start : start + len(shape)] *= shape[:, None]
        return samples

    monkeypatch.setattr(synth, "render", render)
    quick, slow = soundfont_check._measure(font(tmp_path), [5, 9])
    assert (quick[0], quick[1], slow[0]) == (5, list(range(24, 104, 6)), 9)
    assert quick[2] == 0.0
    assert slow[2] == pytest.approx(0.2, abs=0.02)
    # 24 dB of a time constant of a quarter of a second.
    assert set(quick[3]) == {str(key) for key in range(24, 104, 6)}
    assert list(quick[3].values()) == pytest.approx([0.25 * np.log(10 ** (24 / 20))] * 14, abs=0.06)
    assert not slow[3]
