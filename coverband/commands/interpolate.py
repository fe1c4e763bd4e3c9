"""Translates one song with styles between those of two recordings: a walk through the latent space.

    coverband interpolate --model runs/mine --input song.mp3 --first a.mp3 --second b.mp3 --output between/
    coverband interpolate --model runs/mine --input song.mp3 --first folder/ --steps 9 --output between/

The model is a training run of a family with a style encoder (vaegan, disentangled). Every step is a file:
between/song.0.00.wav has the style of --first, between/song.1.00.wav that of --second.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines import console, outputs
from pipelines.audio import files
from pipelines.inference import interpolation, style_recordings


def main(argv: list[str]) -> None:
    """Translates the song once for every step."""
    values = flags.FlagValues()
    model = flags.DEFINE_string(
        "model", None, "A training run's --workdir.", required=True, flag_values=values
    )
    source = flags.DEFINE_string("input", None, "The song to translate.", required=True, flag_values=values)
    first = flags.DEFINE_string(
        "first",
        None,
        "A song, or a folder of songs, with the first style; of several, their mean.",
        required=True,
        flag_values=values,
    )
    second = flags.DEFINE_string(
        "second", None, "Likewise, with the last style (default: the band's own).", flag_values=values
    )
    count = flags.DEFINE_integer(
        "steps",
        5,
        "Number of styles, including the first and the last.",
        lower_bound=2,
        upper_bound=101,
        flag_values=values,
    )
    output = flags.DEFINE_string(
        "output",
        None,
        "The folder to write; existing files are kept, so that an interrupted command can be resumed.",
        required=True,
        flag_values=values,
    )
    file_format = flags.DEFINE_enum(
        "format", "wav", [suffix[1:] for suffix in files.SUFFIXES], "Format of the files.", flag_values=values
    )
    overwrite = flags.DEFINE_boolean(
        "overwrite", False, "Replace existing files in the output folder.", flag_values=values
    )
    console.parse(values, argv, __doc__)
    song = Path(source.value)
    files.info(song)  # raises the error of an unusable file
    ends = style_recordings.find([Path(first.value)], "--first")
    others = style_recordings.find([Path(second.value)] if second.value else [], "--second")
    outputs.require_writable(Path(output.value), "--output")
    steps = interpolation.plan(
        song,
        Path(output.value),
        steps=count.value,
        suffix=f".{file_format.value}",
        overwrite=overwrite.value,
    )
    # TensorFlow takes seconds to load; a mistyped name should not cost them.
    from pipelines.inference.style import StyleConditioner, get_style

    conditioner = StyleConditioner.from_run(Path(model.value))
    last = conditioner.encode(others) if others else get_style(conditioner.translator)
    interpolation.run(steps, conditioner, conditioner.encode(ends), last)


if __name__ == "__main__":
    console.run(main)
