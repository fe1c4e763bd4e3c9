"""Serving signatures of an exported model; each function's input names are those of its arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from pipelines.inference.graph_clips import play_clips, play_wavs
from pipelines.inference.graph_song import play
from pipelines.inference.window_translator import CoverMaker

Function = Callable[..., dict[str, tf.Tensor]]


def functions(maker: CoverMaker) -> tuple[Any, Any, Any, Any]:
    """The graphs of `serving_default`, `batch`, `wav_bytes` and `log_mel`.

    Everywhere, waveforms are float32 at the spec's sample rate, of any length, even 0; a strength lies
    between 0 (the source) and 1 (the full translation). Covers are as loud as their sources, within 0.5 LU
    where their peaks allow, with true peaks of -1 dBTP at most; a strength of 0 gives the source, whatever
    its peaks.

    - `serving_default`: waveform [samples, channels], strength [] -> waveform [samples, channels]: what
      `coverband translate` writes (to 1e-4, the rounding to 16 bits included).
    - `batch`: waveform [batch, samples], mono clips of one length, strength [batch] -> waveform
      [batch, samples]. The network sees all clips in one call.
    - `wav_bytes`: wav_bytes, string [batch], WAV files of 16 bits at the spec's sample rate, strength [batch]
      -> audio_bytes, string [batch], the same.
    - `log_mel`: log_mel [batch, frames, n_mels, 1], frames a multiple of the card's time_multiple -> log_mel,
      the same shape: the network alone.

    Args:
        maker: how windows are translated.

    Returns:
        The functions, in this order.
    """
    cover = _cover(maker)
    return cover, _batch(maker), _wav_bytes(cover, maker.spec.sample_rate), _log_mel(maker)


def _cover(maker: CoverMaker) -> Any:
    def cover(waveform: tf.Tensor, strength: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"waveform": play(maker, waveform, strength)}

    return _traced(cover, tf.TensorSpec([None, None], tf.float32, "waveform"), _strength([]))


def _batch(maker: CoverMaker) -> Any:
    def batch(waveform: tf.Tensor, strength: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"waveform": play_clips(maker, waveform, strength)}

    return _traced(batch, tf.TensorSpec([None, None], tf.float32, "waveform"), _strength([None]))


def _wav_bytes(cover: Any, rate: int) -> Any:
    def one(waveform: tf.Tensor, strength: tf.Tensor) -> tf.Tensor:
        return cover(waveform, strength)["waveform"]

    def wav_bytes(wav_bytes: tf.Tensor, strength: tf.Tensor) -> dict[str, tf.Tensor]:
        # TensorFlow Serving sends outputs whose names end in _bytes as base64.
        return {"audio_bytes": play_wavs(one, rate, wav_bytes, strength)}

    return _traced(wav_bytes, tf.TensorSpec([None], tf.string, "wav_bytes"), _strength([None]))


def _log_mel(maker: CoverMaker) -> Any:
    def log_mel(log_mel: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"log_mel": maker.translate(log_mel)}

    return _traced(log_mel, tf.TensorSpec([None, None, maker.spec.n_mels, 1], tf.float32, "log_mel"))


def _strength(shape: list[int | None]) -> tf.TensorSpec:
    return tf.TensorSpec(shape, tf.float32, "strength")


def _traced(function: Function, *specs: tf.TensorSpec) -> Any:
    # Autograph would only cost seconds: the graphs are written in tensors.
    return tf.function(function, input_signature=specs, autograph=False)
