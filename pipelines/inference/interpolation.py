"""Interpolation of styles: one song translated with styles on the straight line between two latents."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipelines import outputs
from pipelines.inference import jobs
from pipelines.inference.jobs import Job

if TYPE_CHECKING:  # it imports TensorFlow, which takes seconds; wrong names are found before that
    from pipelines.inference.style import StyleConditioner


@dataclasses.dataclass(frozen=True)
class InterpolationStep:
    """One style of an interpolation.

    Attributes:
        weight: of the second style, from 0 to 1.
        job: the song and the file of its translation.
    """

    weight: float
    job: Job


def plan(
    song: Path, output: Path, *, steps: int, suffix: str, overwrite: bool = False
) -> list[InterpolationStep]:
    """Steps of an interpolation, into files NAME.0.00.wav to NAME.1.00.wav.

    Args:
        song: the song to translate.
        output: folder.
        steps: number of styles, with the first and the last: 2 to 101, so that the files' names differ.
        suffix: of the files, with its dot.
        overwrite: replace existing files; else they are kept, so that an interrupted run can be resumed.
    """
    weights = [float(weight) for weight in np.linspace(0.0, 1.0, steps)]
    targets = [output / outputs.file_name(song.stem, f".{weight:.2f}{suffix}") for weight in weights]
    return [
        InterpolationStep(weight, Job(song, target, not overwrite))
        for weight, target in zip(weights, targets, strict=True)
    ]


def run(
    steps: Sequence[InterpolationStep], conditioner: StyleConditioner, first: np.ndarray, second: np.ndarray
) -> None:
    """Translates the song with the style of every step whose file does not exist.

    Args:
        steps: see `plan`.
        conditioner: its translator is used, and has the last step's style afterwards.
        first: latent [width] at weight 0.
        second: latent [width] at weight 1.

    Raises:
        UserError: if the song cannot be read or a file cannot be written.
    """
    from pipelines.inference.style import set_style
    from pipelines.inference.translate import SongTranslator
    from pipelines.inference.window_translator import WindowTranslator

    # The graph reads the latent at every call, so it is traced once for all steps.
    song_translator = SongTranslator(WindowTranslator.from_translator(conditioner.translator))
    for step in steps:
        set_style(conditioner.translator, (1 - step.weight) * first + step.weight * second)
        jobs.run([step.job], song_translator)
