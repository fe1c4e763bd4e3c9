"""Plays one song with styles between those of two recordings, to hear what lies in a latent space.

    coverband interpolate --model runs/mine --input song.mp3 --first a.mp3 --second b.mp3 --output between/
    coverband interpolate --model runs/mine --input song.mp3 --first folder/ --steps 9 --output between/

The model is a training run of a family that hears styles (vaegan, disentangled). Every step is a file:
between/song.0.00.wav plays the song with the style of --first, between/song.1.00.wav with that of --second.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines import console, outputs
from pipelines.audio import files
from pipelines.inference import interpolation, style_recordings

MODEL = flags.DEFINE_string("model", None, "A training run's --workdir.", required=True)
INPUT = flags.DEFINE_string("input", None, "The song whose notes are played.", required=True)
FIRST = flags.DEFINE_string(
    "first",
    None,
    "A song, or a folder of songs, whose style comes first; of several, their mean.",
    required=True,
)
SECOND = flags.DEFINE_string("second", None, "Likewise, whose style comes last; without it, the band's own.")
STEPS = flags.DEFINE_integer(
    "steps", 5, "How many styles, the first and the last included.", lower_bound=2, upper_bound=101
)
OUTPUT = flags.DEFINE_string(
    "output",
    None,
    "The folder to write; files that are there already are kept, so that a stopped run goes on.",
    required=True,
)
FORMAT = flags.DEFINE_enum("format", "wav", [suffix[1:] for suffix in files.SUFFIXES], "Of the files.")
OVERWRITE = flags.DEFINE_boolean(
    "overwrite", False, "Make files again that are in the output folder already."
)


def main(argv: list[str]) -> None:
    """Plays the song once for every step."""
    console.require_no_arguments(argv)
    song = Path(INPUT.value)
    files.info(song)  # says what is wrong with it
    ends = style_recordings.find([Path(FIRST.value)], "--first")
    others = style_recordings.find([Path(SECOND.value)] if SECOND.value else [], "--second")
    outputs.require_writable(Path(OUTPUT.value), "--output")
    steps = interpolation.plan(
        song,
        Path(OUTPUT.value),
        steps=STEPS.value,
        suffix=f".{FORMAT.value}",
        overwrite=OVERWRITE.value,
    )
    # TensorFlow takes seconds to load; a mistyped name should not cost them.
    from pipelines.inference.style import Stylist, style_of

    stylist = Stylist.load(Path(MODEL.value))
    second = stylist.style(others) if others else style_of(stylist.translator)
    interpolation.run(steps, stylist, stylist.style(ends), second)


if __name__ == "__main__":
    console.run(main)
