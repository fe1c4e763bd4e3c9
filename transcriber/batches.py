"""Endless batches of training clips, in an order that is a pure function of (seed, step)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from pipelines.nn.pitches import PITCHES
from transcriber.augment import LABELS
from transcriber.piano_roll import DRUM_CLASSES
from transcriber.transcription_data import Example

_PREFETCHED = 4


def batches(
    examples: Sequence[Example],
    *,
    frames: int,
    batch_size: int,
    seed: int,
    first_step: int = 0,
    twins: bool = False,
) -> tf.data.Dataset:
    """Dataset of random clips; an example is drawn in proportion to its length.

    The dataset from `first_step=k` equals the one from 0 without its first k batches.

    Args:
        examples: to draw from; those shorter than a clip are padded with silence.
        frames: frames of a clip.
        batch_size: clips of a batch.
        seed: random seed.
        first_step: step of the first batch.
        twins: the second half of a batch has the same excerpts as the first, by other instruments; by the
            same where an example has no twin.

    Returns:
        A dataset of {"log_mel": [batch_size, frames, n_mels, 1], "sounding", "onset", "drums":
        [batch_size, frames, ...]}, float32.
    """
    mels = examples[0].log_mel.shape[1]
    weights = np.array([len(example.log_mel) for example in examples], np.float64)
    weights /= weights.sum()
    excerpts = [example.recording.excerpt for example in examples]

    def draw(step: np.ndarray) -> list[np.ndarray]:
        chance = np.random.default_rng([seed, int(step)])
        chosen = list(chance.choice(len(examples), batch_size // 2 if twins else batch_size, p=weights))
        starts = [int(chance.integers(max(len(examples[i].log_mel) - frames, 0) + 1)) for i in chosen]
        if twins:
            chosen += [_twin(excerpts, index, chance) for index in chosen]
            starts += starts
        clips = [_clip(examples[i], start, frames) for i, start in zip(chosen, starts, strict=True)]
        return [np.stack(column) for column in zip(*clips, strict=True)]

    def batch(step: tf.Tensor) -> dict[str, tf.Tensor]:
        widths = (mels, PITCHES, PITCHES, len(DRUM_CLASSES))
        arrays = tf.numpy_function(draw, [step], [tf.float32] * len(widths), stateful=False)
        for array, width in zip(arrays, widths, strict=True):
            array.set_shape([batch_size, frames, width])
        return {"log_mel": arrays[0][..., None], **dict(zip(LABELS, arrays[1:], strict=True))}

    steps = tf.data.Dataset.range(first_step, tf.int64.max)
    return steps.map(batch, num_parallel_calls=1, deterministic=True).prefetch(_PREFETCHED)


def _twin(excerpts: Sequence[str], index: int, chance: np.random.Generator) -> int:
    """Index of another recording of an excerpt; `index` itself if there is none."""
    others = [i for i, excerpt in enumerate(excerpts) if excerpt == excerpts[index] and i != index]
    return int(chance.choice(others)) if others else index


def _clip(example: Example, start: int, frames: int) -> list[np.ndarray]:
    whole = (example.log_mel, *example.roll)
    fillers = (-1.0, 0.0, 0.0, 0.0)
    return [_fit(x[start : start + frames], frames, fill) for x, fill in zip(whole, fillers, strict=True)]


def _fit(x: np.ndarray, frames: int, fill: float) -> np.ndarray:
    padding = ((0, frames - len(x)), (0, 0))
    return np.pad(np.asarray(x, np.float32), padding, constant_values=fill)
