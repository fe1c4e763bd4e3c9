"""Health checks of a translator: sentences on what has gone wrong, by translations of fixed clips."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping

import numpy as np

from pipelines.audio.spec import AudioSpec
from pipelines.nn.remedies import Remedies


@dataclasses.dataclass(frozen=True)
class Thresholds:
    """Thresholds of the health checks of a translator.

    Attributes:
        from_step: steps before which a translation is not judged: in the first dozens the network gives every
            song its mean spectrum, and the averaged weights lag a tenth of the steps behind.
        quiet_db: a cover this far below its source is muted. Two masters of one song differ by less than
            10 dB, and a band without bass or drums loses no more.
        loud_db: a cover this far above its source is too loud; the network diverges.
        change: mean |out - in| over mean |band - in|. Between aligned recordings of two bands it is about a
            half (unaligned music differs by its notes, too); below a tenth the difference is inaudible.
        change_from: progress before which a likeness to the source is normal: networks start near identity.
        variety: the variance across clips, of the output over that of the input. A band of one loudness and
            fewer instruments may halve it; below a tenth every song comes out the same.
        discriminator: mean loss of a discriminator that tells everything apart. It is 0 then, LSGAN or
            hinge; an undecided one has 0.25 (LSGAN) or 2 (hinge).
        silence: log-mel below which a clip counts as silent and is left out, [-1, 1].
    """

    from_step: int = 64
    quiet_db: float = -20.0
    loud_db: float = 20.0
    change: float = 0.1
    change_from: float = 0.1
    variety: float = 0.1
    discriminator: float = 0.005
    silence: float = -0.9


@dataclasses.dataclass(frozen=True)
class Measures:
    """Health measures of one preview.

    Attributes:
        level_db: level of the translation against its source, dB; nan if every source is silent.
        change: mean |out - in| / mean |band - in|; nan if band and source are the same.
        variety: variance across clips, of the translation over that of the source; nan with one clip.
        finite: the share of the translation's values that are numbers.
    """

    level_db: float
    change: float
    variety: float
    finite: float = 1.0


METRIC_DESCRIPTIONS = {
    "health/level_db": "Level of the translation against its source, dB: near 0; below -20 it is muted.",
    "health/change": "Change over the distance to the band: rises to a third; below 0.1 it copies.",
    "health/variety": "Variance across clips over that of the sources: near 1; below 0.1 all sound the same.",
    "health/finite": "Share of the translation's values that are numbers: 1.",
}
"""Metric descriptions of the health checks for TensorBoard, by the tags of their scalars."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """Something that is wrong.

    Attributes:
        key: which kind of thing; the same one keeps its key from preview to preview.
        sentence: what it is, with its number, and what to do.
    """

    key: str
    sentence: str


def measure(
    spec: AudioSpec,
    source: np.ndarray,
    translation: np.ndarray,
    band: np.ndarray,
    thresholds: Thresholds | None = None,
) -> Measures:
    """Compares a translation with its source and with the band.

    Args:
        spec: of the log-mels.
        source: log-mels of the content clips, [count, frames, n_mels, 1].
        translation: what the translator made of them, the same shape.
        band: log-mels of the band's clips (other music), the same shape.
        thresholds: tells which clips count as silent.
    """
    silence = (thresholds or Thresholds()).silence
    audible = source.reshape(len(source), -1).max(axis=1) > silence
    finite = float(np.isfinite(translation).mean())
    source, translation, band = (
        source[audible],
        np.nan_to_num(translation[audible], posinf=1e3, neginf=-1.0),
        band[audible],
    )
    return Measures(
        level_db=_level_db(spec, translation, source),
        change=_ratio(np.abs(translation - source).mean(), np.abs(band - source).mean())
        if len(source)
        else math.nan,
        variety=_ratio(translation.var(axis=0).mean(), source.var(axis=0).mean())
        if len(source) > 1
        else math.nan,
        finite=finite,
    )


def findings(
    measures: Measures,
    scalars: Mapping[str, float],
    remedies: Remedies,
    step: int,
    progress: float,
    thresholds: Thresholds | None = None,
) -> list[Finding]:
    """Findings of the health checks, in plain words; empty if nothing is wrong.

    Args:
        measures: of the newest preview.
        scalars: mean of every logged scalar since the preview before.
        remedies: of the model's family.
        step: steps done.
        progress: share of the training that is done.
        thresholds: of the health checks; None for the defaults.
    """
    limits = thresholds or Thresholds()
    checks = [_not_a_number(measures, scalars)]
    if step >= limits.from_step:
        checks += [
            _level(measures, remedies, limits),
            _identity(measures, remedies, progress, limits),
            _collapse(measures, remedies, limits),
            _discriminator(scalars, remedies, limits),
        ]
    return [finding for finding in checks if finding is not None]


class Log:
    """Log of the findings: each is reported once when it appears and once when it is over."""

    def __init__(self) -> None:
        self._open: dict[str, Finding] = {}

    def update(self, current: Iterable[Finding]) -> list[str]:
        """Sentences of new findings and of those that are over, given all current ones."""
        now = {finding.key: finding for finding in current}
        news = [finding.sentence for key, finding in now.items() if key not in self._open]
        over = [f"This is over now: {key}." for key in self._open if key not in now]
        self._open = now
        return news + over


def scalars(measures: Measures) -> dict[str, float]:
    """The measures as TensorBoard scalars, without those that this preview does not have."""
    values = {f"health/{name}": value for name, value in dataclasses.asdict(measures).items()}
    return {name: value for name, value in values.items() if math.isfinite(value)}


def as_markdown(current: Iterable[Finding]) -> str:
    """Findings as a Markdown list for TensorBoard's text panel."""
    return "\n".join(f"- **{finding.key}**: {finding.sentence}" for finding in current) or "Nothing found."


def _not_a_number(measures: Measures, scalars: Mapping[str, float]) -> Finding | None:
    broken = [name for name, value in scalars.items() if not math.isfinite(value)]
    if measures.finite == 1.0 and not broken:
        return None
    where = ", ".join(broken) or f"{1 - measures.finite:.0%} of the translation"
    return Finding(
        "not a number",
        f"Not a number: {where}. Training has blown up: train again with lower learning rates.",
    )


def _level(measures: Measures, remedies: Remedies, limits: Thresholds) -> Finding | None:
    against = f"({measures.level_db:+.0f} dB against its source)"
    if measures.level_db < limits.quiet_db:
        return Finding("muting", f"The translation is nearly silent {against}. {remedies.muting}")
    if measures.level_db > limits.loud_db:
        return Finding("too loud", f"The translation is far too loud {against}. {remedies.too_loud}")
    return None


def _identity(measures: Measures, remedies: Remedies, progress: float, limits: Thresholds) -> Finding | None:
    if progress < limits.change_from or not measures.change < limits.change:
        return None
    return Finding(
        "identity mapping",
        f"The translation is nearly its source (changed by {measures.change:.0%} of the way to the band). "
        f"{remedies.identity}",
    )


def _collapse(measures: Measures, remedies: Remedies, limits: Thresholds) -> Finding | None:
    if not measures.variety < limits.variety:
        return None
    return Finding(
        "collapse",
        f"Different songs come out nearly the same (variance {measures.variety:.0%} of that of the sources). "
        f"{remedies.collapse}",
    )


def _discriminator(scalars: Mapping[str, float], remedies: Remedies, limits: Thresholds) -> Finding | None:
    losses = {name: scalars[name] for name in remedies.discriminators if name in scalars}
    won = [f"{name} {value:.4f}" for name, value in losses.items() if value < limits.discriminator]
    if not won:
        return None
    return Finding(
        "discriminator too strong",
        f"A discriminator tells every translation from the real thing ({', '.join(won)}), and the generator "
        f"learns nothing from it. {remedies.discriminator}",
    )


def _level_db(spec: AudioSpec, translation: np.ndarray, source: np.ndarray) -> float:
    if not len(source):
        return math.nan
    # Log-mel values are decibels up to an offset, which cancels; a floor of -1 is silence, not loud.
    powers = [np.mean(10 ** (np.minimum(mel, 2.0) * spec.range_db / 20)) for mel in (translation, source)]
    return float(10 * np.log10(powers[0] / powers[1]))


def _ratio(value: np.floating, reference: np.floating) -> float:
    return float(value / reference) if reference > 0 else math.nan
