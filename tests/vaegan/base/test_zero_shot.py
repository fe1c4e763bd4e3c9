"""The shipped base, in the style of songs of the demo's band."""

from pathlib import Path

import numpy as np
import pytest

import tools
from coverband.api.trained_model import load
from pipelines.audio import files
from pipelines.evaluation import baselines
from vaegan.base import checkpoint

DEMO = Path(tools.__file__).parent / "demo_songs"
SONGS = sorted((DEMO / "band").glob("*.ogg"))[:2]


@pytest.fixture(scope="module")
def model():
    return load(style=SONGS)


def test_a_cover_is_nearer_to_the_band_than_the_song_is(model):
    """A pair of the demo, with nothing trained."""
    spec = model.window_translator.spec
    source, truth = (
        files.read(next((DEMO / "truth").glob(f"*.{kind}.*")), spec.sample_rate)[: 8 * spec.sample_rate]
        for kind in ("source", "band")
    )
    cover = model.translate(source, spec.sample_rate)
    assert cover.shape == source.shape
    song, played, wanted = (
        baselines.log_mel(spec, baselines.at_training_loudness(spec, x).mean(axis=1))
        for x in (source, cover, truth)
    )
    error, copying = (np.abs(x - wanted).mean() for x in (played, song))
    assert error < 0.95 * copying


def test_a_model_or_a_style_is_needed():
    with pytest.raises(ValueError, match="name a model, or recordings"):
        load()


def test_the_card_of_the_base_says_how_it_was_made():
    assert {"steps", "data", "preset"} <= set(checkpoint.facts())
