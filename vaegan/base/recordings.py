"""Recordings of transcription data with their note logits, which are cached in its folder."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from pipelines import console, outputs
from pipelines.data.statistics import mel_statistics
from pipelines.inference.windows import translate_windows
from transcriber.transcriber import Transcriber
from transcriber.transcription_data import Example, catalogue, load_examples

_LEAST_DEVIATION = 0.01
"""Smallest deviation of a level, log-mel units."""


@dataclasses.dataclass(frozen=True)
class TranscribedRecording:
    """Recording as pairs are made of it.

    Attributes:
        excerpt: name that twins share.
        log_mel: float [frames, n_mels].
        logits: note logits, float [frames, NOTE_LOGITS].
        statistics: mean and deviation of each mel band, float32 [2, n_mels].
        level: mean and deviation of the mean over mel bands.
    """

    excerpt: str
    log_mel: np.ndarray
    logits: np.ndarray
    statistics: np.ndarray
    level: tuple[float, float]

    @classmethod
    def of(cls, example: Example, logits: np.ndarray) -> TranscribedRecording:
        """Measures a recording."""
        log_mel = np.asarray(example.log_mel, np.float32)
        level = log_mel.mean(axis=1)
        return cls(
            example.recording.excerpt,
            example.log_mel,
            logits,
            np.stack(mel_statistics(log_mel[None, ..., None])),
            (float(level.mean()), max(float(level.std()), _LEAST_DEVIATION)),
        )


def load(transcriber: Transcriber, folder: Path, split: str) -> list[TranscribedRecording]:
    """Recordings of a split, measured.

    Args:
        transcriber: of the note logits.
        folder: of the transcription data.
        split: "train" or "valid".

    Raises:
        UserError: if the folder holds no transcription data, or a recording cannot be read.
    """
    recordings = [each for each in catalogue(folder) if each.split == split]
    examples = load_examples(recordings, transcriber.spec, folder)
    logits = note_logits(transcriber, examples, folder)
    return [TranscribedRecording.of(*pair) for pair in zip(examples, logits, strict=True)]


def note_logits(transcriber: Transcriber, examples: Sequence[Example], folder: Path) -> list[np.ndarray]:
    """Note logits of recordings, memory-mapped; missing ones are computed.

    Args:
        transcriber: of the examples' audio spec.
        examples: see `transcriber.transcription_data.load_examples`.
        folder: of the transcription data.

    Returns:
        Of each example, float16 [frames, NOTE_LOGITS].
    """
    cache = folder / f".note_logits-{_digest(transcriber)}"
    cache.mkdir(exist_ok=True)
    paths = [cache / f"{example.recording.name}.npy" for example in examples]
    missing = [pair for pair in zip(examples, paths, strict=True) if not pair[1].is_file()]
    signature = [tf.TensorSpec([1, None, transcriber.spec.n_mels, 1], tf.float32)]
    forward = tf.function(transcriber.logits, input_signature=signature, autograph=False)
    for example, path in console.progress(missing, "transcribing", unit="recording"):
        whole = tf.convert_to_tensor(np.asarray(example.log_mel, np.float32)[None, ..., None])
        found = translate_windows(tf, forward, whole, transcriber.windows)[0].astype(np.float16)
        with outputs.whole(path) as unfinished, unfinished.open("wb") as file:
            np.save(file, found)
    return [np.load(path, mmap_mode="r") for path in paths]


def _digest(transcriber: Transcriber) -> str:
    digest = hashlib.sha256()
    for weight in transcriber.network.get_weights():
        digest.update(weight.tobytes())
    return digest.hexdigest()[:12]
