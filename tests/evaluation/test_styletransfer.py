"""Rows without training, songs that are chosen, and what playing takes."""

import dataclasses
import functools

import numpy as np
import pytest

from pipelines.errors import UserError
from pipelines.evaluation import job
from pipelines.evaluation.catalogue import COST
from styletransfer import evaluation as stylizing
from styletransfer.evaluation import Described
from styletransfer.presets import PRESETS
from tests.evaluation import small
from tests.evaluation.small import FEW, estimates, request

pytestmark = pytest.mark.usefixtures("one_process")


def test_a_method_is_a_preset_and_its_changes():
    plain, changed = stylizing.described(["merge", "deepmix, iterations=3,features.filters=64"])
    assert plain == Described("merge", "merge", ())
    assert changed.changes == ("iterations=3", "features.filters=64")
    player = stylizing.system(changed, [], "songs", small.SPEC)
    assert (player.config.iterations, player.config.features.filters) == (3, 64)
    assert player.config.spec == small.SPEC
    assert player.method.key == "stylize-deepmix--iterations-3--features-filters-64"


@pytest.mark.parametrize("text", ["mixdeep", "merge,beta=1", "deepmix,iterations=many"])
def test_what_cannot_be_understood_is_refused(text):
    with pytest.raises(UserError):
        stylizing.described([text])


def test_every_preset_has_a_row(folder, tmp_path):
    """Those without much to compute are really played; the songs are as long and no copies."""
    ways = stylizing.described(["merge", "musaic,iterations=2", "deepmix,iterations=2,features.filters=32"])
    makes = tuple(functools.partial(stylizing.system, way) for way in ways)
    wanted = dataclasses.replace(request(folder, tmp_path), untrained=makes, songs=1)
    evaluation = job.evaluate(wanted, (*FEW, *COST))
    assert [row.method.name for row in evaluation.rows[-3:]] == [way.name for way in ways]
    assert [song.name for song in evaluation.songs] == ["two"]
    found = estimates(evaluation, "lsd_time")
    assert len({round(found[way.name], 3) for way in ways} | {round(found["copy the source"], 3)}) == 4
    seconds = estimates(evaluation, "processor")
    assert 0 <= seconds["copy the source"] < seconds["merge"]


def test_the_styles_are_those_of_the_band_at_the_methods_rate():
    sound = small.play(small.melody(1), band=True)
    change = ("spec.sample_rate=11025", "spec.fmax=5512.5", "style_seconds=2")
    player = stylizing.system(Described("merge", "merge", change), [lambda: sound], "one", small.SPEC)
    heard = player._read(lambda: sound)
    assert heard.shape == (round(len(sound) / 2), 1)
    assert np.abs(heard).max() > 0.01
    assert "merge" in PRESETS
