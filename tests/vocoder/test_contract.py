"""The vocoder keeps what every model has to keep: it resumes to the last bit, and windows join exactly."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from pipelines.audio.inversion import GriffinLim
from pipelines.audio.stft import stft
from pipelines.inference.graph_song import translate_waveform
from pipelines.inference.window_translator import WindowTranslator
from pipelines.nn.dials import DIALS
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.nn.neural_vocoder.signal import feature_width
from pipelines.training.callbacks.checkpoint import Checkpoint
from pipelines.training.callbacks.limits import Limit
from pipelines.training.callbacks.tensorboard import Scalars
from pipelines.training.config import Budget
from pipelines.training.summaries import Events
from pipelines.training.trainer import Outcome, Trainer
from pipelines.training.workdir import RunRecord, Workdir
from tests.contracts import state, without_graphs
from tests.vocoder import tiny
from vocoder.callbacks import ValidationClips, VocoderEvaluation, VocoderPreviews
from vocoder.model import VocoderModel

STEPS = 5


def train(folder: Path, stop: int | None = None) -> tuple[VocoderModel, Outcome, Workdir]:
    """Trains a new model by the trainer; at step `stop` the process gets what Ctrl-C sends."""
    model, workdir = tiny.model(), Workdir(folder / "run")
    if not workdir.config.exists():
        workdir.start(RunRecord("vocoder", "vocoder_tiny", 5, {"steps": STEPS}), tiny.SPEC)

    def batches(first: int):
        for step, batch in enumerate(tiny.batches(first), first):
            if step == stop:
                os.kill(os.getpid(), signal.SIGINT)
            yield batch

    limit, events = Limit(Budget(steps=STEPS)), Events(workdir.logs)
    saved = Checkpoint(
        workdir.checkpoints,
        STEPS,
        save_network=lambda: checkpoint.save(workdir.path / checkpoint.FILE, model.inverter),
        extra={"seconds": limit.seconds},
    )
    clips = ValidationClips(tiny.SPEC, model.config.source, tiny.clips())
    callbacks = [
        Scalars(events, 1, limit=limit, checkpoint=saved),
        VocoderPreviews(clips, events, STEPS),
        VocoderEvaluation(clips, events, STEPS),
    ]
    trainer = Trainer(model, limit=limit, checkpoint=saved, callbacks=callbacks)
    with without_graphs():
        return model, trainer.fit(batches), workdir


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return train(tmp_path_factory.mktemp("whole"))


@pytest.mark.slow
def test_training_changes_every_trainable_variable_of_both(whole):
    fresh, model = tiny.model(), whole[0]
    for network in ("network", "discriminator"):
        pairs = zip(getattr(fresh, network).weights, getattr(model, network).weights, strict=True)
        same = [old.path for old, new in pairs if np.array_equal(old, new)]
        # A hinge that misses all its margins pulls the last bias up as much as down.
        assert not [path for path in same if not path.endswith("logits/bias")]


@pytest.mark.slow
def test_resumed_equals_uninterrupted_to_the_last_bit(whole, tmp_path):
    assert train(tmp_path, stop=2)[1] == Outcome(3, 3, signal.SIGINT)
    model, outcome, _ = train(tmp_path)
    assert outcome == Outcome(STEPS, STEPS - 3)
    ours, theirs = state(model), state(whole[0])
    assert len(ours) == len(theirs) > 100
    for name in theirs:
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)


@pytest.mark.slow
def test_what_is_saved_plays_like_the_average(whole):
    model, _, workdir = whole
    loaded = checkpoint.load(workdir.path / checkpoint.FILE)
    assert loaded.card == model.card()
    assert loaded.card.steps == STEPS
    seen = np.random.default_rng(0).normal(size=(1, 9, feature_width(tiny.SPEC, 40))).astype(np.float32)
    with model.averaged():
        np.testing.assert_allclose(loaded.network(seen), model.network(seen), atol=0.01)


@pytest.mark.parametrize("causal", [False, True])
def test_windowed_equals_whole(causal):
    inverter = tiny.inverter(network={"causal": causal, "iterations": 1})
    song = np.stack([tiny.song(9000, seed) for seed in (1, 2)], axis=1)

    def quieter(log_mel: tf.Tensor, first_frame: Any = 0, closeness: Any = 0.5) -> tf.Tensor:
        return 0.9 * log_mel

    def cover(size: int) -> np.ndarray:
        maker = WindowTranslator.from_network(
            quieter, tiny.SPEC, context=0, multiple=1, size=size, inverter=inverter
        )
        return translate_waveform(maker, tf.constant(song), DIALS).numpy()

    whole = cover(10_000)
    assert np.abs(whole).max() > 0.01
    np.testing.assert_allclose(cover(16), whole, atol=2e-5)


@pytest.mark.parametrize("causal", [False, True])
def test_the_card_s_context_is_exact(causal):
    vocoder = tiny.inverter(network={"causal": causal})
    shape = (1, 40, feature_width(tiny.SPEC, 40))
    seen = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    other = seen.copy()
    other[:, 20] += 1
    moved = np.abs(vocoder.network(other) - vocoder.network(seen)).max(axis=(0, 2))
    changed = np.flatnonzero(moved > 1e-6)
    # One frame more is for the advance of phases, which the features hold.
    reach = vocoder.card.context_frames - 1
    assert changed[-1] == 20 + reach
    assert changed[0] == (20 if causal else 20 - reach)


def test_an_untrained_vocoder_plays_what_it_starts_from():
    vocoder = tiny.model().inverter
    waveform = tiny.song(8000)
    spectra = stft(tiny.SPEC, tf.constant(waveform[None]))
    from pipelines.audio.features import stft_to_log_mel

    log_mel = stft_to_log_mel(tiny.SPEC, spectra)
    ours = vocoder(log_mel, source_stft=spectra, length=8000).numpy()
    theirs = GriffinLim(tiny.SPEC, 0)(log_mel, source_stft=spectra, length=8000).numpy()
    np.testing.assert_allclose(ours, theirs, atol=1e-3)
    blind = vocoder(log_mel, length=8000).numpy()
    assert blind.shape == (1, 8000)
    assert np.isfinite(blind).all()
