"""Features of a spectrogram: convolution over time with random filters, then a rectifier.

The convolution is done block by block in the Fourier domain (overlap-save) with the filters transformed once:
of the 242 multiplications that 22 frames of a filter of width 11 take, 64 remain, all in large real matrix
products.
"""

from __future__ import annotations

import functools

import numpy as np
import tensorflow as tf


def random_filters(width: int, bins: int, filters: int, seed: int) -> np.ndarray:
    """Filters of normally distributed weights with the variance of the published notebook.

    Its variance is 4 / ((bins + filters) * 11), where 11 is the width.

    Args:
        width: frames.
        bins: frequency bins, the input channels.
        filters: how many.
        seed: the same seed, the same filters.

    Returns:
        float32 [width, filters, bins].
    """
    generator = np.random.default_rng([seed, width])
    deviation = np.float32(2 / np.sqrt((bins + filters) * width))
    return generator.standard_normal((width, filters, bins), dtype=np.float32) * deviation


class FilterBank:
    """Filters of one width, ready to be convolved with any number of frames."""

    def __init__(self, filters: np.ndarray) -> None:
        """Transforms the filters, to about three times their memory.

        Args:
            filters: float32 [width, filters, bins].
        """
        self.width, self.filters, self.bins = filters.shape
        self._size = transform_size(self.width)
        self._step = self._size - self.width + 1
        self._spectra = tf.constant(_transformed(filters, self._size))

    def __call__(self, spectrogram: tf.Tensor) -> tf.Tensor:
        """Rectified correlation with every filter, as a convolutional layer without padding gives it.

        Args:
            spectrogram: float32 [frames, bins], at least `width` frames.

        Returns:
            float32 [frames - width + 1, filters].
        """
        count = spectrogram.shape[0] - self.width + 1
        blocks = -(-count // self._step)
        inputs = tf.matmul(_analysis(self._size), self._cut(spectrogram, blocks))
        inputs = tf.transpose(tf.reshape(inputs, [-1, 2, 2, blocks, self.bins]), [0, 1, 3, 2, 4])
        inputs = tf.reshape(inputs, [-1, 2 * blocks, 2 * self.bins])
        products = tf.reshape(tf.matmul(inputs, self._spectra, transpose_b=True), [self._size, -1])
        frames = tf.reshape(
            tf.matmul(_synthesis(self._size)[: self._step], products), [self._step, blocks, -1]
        )
        return tf.nn.relu(tf.reshape(tf.transpose(frames, [1, 0, 2]), [-1, self.filters])[:count])

    def _cut(self, spectrogram: tf.Tensor, blocks: int) -> tf.Tensor:
        """Overlapping blocks, float32 [size, blocks * bins]; a block's last frames begin the next."""
        missing = (blocks + 1) * self._step - spectrogram.shape[0]
        steps = tf.reshape(tf.pad(spectrogram, [[0, missing], [0, 0]]), [-1, self._step, self.bins])
        cut = tf.concat([steps[:-1], steps[1:, : self.width - 1]], axis=1)
        return tf.reshape(tf.transpose(cut, [1, 0, 2]), [self._size, blocks * self.bins])


def transform_size(width: int) -> int:
    """Frames of a block for filters of a width: even, and about three times as many.

    Longer blocks would take fewer multiplications, and as much time: more filter has to come from memory.
    """
    return 2 * (3 * width // 2)


def _transformed(filters: np.ndarray, size: int) -> np.ndarray:
    """Cosine and sine transforms of filters: float32 [size / 2, filters, 2 * bins].

    The first and the last frequency have no sine: the last one's cosine stands for the first one's.
    """
    width, count, bins = filters.shape
    waves = _waves(size)[:, :, :width].astype(np.float32)
    spectra = np.empty((size // 2, count, 2, bins), np.float32)
    for frequency in range(size // 2):
        for part in range(2):
            spectra[frequency, :, part] = np.tensordot(waves[frequency, part], filters, 1)
    return spectra.reshape(size // 2, count, 2 * bins)


def _waves(size: int) -> np.ndarray:
    """Cosine and sine of every frequency, float64 [size / 2, 2, size]; see `_transformed` for the first."""
    phase = 2 * np.pi * np.outer(np.arange(size // 2), np.arange(size)) / size
    waves = np.stack([np.cos(phase), np.sin(phase)], axis=1)
    waves[0, 1] = np.cos(np.pi * np.arange(size))
    return waves


@functools.lru_cache
def _analysis(size: int) -> np.ndarray:
    """Turns the frames of a block into matrices whose real product is that of complex numbers.

    Of an input a - ib and a conjugate filter c + id, cosine and sine transforms each, the correlation has the
    cosine transform ac + bd and the sine transform bc - ad: so the matrix has the rows a, b and b, -a.

    Returns:
        float32 [frequency * 2 rows * 2 columns, frame].
    """
    waves = _waves(size)
    cosine, sine = waves[:, 0], waves[:, 1]
    matrices = np.stack([np.stack([cosine, sine], 1), np.stack([sine, -cosine], 1)], 1)
    matrices[0, 0, 1] = matrices[0, 1, 0] = 0
    matrices[0, 1, 1] = waves[0, 1]
    return matrices.reshape(2 * size, size).astype(np.float32)


@functools.lru_cache
def _synthesis(size: int) -> np.ndarray:
    """The inverse of `_waves`, float32 [frame, frequency and part]."""
    waves = _waves(size)
    waves[1:] *= 2
    return (waves.reshape(size, size).T / size).astype(np.float32)
