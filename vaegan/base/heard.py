"""Note logits of transcription data, cached in its folder, so that training steps need not compute them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from pipelines import console
from pipelines.inference.windows import translate_windows
from transcriber.transcriber import Transcriber
from transcriber.transcription_data import Example


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
        new = path.with_name(f".new-{path.name}")
        np.save(new, translate_windows(tf, forward, whole, transcriber.windows)[0].astype(np.float16))
        os.replace(new, path)
    return [np.load(path, mmap_mode="r") for path in paths]


def _digest(transcriber: Transcriber) -> str:
    digest = hashlib.sha256()
    for weight in transcriber.network.get_weights():
        digest.update(weight.tobytes())
    return digest.hexdigest()[:12]
