"""Measures time and loss of DeepMix and of its textbook formula, on the same clips, filters and optimizer.

    python -m tools benchmark gram --content song.mp3 --style band.mp3

The textbook formula is that of the published notebook: a convolutional layer, and Gram matrices of all
filters. It prints processor times, which hardly depend on other load, and the losses of both optimizations.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from absl import flags

from pipelines import console
from styletransfer import stylizer
from styletransfer.config import Config
from styletransfer.deepmix import REFERENCE_FRAMES
from tools.benchmarks.gram_variants import compare


def _clip(config: Config, path: Path, frames: int) -> np.ndarray:
    """Magnitudes of the middle of a song, float32 [frames, bins]."""
    magnitude = stylizer.magnitudes(config.spec, stylizer.levelled(config, stylizer.read_song(config, path)))
    first = max(0, (len(magnitude) - frames) // 2)
    return magnitude[first : first + frames]


def main(argv: list[str]) -> None:
    """Prints a table of both formulas."""
    values = flags.FlagValues()
    content_song = flags.DEFINE_string("content", None, "Content song.", required=True, flag_values=values)
    style_song = flags.DEFINE_string("style", None, "Style song.", required=True, flag_values=values)
    longest = flags.DEFINE_integer(
        "frames", REFERENCE_FRAMES, "Length of the clips.", lower_bound=32, flag_values=values
    )
    iterations = flags.DEFINE_integer(
        "iterations", 300, "Iterations of L-BFGS.", lower_bound=1, flag_values=values
    )
    filters = flags.DEFINE_integer(
        "filters", 4096, "Random filters of width 11.", lower_bound=1, flag_values=values
    )
    console.parse(values, argv, __doc__)
    config = Config(iterations=iterations.value)
    config = dataclasses.replace(config, features=dataclasses.replace(config.features, filters=filters.value))
    content, style = (
        _clip(config, Path(name), longest.value) for name in (content_song.value, style_song.value)
    )
    frames = min(len(content), len(style))
    print("| formula | evaluations | seconds each | seconds | first loss | last loss |")
    print("|---|---|---|---|---|---|")
    for row in compare(config, content[:frames], style[:frames]):
        print(row)


if __name__ == "__main__":
    console.run(main)
