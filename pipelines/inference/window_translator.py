"""Translation of one window of a song on tensors; the same eagerly and in a graph."""

from __future__ import annotations

import dataclasses
import functools
from typing import ClassVar

import numpy as np
import tensorflow as tf

from pipelines.audio.features import magnitude_to_log_mel
from pipelines.audio.inversion import GriffinLim, Inverter
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stereo import mono_magnitude
from pipelines.audio.stft import stft
from pipelines.inference.window_translation import (
    WINDOW_FRAMES,
    Operations,
    TranslatorFn,
    WindowFn,
    WindowTranslation,
)
from pipelines.inference.windows import Window
from pipelines.nn.dials import Dials
from pipelines.nn.translator import Translator

TENSORS = Operations(
    xp=tf,
    stft=functools.partial(stft, center=False),
    log_mel=magnitude_to_log_mel,
    mono_magnitude=mono_magnitude,
)


class WindowTranslator(WindowTranslation):
    """Window translator on tensors, of a Keras network or of a SavedModel."""

    operations: ClassVar[Operations] = TENSORS

    @classmethod
    def from_network(
        cls,
        translate: TranslatorFn,
        spec: AudioSpec,
        *,
        context: int,
        multiple: int,
        size: int = WINDOW_FRAMES,
        inverter: Inverter | None = None,
    ) -> WindowTranslator:
        """Window translator of a network; see `with_windows`.

        Args:
            translate: the network.
            spec: of the network.
            context: of the network, frames on each side.
            multiple: the network accepts multiples of this number of frames.
            size: output frames of a window, at least.
            inverter: of the same spec; None for the phase of the source and one inverse STFT.
        """
        return cls.with_windows(
            translate, spec, inverter or GriffinLim(spec), context=context, multiple=multiple, size=size
        )

    @classmethod
    def from_translator(
        cls, translator: Translator, inverter: Inverter | None = None, *, size: int = WINDOW_FRAMES
    ) -> WindowTranslator:
        """Window translator of a Keras translator.

        Args:
            translator: as training wrote it.
            inverter: of the same spec; None for the phase of the source and one inverse STFT.
            size: output frames of a window, at least.
        """
        card = translator.card
        return cls.from_network(
            translator,
            translator.spec,
            context=card.context_frames,
            multiple=card.time_multiple,
            size=size,
            inverter=inverter,
        )

    def compiled(self) -> WindowFn:
        """Function of arrays whose graph is traced once."""
        graph = tf.function(
            lambda samples, window, song_samples, dials: self(
                samples, Window(*tf.unstack(window)), song_samples, Dials(*tf.unstack(dials))
            ),
            input_signature=[
                tf.TensorSpec([None, None], tf.float32),
                tf.TensorSpec([4], tf.int32),
                tf.TensorSpec([], tf.int32),
                tf.TensorSpec([len(Dials._fields)], tf.float32),
            ],
            autograph=False,
        )

        def translate(samples: np.ndarray, window: Window, song_samples: int, dials: Dials) -> np.ndarray:
            return graph(samples, dataclasses.astuple(window), song_samples, dials).numpy()

        return translate


def reach(spec: AudioSpec, iterations: int) -> int:
    """Context of a sample that Griffin-Lim inverts, frames on each side."""
    return GriffinLim(spec, iterations).reach
