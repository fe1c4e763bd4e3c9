"""Translation of a stream of samples with a constant delay; without a clock and without a device."""

from __future__ import annotations

import math

import numpy as np

from pipelines.audio.arrays.mel import magnitude_to_log_mel
from pipelines.audio.arrays.stereo import mono_magnitude
from pipelines.audio.arrays.stft import stft
from pipelines.audio.limiter import Limiter
from pipelines.audio.stereo_image import PANNING_REACH
from pipelines.audio.true_peak import CEILING
from pipelines.inference.array_window_translator import ArrayWindowTranslator
from pipelines.inference.live.levels import RunningLoudness, RunningWidth
from pipelines.inference.windows import Window
from pipelines.nn.dials import DIALS, Dials


class BlockTranslator:
    """Translator of one block after the other: each call takes one, and returns an earlier one.

    A block is translated as a window of a song is, with the context of the network on either side, so that
    blocks join as windows do. Only the stereo width, whose context is three seconds, is corrected by the past
    alone, see `RunningWidth`.
    """

    def __init__(
        self,
        translator: ArrayWindowTranslator,
        channels: int,
        context: int,
        frames: int,
        dials: Dials = DIALS,
    ) -> None:
        """Starts a stream.

        Args:
            translator: of windows; its division of a song is not used.
            channels: 1 or 2.
            context: of the network, frames on each side (TranslatorCard.context_frames).
            frames: of a block.
            dials: of the stream.
        """
        self._translator, self._dials, self._frames = translator, dials, frames
        self._spec, self.channels, self.hop_length = translator.spec, channels, translator.spec.hop_length
        self._width = RunningWidth(self._spec)
        self._inverted = translator.inverter.reach + PANNING_REACH
        self._margin = context + self._inverted
        half = self._spec.n_fft // 2
        self.ahead = self._margin - 1 + math.ceil(half / self._spec.hop_length)
        """Frames by which the returned blocks are earlier."""
        # Of the stream padded by half a window, as a song is; those before `_first` frames are gone.
        self._samples = np.zeros((half, channels), np.float32)
        self._first = self._count = 0

    @property
    def size(self) -> int:
        """Samples of a block."""
        return self._frames * self._spec.hop_length

    def __call__(self, block: np.ndarray) -> np.ndarray:
        """Next block, float32 [size, channels], at the training loudness; silence before the first sample."""
        self._samples = np.concatenate([self._samples, block])
        self._count += self._frames
        stop = self._count - self.ahead
        start = max(stop - self._frames, 0)
        found = self._window(self._at(start, stop)) if stop > 0 else block[:0]
        self._forget_before(self._at(max(stop, 0), max(stop, 0)).first)
        return np.pad(found, ((self.size - len(found), 0), (0, 0)))

    def _at(self, start: int, stop: int) -> Window:
        """Window of output frames, whose input starts at a multiple of the network's stride."""
        multiple = self._translator.windows.multiple
        first = max(start - self._margin, 0) // multiple * multiple
        return Window(start, stop, first, stop + self._margin)

    def _forget_before(self, first: int) -> None:
        self._samples = self._samples[(first - self._first) * self._spec.hop_length :]
        self._first = first

    def _window(self, window: Window) -> np.ndarray:
        """Translation of a window, float32 [samples, channels]."""
        spec, hop = self._spec, self._spec.hop_length
        samples = self._samples[(window.first - self._first) * hop :][: spec.span(window.last - window.first)]
        spectra = stft(spec, samples.T)
        log_mel = magnitude_to_log_mel(spec, mono_magnitude(spectra)[None])
        translation = self._translator.translate_log_mel(log_mel, window.first, self._dials.closeness)
        left, right = max(window.start - self._inverted, window.first), window.stop + self._inverted
        kept = slice(left - window.first, right - window.first)
        inverted = self._translator.inverter.channels(
            translation[:, kept], spectra[:, kept], (right - left) * hop, self._dials.strength
        )
        before = (window.start - window.first) * hop + spec.n_fft // 2
        length = (window.stop - window.start) * hop
        waveform = inverted[:, (window.start - left) * hop :][:, :length]
        return self._width(samples[before : before + length], waveform.T)


class LiveStream:
    """Stream of samples in chunks of any lengths: as many come out as go in, `delay` samples later."""

    def __init__(
        self, blocks: BlockTranslator, levels: RunningLoudness | None, limiter: Limiter | None
    ) -> None:
        """Starts a stream.

        Args:
            blocks: what translates it.
            levels: gains around the translation; None if the stream is at the training loudness.
            limiter: of true peaks; None for no limit.
        """
        self._blocks, self._levels, self._limiter = blocks, levels, limiter
        self.channels = blocks.channels
        waiting = blocks.size - 1 + (limiter.delay if limiter else 0)
        self.delay = waiting + blocks.ahead * blocks.hop_length
        """Samples by which the output is behind the input, whatever the chunks are."""
        self._input = np.zeros((0, blocks.channels), np.float32)
        self._output = np.zeros((waiting, blocks.channels), np.float32)

    @classmethod
    def from_translator(
        cls,
        translator: ArrayWindowTranslator,
        channels: int,
        context: int,
        frames: int,
        dials: Dials = DIALS,
    ) -> LiveStream:
        """Stream at the source's loudness, with true peaks of -1 dBTP at most; see `BlockTranslator`."""
        blocks = BlockTranslator(translator, channels, context, frames, dials)
        spec = translator.spec
        ceiling = CEILING if dials.strength > 0 else math.inf
        limiter = Limiter(spec.sample_rate, channels, ceiling)
        return cls(blocks, RunningLoudness(spec, channels, blocks.ahead), limiter)

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Takes samples, float32 [samples, channels], and returns as many; computes whole blocks."""
        self._input = np.concatenate([self._input, samples])
        ready = [self._output]
        while len(self._input) >= self._blocks.size:
            block, self._input = np.split(self._input, [self._blocks.size])
            ready.append(self._block(block))
        found, self._output = np.split(np.concatenate(ready), [len(samples)])
        return found

    def _block(self, block: np.ndarray) -> np.ndarray:
        if self._levels:
            block = self._levels.after(self._blocks(self._levels.before(block)))
        else:
            block = self._blocks(block)
        return self._limiter.add(block) if self._limiter else block
