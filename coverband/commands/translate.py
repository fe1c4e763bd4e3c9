"""Translates songs into the band's sound.

    coverband translate --model runs/mine --input song.mp3 --output cover.wav
    coverband translate --model runs/mine --input songs/ --output covers/
    coverband translate --model runs/mine --input song.mp3 --style other_band/ --output cover.wav

Input: audio files that FFmpeg reads, of any length, mono or stereo. Output: wav, flac, mp3 or ogg; in a
folder, covers keep the format, or are wav if it cannot be written (m4a, wma, ...). Covers have the song's
channels, length and loudness, and the sample rate of the model (44.1 kHz by default). With --style, models
with a style encoder (vaegan, disentangled) use the style of other recordings than the band's.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.errors import UserError
from pipelines.inference import jobs, style_recordings
from pipelines.nn.dials import AUTOMATIC, Dials


def main(argv: list[str]) -> None:
    """Translates every song that was named."""
    values = flags.FlagValues()
    model = flags.DEFINE_string(
        "model",
        None,
        "A training run's --workdir, or a model made by `coverband export`.",
        required=True,
        flag_values=values,
    )
    inputs = flags.DEFINE_multi_string(
        "input",
        [],
        "A song, or a folder of songs; also accepted without the flag at the end of the command line.",
        flag_values=values,
    )
    output = flags.DEFINE_string(
        "output",
        None,
        "One song: the file to write (the suffix chooses the format; an existing file is replaced). Several "
        "songs: a folder, where each keeps its name; existing files are kept, so that an interrupted command "
        "can be resumed.",
        required=True,
        flag_values=values,
    )
    strength = flags.DEFINE_float(
        "strength",
        1.0,
        "From 0, the source's own sound, to 1, the band's.",
        lower_bound=0.0,
        upper_bound=1.0,
        flag_values=values,
    )
    closeness = flags.DEFINE_float(
        "closeness",
        AUTOMATIC,
        "From 0, free, to 1, as close to the song as the model can; at 0.5 as close as the song requires. "
        "For models that have this dial (vaegan).",
        lower_bound=0.0,
        upper_bound=1.0,
        flag_values=values,
    )
    style = flags.DEFINE_multi_string(
        "style",
        [],
        "A song, or a folder of songs, whose style to use instead of the band's; of several, their mean "
        "style. For training runs of models with a style encoder.",
        flag_values=values,
    )
    vocoder = flags.DEFINE_string(
        "vocoder",
        None,
        "Log-mel inversion: the --workdir of a `coverband train vocoder` run, a vocoder.npz, or shipped for "
        "the one that comes with Coverband (default: what the model was trained or exported with, else "
        "Griffin-Lim).",
        flag_values=values,
    )
    overwrite = flags.DEFINE_boolean(
        "overwrite", False, "Replace existing files in the output folder.", flag_values=values
    )
    positional = console.parse(values, argv, __doc__, positional=True)
    songs = [Path(path) for path in (*inputs.value, *positional)]
    work = jobs.plan(songs, Path(output.value), overwrite=overwrite.value)
    recordings = style_recordings.find([Path(name) for name in style.value], "--style")
    # TensorFlow takes seconds to load; a mistyped name should not cost them.
    from coverband.api import TrainedModel
    from pipelines.inference.loading import load_translator_card

    card = load_translator_card(Path(model.value))
    if closeness.value != AUTOMATIC and not card.closeness:
        raise UserError(
            f"{model.value} has no dial of closeness, as all {card.family} models: leave --closeness out, or "
            "name a vaegan"
        )
    inverter = Path(vocoder.value) if vocoder.value else None
    translator = TrainedModel.from_path(Path(model.value), inverter, recordings).song_translator
    jobs.run(work, translator, Dials(strength.value, closeness.value))


if __name__ == "__main__":
    console.run(main)
