"""Metrics of translations of the validation songs while a model trains: names, and which way is better."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Callable, Mapping

from pipelines import console
from pipelines.errors import UserError


@dataclasses.dataclass(frozen=True)
class Metric:
    """Description of a metric.

    Attributes:
        larger_is_better: True if larger values are better.
        curve: description of the metric and of its expected curve, one sentence.
    """

    larger_is_better: bool
    curve: str

    def improves(self, value: float, best: float | None) -> bool:
        """True if a value is better than the best one so far, or if there is none yet."""
        return best is None or (value > best if self.larger_is_better else value < best)


BALANCE = "score/balance"
METRICS = {
    "content/chroma_to_source": Metric(
        True,
        "Harmony kept: mean cosine of chroma with the source's; stays near 1 (unrelated music: about 0.5).",
    ),
    "content/onset_f1": Metric(
        True, "Rhythm kept: share of onsets (F-measure) that are the source's, within 50 ms; stays high."
    ),
    "style/kad": Metric(
        False, "Distance of timbre statistics to the band's training songs (KAD x 100): falls towards 0."
    ),
    "style/closeness": Metric(
        True, "Share of the way from the sources to the band by style/kad: rises from 0 to at most 1."
    ),
    "style/p_band": Metric(
        True, "Probability that a classifier, fitted on validation songs, gives the band: rises from near 0."
    ),
    BALANCE: Metric(
        True, "Harmonic mean of content/chroma_to_source and style/closeness: 0 for a copy; rises towards 1."
    ),
}
"""By the names that TensorBoard and --keep_best know them by."""

METRIC_DESCRIPTIONS = {name: metric.curve for name, metric in METRICS.items()}


def require_metric(name: str) -> str:
    """The name, if there is such a metric.

    Raises:
        UserError: naming the nearest ones, or all.
    """
    if name in METRICS:
        return name
    lasts = [known for known in METRICS if known.partition("/")[2] == name or known.partition("/")[0] == name]
    near = lasts or difflib.get_close_matches(name, METRICS, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"the metrics are {', '.join(METRICS)}"
    raise UserError(f"--keep_best {name}: there is no such metric; {hint}")


def summarised(
    values: Mapping[str, float], source_kad: float | None, optional: OptionalMetrics
) -> dict[str, float]:
    """The scores that follow from others.

    Args:
        values: what was measured, by name.
        source_kad: style/kad of the untranslated sources; None if it is not known.
        optional: reports those that cannot be measured.

    Returns:
        style/closeness and score/balance, as far as what they follow from is there.
    """
    found: dict[str, float] = {}
    kad, chroma = values.get("style/kad"), values.get("content/chroma_to_source")
    if kad is not None and source_kad is not None:
        found |= optional("style/closeness", lambda: _closeness(kad, source_kad))
    if chroma is not None and "style/closeness" in found:
        found[BALANCE] = harmonic_mean(chroma, found["style/closeness"])
    return found


def harmonic_mean(one: float, other: float) -> float:
    """Twice the product over the sum, so that neither makes up for the other; below 0 counts as 0."""
    one, other = max(one, 0.0), max(other, 0.0)
    return 2 * one * other / (one + other) if one + other else 0.0


def _closeness(kad: float, source_kad: float) -> float:
    if source_kad <= 0:
        raise UserError("the sources sound as near to the band as songs of its own, so there is no way to go")
    return min(1.0, 1 - kad / source_kad)


class OptionalMetrics:
    """Measures metrics, and reports each one that cannot be measured once."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, name: str, measure: Callable[[], float]) -> dict[str, float]:
        """The value by its name; nothing, and one sentence the first time, when there is none.

        Args:
            name: of the number.
            measure: returns it; a `UserError` or a value that is not a number means that it cannot be known.
        """
        try:
            value = measure()
            why = "it came out as no number"
        except UserError as error:
            value, why = math.nan, str(error)
        if math.isfinite(value):
            return {name: float(value)}
        if name not in self._said:
            console.say(f"{name} is not measured: {why}")
            self._said.add(name)
        return {}
