"""`python -m tools benchmark velocities`."""

import math

import numpy as np
import pytest

from tests import commands
from tools.benchmarks.velocities import Performance, agreement, played

NOTES = np.array([[i / 2, i / 2 + 0.4, 60 + i % 5] for i in range(20)])
VELOCITIES = np.arange(40, 120, 4)


def test_velocities_on_a_line_through_those_played_are_right():
    half = Performance(NOTES + np.array([0.01, 0, 0]), VELOCITIES // 2 + 10)
    found, correlation, right = agreement(Performance(NOTES, VELOCITIES), half)
    assert (found, right) == (1, 1)
    assert correlation == pytest.approx(1)


def test_equal_velocities_are_right_for_the_notes_near_the_mean_alone():
    found, correlation, right = agreement(Performance(NOTES, VELOCITIES), Performance(NOTES, np.full(20, 80)))
    # Within a tenth of the range of 76 around the mean of 78: 72, 76, 80 and 84.
    assert (found, right) == (1, 4 / 20)
    assert math.isnan(correlation)


def test_only_notes_that_are_found_count():
    wrong = NOTES.copy()
    wrong[10:, 0] += 0.2
    found, correlation, _ = agreement(Performance(NOTES, VELOCITIES), Performance(wrong, VELOCITIES))
    assert found == 0.5
    assert correlation == pytest.approx(1)


def test_notes_that_begin_together_at_one_pitch_are_played_once():
    twice = np.concatenate([NOTES, NOTES])
    notes, velocities = played(twice, seed=0)
    assert sorted(map(tuple, notes)) == sorted(map(tuple, NOTES))
    assert len(set(velocities.tolist())) > 10
    assert velocities.tolist() == played(twice, seed=0).velocities.tolist()


@pytest.mark.parametrize("soundfont", ["no_such_file.sf2"])
def test_a_missing_soundfont_is_one_sentence(tmp_path, soundfont):
    run = commands.run("tools.benchmarks.velocities", "--scores", tmp_path, "--soundfont", soundfont)
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert soundfont in run.stderr or "fluidsynth" in run.stderr
