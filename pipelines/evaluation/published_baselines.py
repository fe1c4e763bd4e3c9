"""Our rows beside a published table, to see that the benchmark orders methods as others found."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.evaluation import systems
from pipelines.evaluation.results import Anchor, Anchors, Method, Row

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


def compare(rows: Sequence[Row]) -> Anchors | None:
    """The comparison; None where the truth is not known."""
    means = {row.method.key: _means(row) for row in rows}
    content, style = (means.get(method.key) for method in (systems.COPY_SOURCE, systems.COPY_BAND))
    if not content or not style:
        return None
    beside = tuple(
        Anchor(name, dict(zip(COLUMNS, numbers, strict=True)), means.get(method.key) if method else None)
        for name, method, numbers in _PUBLISHED
    )
    failing = _failing(content, style)
    sentence = (
        "; ".join(failing)
        if failing
        else (
            "doing nothing is best on pitch and poor on timbre; copying the style is worst on pitch and LSD, "
            "and better on timbre"
        )
    )
    return Anchors(SOURCE, COLUMNS, beside, not failing, sentence)


def _failing(content: dict[str, float], style: dict[str, float]) -> list[str]:
    """Sentences that name the deviations from the published order of the baselines; empty without any."""
    checks = (
        (content[PITCH] < style[PITCH], "doing nothing is not better on pitch than copying the style"),
        (content[LSD] < style[LSD], "copying the style is not worse on LSD than doing nothing"),
        (style[TIMBRE] < content[TIMBRE], "copying the style is not better on timbre than doing nothing"),
    )
    return [sentence for holds, sentence in checks if not holds]


def _means(row: Row) -> dict[str, float] | None:
    """A row's three numbers, or None if one is missing."""
    if any(key not in row.estimates for key in COLUMNS):
        return None
    return {key: row.estimates[key].mean for key in COLUMNS}
