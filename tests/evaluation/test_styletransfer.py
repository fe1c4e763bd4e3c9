"""Systems without training, subsets of songs, and processor time."""

import dataclasses
import functools

import numpy as np
import pytest

from pipelines.errors import UserError
from pipelines.evaluation import job
from pipelines.evaluation.catalogue import COST
from styletransfer.evaluation import StylizeEntry, stylize_entries, stylize_system
from styletransfer.presets import PRESETS
from tests.evaluation import small
from tests.evaluation.small import FEW, estimates, request

pytestmark = pytest.mark.usefixtures("one_process")


def test_an_entry_is_a_preset_and_its_changes():
    plain, changed = stylize_entries(["merge", "deepmix, iterations=3,features.filters=64"])
    assert plain == StylizeEntry("merge", "merge", ())
    assert changed.changes == ("iterations=3", "features.filters=64")
    system = stylize_system(changed, [], "songs", small.SPEC)
    assert (system.config.iterations, system.config.features.filters) == (3, 64)
    assert system.config.spec == small.SPEC
    assert system.method.key == "stylize-deepmix--iterations-3--features-filters-64"


@pytest.mark.parametrize("text", ["mixdeep", "merge,beta=1", "deepmix,iterations=many"])
def test_unknown_presets_and_changes_are_errors(text):
    with pytest.raises(UserError):
        stylize_entries([text])


@pytest.mark.slow
def test_every_preset_has_a_row(folder, tmp_path):
    """Presets that need little computation are run; their output differs from the source."""
    entries = stylize_entries(["merge", "musaic,iterations=2", "deepmix,iterations=2,features.filters=32"])
    factories = tuple(functools.partial(stylize_system, entry) for entry in entries)
    wanted = dataclasses.replace(request(folder, tmp_path), untrained=factories, songs=1)
    evaluation = job.evaluate(wanted, (*FEW, *COST))
    assert [row.method.name for row in evaluation.rows[-3:]] == [entry.name for entry in entries]
    assert [song.name for song in evaluation.songs] == ["two"]
    found = estimates(evaluation, "lsd_time")
    assert len({round(found[entry.name], 3) for entry in entries} | {round(found["copy the source"], 3)}) == 4
    seconds = estimates(evaluation, "processor")
    assert 0 <= seconds["copy the source"] < seconds["merge"]


def test_songs_of_the_band_are_resampled_to_the_methods_rate():
    sound = small.synthesise(small.melody(1), band=True)
    change = ("spec.sample_rate=11025", "spec.fmax=5512.5", "style_seconds=2")
    system = stylize_system(StylizeEntry("merge", "merge", change), [lambda: sound], "one", small.SPEC)
    waveform = system._read(lambda: sound)
    assert waveform.shape == (round(len(sound) / 2), 1)
    assert np.abs(waveform).max() > 0.01
    assert "merge" in PRESETS
