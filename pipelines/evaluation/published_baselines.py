"""Baselines of a published benchmark beside ours, to check that both benchmarks rank systems alike."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.evaluation import systems
from pipelines.evaluation.results import Method, PublishedComparison, PublishedRow, Row

SOURCE = (
    'Cifka et al. 2021, "Self-supervised VQ-VAE for one-shot music style transfer": 721 pairs of 8 s, '
    "everything measured against the truth"
)
LSD, TIMBRE, PITCH = COLUMNS = ("lsd_time", "timbre", "pitch_to_truth")

_PUBLISHED: tuple[tuple[str, Method | None, tuple[float, float, float]], ...] = (
    ("copy the content", systems.COPY_SOURCE, (14.62, 0.371, 0.537)),
    ("copy the style", systems.COPY_BAND, (20.36, 0.268, 0.873)),
    ("SS-VQ-VAE", None, (12.16, 0.206, 0.550)),
)
"""Name in the paper, our row of the same kind, and the values of `COLUMNS`."""


def compare(rows: Sequence[Row]) -> PublishedComparison | None:
    """Compares the baselines of an evaluation with the published ones; None without the truth."""
    means = {row.method.key: _means(row) for row in rows}
    content, style = (means.get(method.key) for method in (systems.COPY_SOURCE, systems.COPY_BAND))
    if not content or not style:
        return None
    published = tuple(
        PublishedRow(
            name, dict(zip(COLUMNS, numbers, strict=True)), means.get(method.key) if method else None
        )
        for name, method, numbers in _PUBLISHED
    )
    deviations = _deviations(content, style)
    sentence = "; ".join(deviations) or (
        "copying the content is best on pitch and poor on timbre; copying the style is worst on pitch and "
        "LSD, and better on timbre"
    )
    return PublishedComparison(SOURCE, COLUMNS, published, not deviations, sentence)


def _deviations(content: dict[str, float], style: dict[str, float]) -> list[str]:
    """Sentences that name the deviations from the published order of the baselines; empty without any."""
    checks = (
        (content[PITCH] < style[PITCH], "copying the content is not better on pitch than copying the style"),
        (content[LSD] < style[LSD], "copying the style is not worse on LSD than copying the content"),
        (
            style[TIMBRE] < content[TIMBRE],
            "copying the style is not better on timbre than copying the content",
        ),
    )
    return [sentence for holds, sentence in checks if not holds]


def _means(row: Row) -> dict[str, float] | None:
    """Means of `COLUMNS`, by column key; None if one is missing."""
    if any(key not in row.estimates for key in COLUMNS):
        return None
    return {key: row.estimates[key].mean for key in COLUMNS}
