"""How a domain's log-mels are spread, band by band."""

from __future__ import annotations

import numpy as np

from pipelines.data.batching import unpaired_batches
from pipelines.data.reader import Corpus
from pipelines.data.schema import DOMAINS

CROPS = 256
LEAST_DEVIATION = 0.02
"""Of a mel band that never sounds: it must not be blown up when it is divided by."""

_FRAMES, _BATCH, _SEED = 128, 16, 0


def mel_statistics(corpus: Corpus) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Mean and standard deviation over time of each mel band, by domain; the same crops at every call.

    Args:
        corpus: the data folder; its training songs are read.

    Returns:
        For "content" and "band": mean and deviation, float32 [n_mels] each, in log-mel units.
    """
    frames = min(_FRAMES, corpus.segment_frames)
    batches = unpaired_batches(corpus, frames=frames, batch_size=_BATCH, seed=_SEED).take(CROPS // _BATCH)
    crops: dict[str, list[np.ndarray]] = {domain: [] for domain in DOMAINS}
    for batch in batches.as_numpy_iterator():
        for domain, log_mels in batch.items():
            crops[domain].append(log_mels[..., 0].reshape(-1, corpus.spec.n_mels))
    return {domain: _spread(np.concatenate(frames)) for domain, frames in crops.items()}


def _spread(log_mels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # In float64: float32 sums of tens of thousands of frames lose digits.
    mean, deviation = (measure(log_mels, axis=0, dtype=np.float64) for measure in (np.mean, np.std))
    return mean.astype(np.float32), np.maximum(deviation, LEAST_DEVIATION).astype(np.float32)
