"""Tests of the selection of the validation songs."""

from __future__ import annotations

import types

import numpy as np
import pytest

from pipelines.training import validation
from pipelines.training.validation import ValidationSongs
from tests.training import fakes


@pytest.fixture
def asked(monkeypatch):
    """Recorded (domain, split) of each request for excerpts, which are of 1000, 63 and 4000 samples."""
    calls = []

    def excerpts(corpus, domain, split, *, count, segments):
        calls.append((domain, split))
        return [np.zeros(samples, np.float32) for samples in (1000, 63, 4000)]

    monkeypatch.setattr(validation, "excerpts", excerpts)
    return calls


def corpus(**splits):
    """A corpus whose domains have songs of these splits."""
    domains = {
        name: types.SimpleNamespace(songs=[types.SimpleNamespace(split=split) for split in kinds])
        for name, kinds in splits.items()
    }
    return types.SimpleNamespace(spec=fakes.SPEC, manifest=types.SimpleNamespace(domains=domains))


def test_sources_are_whole_multiples_and_too_short_ones_are_left_out(asked):
    songs = ValidationSongs.of(corpus(content=["train", "valid"], band=["train", "valid"]), 4)
    # 1 + 1000 // 64 = 16 frames span 960 samples; 63 samples have one frame; 60 of 63 frames span 3776.
    assert [len(song) for song in songs.sources] == [960, 3776]
    assert [fakes.SPEC.frames(len(song)) % 4 for song in songs.sources] == [0, 0]
    assert asked.count(("band", "train")) == 1
    assert asked.count(("content", "valid")) == 2


def test_what_the_discriminators_saw_does_not_judge(asked):
    songs = ValidationSongs.of(corpus(content=["train", "valid"], band=["train"]), 1)
    assert (len(songs.content), len(songs.band), len(songs.reference)) == (3, 0, 3)
    assert ("band", "valid") not in asked
