"""Tests of the evaluator on short synthetic songs: what it prefers, that it changes nothing, which songs."""

from __future__ import annotations

import random
import types

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import signal

from pipelines.training.evaluator import Evaluator, ValidationSongs
from tests.training import fakes

RATE = fakes.SPEC.sample_rate


def song(seed: int, bright: bool, seconds: float = 4.0) -> np.ndarray:
    """Plucked notes of a scale, one every half second; bright ones are square and sustained."""
    generator = np.random.default_rng(seed)
    time = np.arange(round(RATE / 2)) / RATE
    notes = 220 * 2 ** (generator.choice([0, 2, 4, 5, 7, 9, 11, 12], round(2 * seconds)) / 12)
    if bright:
        parts = [signal.square(2 * np.pi * note * time) * np.exp(-time) for note in notes]
    else:
        parts = [np.sin(2 * np.pi * note * time) * np.exp(-8 * time) for note in notes]
    hiss = generator.normal(scale=1e-4, size=len(parts) * len(time))
    return (0.1 * np.concatenate(parts) + hiss).astype(np.float32)


def songs(sources: list[np.ndarray], seen_only: bool = False) -> ValidationSongs:
    dark, bright = ([song(seed, kind) for seed in range(10, 12)] for kind in (False, True))
    return ValidationSongs(
        fakes.SPEC, sources, dark, [] if seen_only else bright, [song(seed, True) for seed in range(20, 24)]
    )


def network(scale: float = 1.0) -> keras.Model:
    mels = keras.Input((None, fakes.SPEC.n_mels, 1))
    weights = np.full((1, 1, 1, 1), scale, np.float32)
    layer = keras.layers.Conv2D(1, 1, use_bias=False, kernel_initializer=keras.initializers.Constant(weights))
    return keras.Model(mels, layer(mels))


def draws() -> list[float]:
    """The next number of every generator that has a global state."""
    return [random.random(), np.random.random(), float(tf.random.uniform([]))]  # noqa: NPY002


SOURCES = [song(seed, False) for seed in range(2)]


@pytest.fixture(scope="module")
def evaluator() -> Evaluator:
    return Evaluator(songs(SOURCES), network())


def test_the_sources_keep_the_notes_and_are_not_the_band(evaluator):
    assert evaluator.source["content/chroma_to_source"] == pytest.approx(1, abs=1e-6)
    assert evaluator.source["content/onset_f1"] == 1
    assert evaluator.source["style/closeness"] == evaluator.source["score/balance"] == 0
    assert evaluator.source["style/p_band"] < 0.1


def test_the_band_itself_has_the_style(evaluator):
    assert set(evaluator.band) == {"style/kad", "style/p_band", "style/closeness"}
    assert evaluator.band["style/p_band"] > 0.9
    assert evaluator.band["style/closeness"] > 0.8


def test_a_translator_that_changes_nothing_scores_as_the_sources(evaluator):
    scores = evaluator()
    assert scores["content/chroma_to_source"] > 0.95
    assert scores["style/p_band"] < 0.3
    assert abs(scores["style/closeness"]) < 0.3


def test_it_is_the_same_again_and_touches_no_random_state(evaluator):
    keras.utils.set_random_seed(3)
    first = evaluator()
    after = draws()
    keras.utils.set_random_seed(3)
    assert draws() == after
    assert evaluator() == first


def test_it_sees_new_weights(evaluator):
    before = evaluator()
    weight = evaluator._translator.trainable_variables[0]
    weight.assign(tf.fill((1, 1, 1, 1), 0.3))
    assert evaluator()["style/kad"] != before["style/kad"]
    weight.assign(tf.ones((1, 1, 1, 1)))


def test_a_broken_network_is_silence_and_stops_nothing(capfd):
    evaluator = Evaluator(songs(SOURCES[:1]), network(np.nan))
    scores = evaluator()
    assert all(np.isfinite(value) for value in scores.values())
    assert scores.get("score/balance", 0.0) < 0.2


def test_a_band_of_one_song_has_no_classifier_but_a_distance(capfd):
    evaluator = Evaluator(songs(SOURCES, seen_only=True), network())
    assert set(evaluator()) == {
        "content/chroma_to_source", "content/onset_f1", "style/kad", "style/closeness", "score/balance"
    }  # fmt: skip
    assert evaluator.band == {}
    assert capfd.readouterr().err.count("style/p_band is not measured: a classifier of style needs") == 1


def test_without_a_source_nothing_is_measured_and_said(capfd):
    assert Evaluator(songs([]), network())() == {}
    told = capfd.readouterr().err
    assert "content/onset_f1 is not measured: no content song is long enough" in told
    assert "style/kad is not measured" in told


@pytest.fixture
def asked(monkeypatch):
    """Recorded (domain, split) of each request for excerpts, which are of 1000, 63 and 4000 samples."""
    calls = []

    def excerpts(corpus, domain, split, *, count, segments):
        calls.append((domain, split))
        return [np.zeros(samples, np.float32) for samples in (1000, 63, 4000)]

    monkeypatch.setattr("pipelines.training.evaluator.excerpts", excerpts)
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
