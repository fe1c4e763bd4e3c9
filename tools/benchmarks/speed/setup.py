"""Setup of the speed benchmark: parts, models, data, songs and durations."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError

PARTS = ("features", "reading", "steps", "translation", "inversion")


@dataclasses.dataclass(frozen=True)
class Setup:
    """Setup of a run of the benchmark; picklable, since parts run in processes of their own.

    Attributes:
        data: data, as --data of a train command; empty if no part needs it.
        spec: audio spec of the data, else the default one.
        songs: recordings for features, translation and inversion.
        presets: preset by family that is measured.
        changes: changes of presets, "FAMILY.key=value" each.
        precision: precision of the networks, see `pipelines.training.config.PRECISIONS`.
        models: workdirs of trained runs to translate with; empty for untrained models.
        seconds: duration of each side of a comparison.
        iterations: number of Griffin-Lim iterations.
        scratch: temporary folder.
        memory: True if memory is measured, too.
        peak_tflops: peak of the device, TFLOP/s; None if unknown.
        traces: folder of profiles; None for no profiles.
    """

    data: str
    spec: AudioSpec
    songs: tuple[Path, ...]
    presets: dict[str, str]
    changes: tuple[str, ...]
    precision: str
    models: tuple[Path, ...]
    seconds: float
    iterations: int
    scratch: Path
    memory: bool = True
    peak_tflops: float | None = None
    traces: Path | None = None


def parts_of(names: list[str]) -> frozenset[str]:
    """Parts by name.

    Raises:
        UserError: if a name is not in PARTS.
    """
    for name in names:
        if name not in PARTS:
            raise UserError(f"--parts {name}: there is no such part; choose from {', '.join(PARTS)}")
    return frozenset(names)
