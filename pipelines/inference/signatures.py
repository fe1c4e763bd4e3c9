"""Serving signatures of an exported model; the functions' arguments name the signatures' inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from pipelines.inference.graph_clips import translate_clips, translate_wavs
from pipelines.inference.graph_song import translate_song
from pipelines.inference.window_translator import WindowTranslator
from pipelines.nn.dials import AUTOMATIC, Dials
from pipelines.nn.translator_card import CLOSENESS, FIRST_FRAME, LOG_MEL

Function = Callable[..., dict[str, tf.Tensor]]


def functions(window_translator: WindowTranslator) -> dict[str, Any]:
    """Graphs of the signatures, by name.

    Waveforms are float32 at the spec's sample rate, of any length, even 0; a strength lies between 0 (the
    source) and 1 (the full translation). Translations have the loudness of their sources, within 0.5 LU where
    the limiter allows, with true peaks of -1 dBTP at most; a strength of 0 gives the source, whatever its
    peaks.

    - `serving_default`: waveform [samples, channels], strength [] -> waveform [samples, channels]: the output
      of `coverband translate` (to 1e-4, with the rounding to 16 bits).
    - `dials`: likewise, with a further input closeness [], see `pipelines.nn.dials`.
    - `batch`: waveform [batch, samples], mono clips of one length, strength [batch] -> waveform
      [batch, samples]. The network translates all clips in one call.
    - `wav_bytes`: wav_bytes, string [batch], WAV files of 16 bits at the spec's sample rate, strength [batch]
      -> audio_bytes, string [batch], likewise.
    - `log_mel`: log_mel [batch, frames, n_mels, 1], frames a multiple of the card's time_multiple -> log_mel
      of the same shape: the network alone.
    - `window`: likewise, with further inputs first_frame, int32 [batch], and closeness [batch], see
      `pipelines.nn.translator.translate`.

    Args:
        window_translator: translates windows of songs.

    """
    dials, window = _dials(window_translator), _window(window_translator)
    cover = _cover(dials)
    return {
        "serving_default": cover,
        "dials": dials,
        "batch": _batch(window_translator),
        "wav_bytes": _wav_bytes(cover, window_translator.spec.sample_rate),
        "log_mel": _log_mel(window, window_translator.spec.n_mels),
        "window": window,
    }


def _dials(window_translator: WindowTranslator) -> Any:
    def dials(waveform: tf.Tensor, strength: tf.Tensor, closeness: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"waveform": translate_song(window_translator, waveform, Dials(strength, closeness))}

    return _traced(
        dials, tf.TensorSpec([None, None], tf.float32, "waveform"), _dial([]), _dial([], CLOSENESS)
    )


def _cover(dials: Any) -> Any:
    def cover(waveform: tf.Tensor, strength: tf.Tensor) -> dict[str, tf.Tensor]:
        return dials(waveform, strength, tf.constant(AUTOMATIC))

    return _traced(cover, tf.TensorSpec([None, None], tf.float32, "waveform"), _dial([]))


def _batch(window_translator: WindowTranslator) -> Any:
    def batch(waveform: tf.Tensor, strength: tf.Tensor) -> dict[str, tf.Tensor]:
        automatic = tf.fill(tf.shape(strength), AUTOMATIC)
        return {"waveform": translate_clips(window_translator, waveform, Dials(strength, automatic))}

    return _traced(batch, tf.TensorSpec([None, None], tf.float32, "waveform"), _dial([None]))


def _wav_bytes(cover: Any, rate: int) -> Any:
    def translate(waveform: tf.Tensor, strength: tf.Tensor) -> tf.Tensor:
        return cover(waveform, strength)["waveform"]

    def wav_bytes(wav_bytes: tf.Tensor, strength: tf.Tensor) -> dict[str, tf.Tensor]:
        # TensorFlow Serving encodes outputs whose names end in _bytes as base64.
        return {"audio_bytes": translate_wavs(translate, rate, wav_bytes, strength)}

    return _traced(wav_bytes, tf.TensorSpec([None], tf.string, "wav_bytes"), _dial([None]))


def _window(window_translator: WindowTranslator) -> Any:
    def window(log_mel: tf.Tensor, first_frame: tf.Tensor, closeness: tf.Tensor) -> dict[str, tf.Tensor]:
        return {LOG_MEL: window_translator.translate(log_mel, first_frame, closeness)}

    first_frame = tf.TensorSpec([None], tf.int32, FIRST_FRAME)
    return _traced(window, _map(window_translator.spec.n_mels), first_frame, _dial([None], CLOSENESS))


def _log_mel(window: Any, n_mels: int) -> Any:
    def log_mel(log_mel: tf.Tensor) -> dict[str, tf.Tensor]:
        batch = tf.shape(log_mel)[:1]
        return window(log_mel, tf.zeros(batch, tf.int32), tf.fill(batch, AUTOMATIC))

    return _traced(log_mel, _map(n_mels))


def _map(n_mels: int) -> tf.TensorSpec:
    return tf.TensorSpec([None, None, n_mels, 1], tf.float32, LOG_MEL)


def _dial(shape: list[int | None], name: str = "strength") -> tf.TensorSpec:
    return tf.TensorSpec(shape, tf.float32, name)


def _traced(function: Function, *specs: tf.TensorSpec) -> Any:
    # Without autograph, which takes seconds: the functions have no Python control flow on tensors.
    return tf.function(function, input_signature=specs, autograph=False)
