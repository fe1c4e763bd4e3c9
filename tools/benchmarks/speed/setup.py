"""Setup of the speed benchmark: its parts, the models, data and songs that they measure, and durations."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError

PARTS = ("features", "reading", "steps", "translation", "inversion")


@dataclasses.dataclass(frozen=True)
class Setup:
    """All that the parts have to know; it travels to other processes.

    Attributes:
        data: as --data of a train command; empty where no part needs any.
        spec: of the data, else the default.
        songs: recordings to compute features of, to translate and to invert.
        presets: of each family that is measured.
        changes: of the presets, "FAMILY.key=value" each.
        precision: what networks compute in, see `pipelines.training.execution.PRECISIONS`.
        models: workdirs of trained runs to translate with; none for fresh ones.
        seconds: for each side of a race.
        iterations: of Griffin-Lim.
        scratch: a folder that is removed at the end.
        memory: whether memory is measured, too.
        peak_tflops: of the device; None if unknown.
        traces: where profiles go; None for none.
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
    """Those of PARTS that are named.

    Raises:
        UserError: if one of the names is none of them.
    """
    for name in names:
        if name not in PARTS:
            raise UserError(f"--parts {name}: there is no such part; choose from {', '.join(PARTS)}")
    return frozenset(names)
