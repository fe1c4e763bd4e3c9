"""Transfers the sound of one recording to another one, without training.

    coverband stylize --content song.mp3 --style band.mp3 --output mix.wav                    # Gram matrices
    coverband stylize --content song.mp3 --style my_band/ --output mix.wav --method merge     # envelopes
    coverband stylize --content song.mp3 --style my_band/ --output mix.wav --method musaic    # a mosaic

Input: audio files that FFmpeg reads, of any length, mono or stereo. Output: wav, flac, mp3 or ogg, with the
channels, length and loudness of the content. deepmix takes many times the duration of the song, merge and
musaic about its duration.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines import console
from styletransfer.job import METHODS, configured, stylise
from styletransfer.presets import PRESETS


def main(argv: list[str]) -> None:
    """Stylises the song."""
    values = flags.FlagValues()
    content = flags.DEFINE_string(
        "content", None, "The song whose notes are kept.", required=True, flag_values=values
    )
    style = flags.DEFINE_string(
        "style",
        None,
        "The song, or the folder of songs, with the sound.",
        required=True,
        flag_values=values,
    )
    output = flags.DEFINE_string(
        "output",
        None,
        "The file to write; its suffix chooses the format, and an existing file is replaced.",
        required=True,
        flag_values=values,
    )
    method = flags.DEFINE_enum(
        "method",
        None,
        METHODS,
        f"One of {', '.join(METHODS)}; by default the preset's, or {METHODS[0]}.",
        flag_values=values,
    )
    preset = flags.DEFINE_enum(
        "preset",
        None,
        sorted(PRESETS),
        f"One of {', '.join(PRESETS)}; by default the method's own.",
        flag_values=values,
    )
    alpha = flags.DEFINE_float(
        "alpha",
        None,
        "Share of the content's own sound. deepmix: the weight of the content loss, 0.01 by default, 0 for "
        "none. merge and musaic: the share of the content that is kept, from 0, the default, to 1.",
        lower_bound=0.0,
        flag_values=values,
    )
    iterations = flags.DEFINE_integer(
        "iterations",
        None,
        "Of deepmix's optimiser or of musaic's updates; by default the preset's.",
        lower_bound=1,
        flag_values=values,
    )
    seed = flags.DEFINE_integer(
        "seed",
        0,
        "Seed of the random numbers.",
        lower_bound=0,
        flag_values=values,
    )
    sample_rate = flags.DEFINE_integer(
        "sample_rate",
        44100,
        "Of the result, Hz; 22050 takes half the time.",
        lower_bound=8000,
        upper_bound=48000,
        flag_values=values,
    )
    console.parse(values, argv, __doc__)
    changes = {"alpha": alpha.value, "iterations": iterations.value, "seed": seed.value}
    config = configured(method.value, preset.value, changes, sample_rate.value)
    stylise(config, *(Path(flag.value) for flag in (content, style, output)))


if __name__ == "__main__":
    console.run(main)
