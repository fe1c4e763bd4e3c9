"""Recordings at the training loudness, and the signal processing of baselines and upper bound."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import tensorflow as tf

from pipelines.audio import features, files
from pipelines.audio.inversion import GriffinLim
from pipelines.audio.loudness import TRAINING_LUFS, LoudnessMeter
from pipelines.audio.song_measurement import measure_blocks
from pipelines.audio.spec import AudioSpec
from pipelines.audio.stft import stft
from pipelines.evaluation import eq_match
from pipelines.inference import gain

_BLIND_ITERATIONS = 32
"""Griffin-Lim iterations from random phases."""


def recording(spec: AudioSpec, path: Path) -> np.ndarray:
    """Mono mix of a recording at the loudness that translators are trained at, float32 [samples]."""
    return at_training_loudness(spec, files.read(path, spec.sample_rate)).mean(axis=1)


def log_mel(spec: AudioSpec, waveform: np.ndarray) -> np.ndarray:
    """The scaled log-mel of a mono recording, float32 [frames, n_mels]."""
    return features.log_mel(spec, waveform[None]).numpy()[0, ..., 0]


def long_term_spectrum(spec: AudioSpec, songs: Iterable[Path]) -> np.ndarray:
    """Long-term average spectrum of song files, see `eq_match.long_term_spectrum`."""
    return eq_match.long_term_spectrum(spec, (recording(spec, song) for song in songs))


def write_eq_match(spec: AudioSpec, source: Path, out: Path, target: np.ndarray) -> None:
    """Writes the EQ match of a song, in stereo and at the song's own loudness.

    Args:
        spec: gives the sample rate, frames and mel bands.
        source: the song.
        out: the file to write.
        target: the band's `long_term_spectrum`.
    """
    song = files.read(source, spec.sample_rate)
    matched = eq_match.eq_match(spec, at_training_loudness(spec, song), target)
    at_loudness, _ = gain.match_loudness(matched, _loudness(spec, song), spec.sample_rate)
    with files.AudioWriter(out, spec.sample_rate, song.shape[1]) as writer:
        writer.write(at_loudness)


def oracle(spec: AudioSpec, source: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Waveform of the truth's log-mel with the source's phase: an upper bound for mel-based systems.

    Args:
        spec: of the log-mels.
        source: float32 [samples]; gives the inverter its initial phase and fine structure.
        truth: float32 [samples].

    Returns:
        float32 [samples], as many as the shorter of the two has.
    """
    length = min(len(source), len(truth))
    mel = features.log_mel(spec, truth[None, :length])
    spectra = stft(spec, tf.constant(source[None, :length]))
    return GriffinLim(spec)(mel, source_stft=spectra, length=length).numpy()[0]


def log_mel_alone(spec: AudioSpec, waveform: np.ndarray) -> np.ndarray:
    """Waveform of a recording's log-mel by Griffin-Lim from random phases, float32 [samples] both."""
    mel = features.log_mel(spec, waveform[None])
    return GriffinLim(spec, _BLIND_ITERATIONS)(mel, length=len(waveform)).numpy()[0]


def at_training_loudness(spec: AudioSpec, waveform: np.ndarray) -> np.ndarray:
    """A waveform [samples, channels] with the gain that brings its mono mix to the training loudness."""
    loudness = _loudness(spec, waveform.mean(axis=1, keepdims=True))
    return waveform * np.float32(gain.loudness_gain(loudness, TRAINING_LUFS))


def with_loudness_of(reference: np.ndarray, waveform: np.ndarray, sample_rate: int) -> np.ndarray:
    """A mono waveform [samples] at the loudness of another one; unchanged if either is silent."""
    ours, target = (
        measure_blocks(iter([each[:, None]]), sample_rate).loudness for each in (waveform, reference)
    )
    return waveform * np.float32(gain.loudness_gain(ours, target))


def _loudness(spec: AudioSpec, waveform: np.ndarray) -> float:
    meter = LoudnessMeter(spec.sample_rate, waveform.shape[1])
    meter.add(waveform)
    return meter.integrated()
