"""One song played with the styles on the straight line between two."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipelines import outputs
from pipelines.inference import jobs
from pipelines.inference.jobs import Job

if TYPE_CHECKING:  # it loads TensorFlow, which takes seconds; a mistyped name is told apart before that
    from pipelines.inference.style import Stylist


@dataclasses.dataclass(frozen=True)
class Step:
    """One point of the line.

    Attributes:
        share: of the second style, from 0 to 1.
        job: the song, and the file that is played into.
    """

    share: float
    job: Job


def plan(song: Path, output: Path, *, steps: int, suffix: str, overwrite: bool = False) -> list[Step]:
    """The files of an interpolation: NAME.0.00.wav to NAME.1.00.wav.

    Args:
        song: whose notes are played.
        output: folder.
        steps: points of the line, its ends included: 2 to 101, so that no two have one name.
        suffix: of the files, with its dot.
        overwrite: make files again that exist; else they are kept, so that a stopped run goes on.
    """
    shares = [float(share) for share in np.linspace(0.0, 1.0, steps)]
    targets = [output / outputs.file_name(song.stem, f".{share:.2f}{suffix}") for share in shares]
    return [
        Step(share, Job(song, target, not overwrite)) for share, target in zip(shares, targets, strict=True)
    ]


def run(steps: Sequence[Step], stylist: Stylist, first: np.ndarray, second: np.ndarray) -> None:
    """Plays every step that is not there yet.

    Args:
        steps: see `plan`.
        stylist: whose translator plays; it keeps the last step's style.
        first: latent [numbers] at share 0.
        second: latent [numbers] at share 1.

    Raises:
        UserError: if the song cannot be read or a file not be written.
    """
    from pipelines.inference.export import maker_of
    from pipelines.inference.style import with_style
    from pipelines.inference.translate import SongTranslator

    # Its graph reads the latent whenever it runs, so it is traced once for all steps.
    player = SongTranslator(maker_of(stylist.translator))
    for step in steps:
        with_style(stylist.translator, (1 - step.share) * first + step.share * second)
        jobs.run([step.job], player, strength=1.0)
