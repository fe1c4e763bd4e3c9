"""Noise of `pipelines.nn.position_noise` in NumPy, for networks that run without TensorFlow.

Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") encrypts the numbers of
blocks; NumPy's own Philox is another, of 64-bit words. Uniform numbers become normal ones as in TensorFlow.
"""

from __future__ import annotations

import numpy as np

NUMBERS = 4
"""Numbers of one block."""

_ROUNDS = 10
_MULTIPLIERS = np.array([0xD2511F53, 0xCD9E8D57], np.uint64)
_KEY_STEPS = np.array([0x9E3779B9, 0xBB67AE85], np.uint64)
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFFFFFF)
_MANTISSA, _ONE = np.uint32(0x7FFFFF), np.uint32(0x3F800000)
_SMALLEST = np.float32(1e-7)
"""Replaces smaller uniform numbers, whose logarithm would be infinite."""


def position_noise(first_frame: int, frames: int, channels: int, seed: int) -> np.ndarray:
    """Standard normal noise of frames, to rounding that of `PositionNoise`.

    Args:
        first_frame: number of the first frame within the song.
        frames: number of frames.
        channels: numbers of a frame, a multiple of 4.
        seed: of the noise.

    Returns:
        float32 [frames, channels].
    """
    per_frame = channels // NUMBERS
    blocks = np.arange(first_frame * per_frame, (first_frame + frames) * per_frame, dtype=np.uint64)
    return _normal(_encrypted(blocks, seed)).reshape(frames, channels)


def _encrypted(blocks: np.ndarray, seed: int) -> np.ndarray:
    """Random uint32 [blocks, 4] of the numbers of blocks, uint64."""
    key = np.array([seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF], np.uint64)
    zero = np.zeros_like(blocks)
    words = [blocks & _LOW, blocks >> _HALF, zero, zero]
    for _ in range(_ROUNDS):
        first, third = words[0] * _MULTIPLIERS[0], words[2] * _MULTIPLIERS[1]
        words = [
            third >> _HALF ^ words[1] ^ key[0],
            third & _LOW,
            first >> _HALF ^ words[3] ^ key[1],
            first & _LOW,
        ]
        key = key + _KEY_STEPS & _LOW
    return np.stack(words, axis=-1).astype(np.uint32)


def _normal(words: np.ndarray) -> np.ndarray:
    """Normal numbers of random words, in pairs (Box & Muller 1958)."""
    radius = np.sqrt(-2 * np.log(np.maximum(_uniform(words[:, ::2]), _SMALLEST)))
    angle = np.float32(2 * np.pi) * _uniform(words[:, 1::2])
    return np.stack([np.sin(angle) * radius, np.cos(angle) * radius], axis=-1)


def _uniform(words: np.ndarray) -> np.ndarray:
    """Uniform numbers in [0, 1), float32, of the last 23 bits of random words."""
    return (words & _MANTISSA | _ONE).view(np.float32) - 1
