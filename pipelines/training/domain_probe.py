"""Domain leakage of content codes: accuracy of a probe that predicts the domain from the codes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import tensorflow as tf

from pipelines.data.corpus import Corpus
from pipelines.data.schema import DOMAINS
from pipelines.metrics.classifier import StyleClassifier
from pipelines.training import style_latents

WINDOW = 64
"""Frames of a window that the probe classifies: three quarters of a second at the default spec."""
MOST = 60
"""Songs of a domain that the probe is fitted on; of larger ones every second, third..."""

METRIC_DESCRIPTIONS = {
    "domain_probe/codes": "Accuracy of a domain probe on the content codes of unseen songs; 0.5 is chance.",
    "domain_probe/log_mel": "The same on the log-mel itself; the codes should give less away.",
}

ContentCodes = Callable[[tf.Tensor, str], tf.Tensor]
Songs = Mapping[str, Sequence[Mapping[str, np.ndarray]]]


@dataclasses.dataclass(frozen=True)
class Leakage:
    """Accuracies of a domain probe on windows of the validation songs, both domains weighted equally.

    Chance is 0.5.

    Attributes:
        codes: accuracy on the content codes.
        log_mel: accuracy on the log-mel, for comparison.
    """

    codes: float
    log_mel: float

    def __str__(self) -> str:
        return (
            f"domain leakage: a probe recognises the domain of unseen songs {self.codes:.0%} of the time "
            f"from their content codes (50% is chance), {self.log_mel:.0%} from the log-mel itself"
        )


def measure(corpus: Corpus, content_codes: ContentCodes, multiple: int) -> Leakage:
    """Fits a probe on the training songs and evaluates it on the validation songs.

    The probe is a logistic regression on each window's means and deviations. Where a domain is too small to
    have validation songs, it is evaluated on its training songs.

    Args:
        corpus: the songs.
        content_codes: of log-mels [1, frames, n_mels, 1] of a domain, the codes [1, positions, numbers].
        multiple: the frames are a multiple of this.
    """
    seen, unseen = (
        {domain: _songs(corpus, domain, split, content_codes, multiple) for domain in DOMAINS}
        for split in ("train", "valid")
    )
    return Leakage(_accuracy(seen, unseen, "codes"), _accuracy(seen, unseen, "log_mel"))


def _songs(
    corpus: Corpus, domain: str, split: str, content_codes: ContentCodes, multiple: int
) -> list[dict[str, np.ndarray]]:
    """Inputs of the probe for at most MOST songs: [windows, 2 * numbers] of "codes" and of "log_mel"."""
    songs = corpus.songs(domain, split)
    mels = (style_latents.excerpt(corpus, song, multiple) for song in songs[:: -(-len(songs) // MOST)])
    return [
        {"codes": _windows(content_codes(mel, domain), mel), "log_mel": _windows(mel[..., 0], mel)}
        for mel in mels
    ]


def _windows(numbers: tf.Tensor, log_mel: tf.Tensor) -> np.ndarray:
    """Means and deviations of [1, positions, numbers] over each window of the frames they stand for."""
    count = max(log_mel.shape[1] // WINDOW, 1)
    windows = np.array_split(np.asarray(numbers)[0], count)
    return np.array([np.concatenate([each.mean(axis=0), each.std(axis=0)]) for each in windows])


def _accuracy(seen: Songs, unseen: Songs, kind: str) -> float:
    """Balanced accuracy on the unseen songs' windows; all songs of a domain have equal weight."""
    content, band = ([song[kind] for song in seen[domain]] for domain in DOMAINS)
    probe = StyleClassifier.fit(content, band)
    right = {
        domain: [np.mean((probe.probability(song[kind]) > 0.5) == (domain == "band")) for song in songs]
        for domain, songs in unseen.items()
    }
    return float(np.mean([np.mean(shares) for shares in right.values()]))
