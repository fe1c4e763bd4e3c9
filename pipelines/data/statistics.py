"""Mean and standard deviation over time of each mel band, and training crops to compute them from."""

from __future__ import annotations

import numpy as np

from pipelines.data.batching import unpaired_batches
from pipelines.data.corpus import Corpus
from pipelines.data.schema import DOMAINS

CROPS = 256
MIN_DEVIATION = 0.02
"""Lower bound of a standard deviation, so that bands that are always silent are not amplified."""

_FRAMES, _BATCH, _SEED = 128, 16, 0


def training_crops(corpus: Corpus) -> dict[str, np.ndarray]:
    """Random crops of the training songs, the same at every call.

    Returns:
        {"content", "band"}: log-mels, float32 [CROPS, frames, n_mels, 1].
    """
    frames = min(_FRAMES, corpus.segment_frames)
    batches = unpaired_batches(corpus, frames=frames, batch_size=_BATCH, seed=_SEED, augmented_copies=False)
    taken = list(batches.take(CROPS // _BATCH).as_numpy_iterator())
    return {domain: np.concatenate([batch[domain] for batch in taken]) for domain in DOMAINS}


def mel_statistics(log_mels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation over time of each mel band.

    Args:
        log_mels: float [clips, frames, n_mels, 1].

    Returns:
        Mean and standard deviation, float32 [n_mels] each, in log-mel units.
    """
    frames = log_mels.reshape(-1, log_mels.shape[2])
    # In float64: float32 sums over tens of thousands of frames are inexact.
    mean, deviation = (measure(frames, axis=0, dtype=np.float64) for measure in (np.mean, np.std))
    return mean.astype(np.float32), np.maximum(deviation, MIN_DEVIATION).astype(np.float32)
