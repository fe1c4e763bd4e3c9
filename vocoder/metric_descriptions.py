"""Metric descriptions for TensorBoard: the expected course of each metric of a vocoder run."""

from __future__ import annotations

CURVES = {
    "stft/convergence": "Spectral convergence at three resolutions. Falls fast for some hundred steps.",
    "stft/log_magnitude": "Mean difference of log magnitudes at three resolutions, nepers. Falls fast, then "
    "slowly; noise keeps it from falling below about a half.",
    "mel": "Mean absolute error of the log-mel (1 is half the spec's range). Falls to about 0.01.",
    "amplitude": "Mean difference of log magnitudes before the inverse STFT, nepers. Falls likewise.",
    "adversarial": "How little the judges take the vocoder's sound for real, 0 before they begin.",
    "features": "How differently they see it from the recording, 0 before they begin. Falls slowly.",
    "discriminator/loss": "How badly the judges tell the two apart: 2 for not at all; 0 before they begin.",
    "gates/judges": "1 from where the judges take part.",
    "rate/vocoder": "Learning rate: up at once, constant, then straight to zero at the end.",
    "rate/discriminator": "The judges', likewise.",
}
