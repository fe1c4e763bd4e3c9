"""Tests of the intervals of logging, summaries, checkpoints and evaluations."""

import pytest

from pipelines.errors import UserError
from pipelines.training.cadence import Cadence


@pytest.mark.parametrize(("wanted", "steps"), [(None, 7), (0, 0), (3, 3)])
def test_songs_are_measured_with_the_summaries_unless_told_otherwise(wanted, steps):
    assert Cadence(summary_every=7, evaluate_every=wanted).evaluation_steps == steps


@pytest.mark.parametrize("name", ["log_every", "summary_every", "checkpoint_every", "evaluate_every"])
def test_numbers_that_are_not_possible(name):
    with pytest.raises(UserError, match=f"--{name} -1 is not possible"):
        Cadence(**{name: -1})
