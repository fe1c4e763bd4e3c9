"""Endless batches of pairs: an excerpt by two ensembles, and the second one's sound elsewhere in it."""

from __future__ import annotations

import collections
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from transcriber.content import NOTE_LOGITS
from vaegan.base.recordings import TranscribedRecording

_PREFETCHED = 4


class Pairs:
    """Recordings that have a twin: one of the same excerpt by another ensemble, on the same clock.

    Attributes:
        targets: the recordings.
    """

    def __init__(self, recordings: Sequence[TranscribedRecording], frames: int, style_frames: int) -> None:
        """Finds the twins.

        Args:
            recordings: to choose from.
            frames: frames of a clip.
            style_frames: frames of a clip for its style.

        Raises:
            ValueError: if no two of them are of one excerpt.
        """
        of_excerpt: dict[str, list[TranscribedRecording]] = collections.defaultdict(list)
        for each in recordings:
            of_excerpt[each.excerpt].append(each)
        self.targets = [each for each in recordings if len(of_excerpt[each.excerpt]) > 1]
        if not self.targets:
            raise ValueError("no two recordings are of one excerpt")
        self._twins = [[x for x in of_excerpt[each.excerpt] if x is not each] for each in self.targets]
        self._frames, self._style_frames = frames, style_frames
        lengths = np.array([len(each.log_mel) for each in self.targets], np.float64)
        self._shares = lengths / lengths.sum()

    def shapes(self, count: int) -> dict[str, tuple[int, ...]]:
        """Shapes of a batch of so many pairs, by name; see `batches`."""
        mels = self.targets[0].log_mel.shape[1]
        return {
            "content": (count, self._frames, mels, 1),
            "content/note_logits": (count, self._frames, NOTE_LOGITS),
            "content/level": (count, self._frames, 1),
            "band": (count, self._frames, mels, 1),
            "style": (count, self._style_frames, mels, 1),
            "statistics": (count, 2, mels),
        }

    def draw(self, chance: np.random.Generator, count: int) -> dict[str, np.ndarray]:
        """Batch of random pairs, see `batches`; a recording is drawn in proportion to its length."""
        chosen = chance.choice(len(self.targets), count, p=self._shares)
        drawn = [self._pair(int(index), chance) for index in chosen]
        return {name: np.stack([each[name] for each in drawn]) for name in drawn[0]}

    def _pair(self, index: int, chance: np.random.Generator) -> dict[str, np.ndarray]:
        target, twins = self.targets[index], self._twins[index]
        source = twins[int(chance.integers(len(twins)))]
        length = min(len(target.log_mel), len(source.log_mel))
        start = int(chance.integers(max(length - self._frames, 0) + 1))
        elsewhere = style_start(length, start, self._frames, self._style_frames, chance.random())
        clip = _cut(source.log_mel, start, self._frames, -1.0)
        mean, deviation = source.level
        return {
            "content": clip[..., None],
            "content/note_logits": _cut(source.logits, start, self._frames, 0.0),
            "content/level": (clip.mean(axis=1, keepdims=True) - mean) / deviation,
            "band": _cut(target.log_mel, start, self._frames, -1.0)[..., None],
            "style": _cut(target.log_mel, elsewhere, self._style_frames, -1.0)[..., None],
            "statistics": target.statistics,
        }


def batches(pairs: Pairs, batch_size: int, seed: int, first_step: int = 0) -> tf.data.Dataset:
    """Dataset of random pairs; from `first_step=k` it equals the one from 0 without its first k batches.

    Args:
        pairs: to draw from; those shorter than a clip are padded with silence.
        batch_size: pairs of a batch.
        seed: random seed.
        first_step: step of the first batch.

    Returns:
        A dataset of {"content" and "band": [batch_size, frames, n_mels, 1], the same music by two ensembles;
        "content/note_logits": [batch_size, frames, NOTE_LOGITS]; "content/level": [batch_size, frames, 1],
        in deviations of its recording; "style": [batch_size, style_frames, n_mels, 1], of the band's
        recording, outside of the clip where it is long enough; "statistics": [batch_size, 2, n_mels], mean
        and deviation of that recording}, float32.
    """
    shapes = pairs.shapes(batch_size)

    def draw(step: np.ndarray) -> list[np.ndarray]:
        drawn = pairs.draw(np.random.default_rng([seed, int(step)]), batch_size)
        return [np.asarray(drawn[name], np.float32) for name in shapes]

    def batch(step: tf.Tensor) -> dict[str, tf.Tensor]:
        arrays = tf.numpy_function(draw, [step], [tf.float32] * len(shapes), stateful=False)
        return {name: tf.ensure_shape(x, shapes[name]) for name, x in zip(shapes, arrays, strict=True)}

    steps = tf.data.Dataset.range(first_step, tf.int64.max)
    return steps.map(batch, num_parallel_calls=1, deterministic=True).prefetch(_PREFETCHED)


def style_start(length: int, start: int, frames: int, style_frames: int, share: float) -> int:
    """First frame of a style clip: in the longer part of a recording before or after a clip.

    Args:
        length: frames of the recording.
        start: first frame of the clip.
        frames: of the clip.
        style_frames: of the style clip, which overlaps the clip if neither part is as long.
        share: position within what is possible, in [0, 1).
    """
    before, after = start, length - start - frames
    room = max(before, after) - style_frames
    if room < 0:
        return 0 if before > after else max(length - style_frames, 0)
    return (0 if before > after else start + frames) + int(share * (room + 1))


def _cut(x: np.ndarray, start: int, frames: int, fill: float) -> np.ndarray:
    """Frames from `start` on, float32 [frames, numbers], padded."""
    cut = np.asarray(x[start : start + frames], np.float32)
    return np.pad(cut, ((0, frames - len(cut)), (0, 0)), constant_values=fill)
