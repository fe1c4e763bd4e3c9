"""Stereo width of a translation, matched to that of its source in a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from pipelines.audio.stereo_image import MAX_GAIN, MIN_SHARE, SILENCE, WIDTH_HOPS, WIDTH_REACH


class StereoWidth:
    """Streaming `pipelines.audio.stereo.match_stereo_width`, three seconds behind at the default spec."""

    def __init__(self, hop: int) -> None:
        """Starts a song.

        Args:
            hop: samples over which energies are summed.
        """
        self._hop, self._done = hop, 0
        self._pending: np.ndarray | None = None
        """Source and translation from hop `_done` on, float32 [2, channels, samples]."""
        self._energies = np.zeros((2, 2, 0), np.float32)
        """Side and mid of all hops so far, of source and translation: [2, 2, hops], 5 MB for an hour."""

    def add(self, source: np.ndarray, translation: np.ndarray) -> np.ndarray:
        """Adds samples of both, float32 [samples, channels].

        Returns:
            Translation with the width of the source, [samples, channels], as far as its context is known.
        """
        if source.shape[1] == 1:
            return translation
        pair = np.stack([source.T, translation.T])
        self._pending = pair if self._pending is None else np.concatenate([self._pending, pair], axis=2)
        self._measure()
        return self._matched(max(self._energies.shape[2] - WIDTH_REACH, self._done))

    def finish(self) -> np.ndarray:
        """Ends the song; returns the rest, [samples, channels]."""
        if self._pending is None:  # mono
            return np.zeros((0, 1), np.float32)
        rest = self._pending.shape[2]
        self._pending = np.pad(self._pending, ((0, 0), (0, 0), (0, -rest % self._hop)))
        self._measure()
        return self._matched(self._energies.shape[2])[:rest]

    def _measure(self) -> None:
        """Measures those whole hops that are pending and were not measured."""
        assert self._pending is not None
        first = (self._energies.shape[2] - self._done) * self._hop
        count = (self._pending.shape[2] - first) // self._hop
        added = self._pending[:, :, first : first + count * self._hop]
        hops = added.reshape(2, added.shape[1], count, self._hop)
        mid = hops.mean(axis=1)
        side = np.square(hops - mid[:, None]).sum(axis=(1, 3))
        middle = hops.shape[1] * np.square(mid).sum(axis=2)
        self._energies = np.concatenate([self._energies, np.stack([side, middle], axis=1)], axis=2)

    def _matched(self, stop: int) -> np.ndarray:
        """Translation of the pending hops before `stop`, [samples, channels], at the width of the source."""
        assert self._pending is not None
        length = (stop - self._done) * self._hop
        if not length:
            return np.zeros((0, self._pending.shape[1]), np.float32)
        translation, self._pending = self._pending[1, :, :length], self._pending[:, :, length:]
        gains = self._gains(self._done, stop)
        self._done = stop
        mid = translation.mean(axis=0)
        return (mid + (translation - mid) * gains).T

    def _gains(self, first: int, stop: int) -> np.ndarray:
        """Gains of the side in samples of hops, linear between the edges of hops, float32 [samples]."""
        begin, end = max(first - WIDTH_REACH, 0), stop + WIDTH_REACH
        near = self._energies[:, :, begin:end]
        side, middle = np.moveaxis(_moving_average(near, WIDTH_HOPS), 1, 0)
        minimum = np.float32(MIN_SHARE) * (side + middle) + np.float32(SILENCE)
        source, translation = (side + minimum) / (middle + minimum)
        gains = np.clip(np.sqrt(source / translation), 1 / MAX_GAIN, MAX_GAIN)
        # The edge of a hop has the mean of the gains on both sides; beyond the song there are none.
        around = gains[np.clip(np.arange(first - 1, stop + 1) - begin, 0, len(gains) - 1)]
        edges = ((around[:-1] + around[1:]) / 2)[:, None]
        share = np.arange(self._hop, dtype=np.float32) / np.float32(self._hop)
        return (edges[:-1] + (edges[1:] - edges[:-1]) * share).reshape(-1)


def with_stereo_width(pairs: Iterable[tuple[np.ndarray, np.ndarray]], hop: int) -> Iterator[np.ndarray]:
    """Translations with the stereo width of their sources.

    Args:
        pairs: source and translation, float32 [samples, channels], one after the other.
        hop: samples over which energies are summed.

    Yields:
        float32 [samples, channels], of the same total length.
    """
    width = StereoWidth(hop)
    for source, translation in pairs:
        yield width.add(source, translation)
    yield width.finish()


def _moving_average(values: np.ndarray, reach: int) -> np.ndarray:
    """Moving average over the last axis, `reach` values on each side, at the ends over those that exist."""
    count = values.shape[-1]
    sums = np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, axis=-1, dtype=float)], -1)
    first, stop = np.maximum(np.arange(count) - reach, 0), np.minimum(np.arange(count) + reach + 1, count)
    return ((sums[..., stop] - sums[..., first]) / (stop - first)).astype(np.float32)
