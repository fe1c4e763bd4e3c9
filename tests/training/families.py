"""Every family's real preset, shrunk, and the batches of its steps: one table for what all of them keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from pipelines.audio.spec import AudioSpec
from pipelines.nn.pitches import PITCHES
from tests.contracts import batch_of
from tests.cyclegan import tiny as cyclegan
from tests.styletransfer.feedforward import tiny as styletransfer
from tests.transcriber import scenes
from tests.transcriber.content_decoder import tiny as decoder
from tests.transcriber.flow_decoder import tiny as flow
from tests.transcriber.seq2seq import tiny as seq2seq
from tests.vaegan import tiny as vaegan
from tests.vaegan.disentangled import tiny as disentangled
from tests.vaegan.shared_latent import tiny as shared_latent
from tests.vocoder import tiny as vocoder
from transcriber.model import TranscriberModel
from transcriber.piano_roll import DRUM_CLASSES
from vocoder.model import VocoderModel

BATCH = 4
"""Clips of each domain, two for each of two devices."""

_DATA = {"batch_size": BATCH}
_SHOWN = {"drop_contrast": 0.0, "partial": 1e-6}
"""All clips show their contrast: a loss that weighs by it does not depend on which of so few clips do."""


class Family(NamedTuple):
    """Model builder and batch source of one family.

    Attributes:
        build: a new model, equal weights at every call.
        batch: by the number of the step, `BATCH` clips.
    """

    build: Callable[[], Any]
    batch: Callable[[int], Mapping[str, tf.Tensor]]


def _clips(spec: AudioSpec, frames: int) -> Callable[[int], dict[str, tf.Tensor]]:
    def batch(step: int) -> dict[str, tf.Tensor]:
        halves = [batch_of(spec, frames, 100 * step + part) for part in range(BATCH // 2)]
        return {name: tf.concat([half[name] for half in halves], axis=0) for name in halves[0]}

    return batch


def _transcription_clips(step: int) -> dict[str, tf.Tensor]:
    chance = np.random.default_rng(step)
    log_mel = _clips(scenes.SPEC, scenes.FRAMES)(step)["band"]
    widths = {"sounding": PITCHES, "onset": PITCHES, "drums": len(DRUM_CLASSES)}
    shape = (BATCH, scenes.FRAMES)
    labels = {name: chance.uniform(size=(*shape, width)) < 0.1 for name, width in widths.items()}
    return {"log_mel": log_mel} | {name: tf.constant(x, tf.float32) for name, x in labels.items()}


def _recordings(step: int) -> dict[str, tf.Tensor]:
    halves = [vocoder.batch(10 * step + part) for part in range(BATCH // 2)]
    return {name: tf.concat([half[name] for half in halves], axis=0) for name in halves[0]}


def _transcriber() -> Any:
    # Clips are mixed with their neighbours in the batch, which another device may have.
    keras.utils.set_random_seed(scenes.SEED)
    model = TranscriberModel(scenes.config(data=_DATA, augment={"mix": 0.0}))
    model.set_statistics(np.full(scenes.SPEC.n_mels, -0.5), np.full(scenes.SPEC.n_mels, 0.3))
    model.compile()
    return model


def _vocoder() -> Any:
    keras.utils.set_random_seed(5)
    model = VocoderModel(vocoder.config(data=_DATA, discriminator={"begin": 0.0}, source={"unsourced": 0.5}))
    model.compile()
    return model


FAMILIES = {
    "cyclegan": Family(
        lambda: cyclegan.model(data=_DATA, loss={"content": 0.0}), _clips(cyclegan.SPEC, cyclegan.FRAMES)
    ),
    "vaegan": Family(lambda: vaegan.model(data=_DATA, view=_SHOWN), _clips(vaegan.SPEC, vaegan.FRAMES)),
    "disentangled": Family(
        lambda: disentangled.model(data=_DATA), _clips(disentangled.SPEC, disentangled.FRAMES)
    ),
    "shared_latent": Family(
        lambda: shared_latent.model(data=_DATA), _clips(shared_latent.SPEC, shared_latent.FRAMES)
    ),
    "styletransfer": Family(
        lambda: styletransfer.model(data=_DATA), _clips(styletransfer.SPEC, styletransfer.FRAMES)
    ),
    "content_decoder": Family(decoder.model, _clips(decoder.SPEC, decoder.FRAMES)),
    "flow_decoder": Family(lambda: flow.model(data=_DATA, view=_SHOWN), _clips(flow.SPEC, flow.FRAMES)),
    "seq2seq": Family(lambda: seq2seq.model(data=_DATA), _clips(seq2seq.SPEC, seq2seq.FRAMES)),
    "transcriber": Family(_transcriber, _transcription_clips),
    "vocoder": Family(_vocoder, _recordings),
}
