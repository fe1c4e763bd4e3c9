"""Mean and standard deviation over time of a domain's log-mels, per mel band."""

from __future__ import annotations

import numpy as np

from pipelines.data.batching import unpaired_batches
from pipelines.data.corpus import Corpus
from pipelines.data.schema import DOMAINS

CROPS = 256
LEAST_DEVIATION = 0.02
"""Of a mel band that never sounds: it must not be blown up when it is divided by."""

_FRAMES, _BATCH, _SEED = 128, 16, 0


def crops(corpus: Corpus) -> dict[str, np.ndarray]:
    """Random crops of a data folder's training songs, the same at every call.

    Returns:
        For "content" and "band": log-mels, float32 [CROPS, frames, n_mels, 1].
    """
    frames = min(_FRAMES, corpus.segment_frames)
    batches = unpaired_batches(corpus, frames=frames, batch_size=_BATCH, seed=_SEED, variants=False)
    drawn = list(batches.take(CROPS // _BATCH).as_numpy_iterator())
    return {domain: np.concatenate([batch[domain] for batch in drawn]) for domain in DOMAINS}


def mel_statistics(log_mels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation over time of each mel band.

    Args:
        log_mels: of a domain, [clips, frames, n_mels, 1].

    Returns:
        Mean and deviation, float32 [n_mels] each, in log-mel units.
    """
    frames = log_mels.reshape(-1, log_mels.shape[2])
    # In float64: float32 sums of tens of thousands of frames lose digits.
    mean, deviation = (measure(frames, axis=0, dtype=np.float64) for measure in (np.mean, np.std))
    return mean.astype(np.float32), np.maximum(deviation, LEAST_DEVIATION).astype(np.float32)
