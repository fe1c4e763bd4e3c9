"""Serving signatures of an exported model; the functions' arguments name the signatures' inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from pipelines.inference.graph_clips import translate_clips, translate_wavs
from pipelines.inference.graph_song import translate_song
from pipelines.inference.window_translator import WindowTranslator

Function = Callable[..., dict[str, tf.Tensor]]


def functions(window_translator: WindowTranslator) -> tuple[Any, Any, Any, Any]:
    """Graphs of the signatures `serving_default`, `batch`, `wav_bytes` and `log_mel`.

    Waveforms are float32 at the spec's sample rate, of any length, even 0; a strength lies between 0 (the
    source) and 1 (the full translation). Translations have the loudness of their sources, within 0.5 LU where
    the limiter allows, with true peaks of -1 dBTP at most; a strength of 0 gives the source, whatever its
    peaks.

    - `serving_default`: waveform [samples, channels], strength [] -> waveform [samples, channels]: the output
      of `coverband translate` (to 1e-4, with the rounding to 16 bits).
    - `batch`: waveform [batch, samples], mono clips of one length, strength [batch] -> waveform
      [batch, samples]. The network translates all clips in one call.
    - `wav_bytes`: wav_bytes, string [batch], WAV files of 16 bits at the spec's sample rate, strength [batch]
      -> audio_bytes, string [batch], likewise.
    - `log_mel`: log_mel [batch, frames, n_mels, 1], frames a multiple of the card's time_multiple -> log_mel
      of the same shape: the network alone.

    Args:
        window_translator: translates windows of songs.

    Returns:
        The functions, in this order.
    """
    cover = _cover(window_translator)
    return (
        cover,
        _batch(window_translator),
        _wav_bytes(cover, window_translator.spec.sample_rate),
        _log_mel(window_translator),
    )


def _cover(window_translator: WindowTranslator) -> Any:
    def cover(waveform: tf.Tensor, strength: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"waveform": translate_song(window_translator, waveform, strength)}

    return _traced(cover, tf.TensorSpec([None, None], tf.float32, "waveform"), _strength([]))


def _batch(window_translator: WindowTranslator) -> Any:
    def batch(waveform: tf.Tensor, strength: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"waveform": translate_clips(window_translator, waveform, strength)}

    return _traced(batch, tf.TensorSpec([None, None], tf.float32, "waveform"), _strength([None]))


def _wav_bytes(cover: Any, rate: int) -> Any:
    def translate(waveform: tf.Tensor, strength: tf.Tensor) -> tf.Tensor:
        return cover(waveform, strength)["waveform"]

    def wav_bytes(wav_bytes: tf.Tensor, strength: tf.Tensor) -> dict[str, tf.Tensor]:
        # TensorFlow Serving encodes outputs whose names end in _bytes as base64.
        return {"audio_bytes": translate_wavs(translate, rate, wav_bytes, strength)}

    return _traced(wav_bytes, tf.TensorSpec([None], tf.string, "wav_bytes"), _strength([None]))


def _log_mel(window_translator: WindowTranslator) -> Any:
    def log_mel(log_mel: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"log_mel": window_translator.translate(log_mel)}

    n_mels = window_translator.spec.n_mels
    return _traced(log_mel, tf.TensorSpec([None, None, n_mels, 1], tf.float32, "log_mel"))


def _strength(shape: list[int | None]) -> tf.TensorSpec:
    return tf.TensorSpec(shape, tf.float32, "strength")


def _traced(function: Function, *specs: tf.TensorSpec) -> Any:
    # Without autograph, which takes seconds: the functions have no Python control flow on tensors.
    return tf.function(function, input_signature=specs, autograph=False)
