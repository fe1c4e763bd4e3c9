"""Translates songs into the band's sound.

    coverband translate --model runs/mine --input song.mp3 --output cover.wav
    coverband translate --model runs/mine --input songs/ --output covers/
    coverband translate --style my_band/ --input song.mp3 --output cover.wav        # nothing trained
    coverband translate --model runs/mine --input song.mp3 --style other_band/ --output cover.wav
    coverband translate --model runs/mine --input song.mp3 --vocals singer.wav --output cover.wav

Input: audio files that FFmpeg reads, of any length, mono or stereo. Output: wav, flac, mp3 or ogg; in a
folder, covers keep the format, or are wav if it cannot be written (m4a, wma, ...). Covers have the song's
channels, length and loudness, and the sample rate of the model (44.1 kHz by default). With --style, models
with a style encoder (vaegan, disentangled) use the style of other recordings than the band's; without a
--model, the base that comes with Coverband, which knows many bands, plays in that style.

With a stem of the song, --vocals (the singer alone) or --instrumental (the rest), the band plays the rest and
the singer stays, both at their levels in the song. The stem has the song's length and starts with it, both to
within a second; its offset and its gain are corrected. In a folder, song.vocals.wav or song.instrumental.wav
(or .mp3, .flac, ...) beside song.mp3 is its stem, without a flag.

Without stems, --vocals auto has them made by a program for source separation that you have installed:

    coverband translate --model runs/mine --input songs/ --output covers/ --vocals auto --separator demucs
    coverband translate --model runs/mine --input song.mp3 --output cover.wav --vocals auto \\
        --separator "demucs -n htdemucs_ft --two-stems vocals -o {output} {song}"

It runs once per song; the stems are kept in the user's cache folder.

A model with an ONNX export of its present weights (runs write one when they end, `coverband export --format
onnx` does for others) is run by onnxruntime, which starts at once; with --style or --vocoder, or without the
extra `onnx`, it is run by TensorFlow. The covers are the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from absl import flags

from coverband import separator_flags
from pipelines import console
from pipelines.errors import UserError
from pipelines.inference import runtimes
from pipelines.inference.cover_flags import CoverFlags

if TYPE_CHECKING:
    from pipelines.inference.style_recordings import StyleRecording
    from pipelines.inference.translate import SongTranslator


def main(argv: list[str]) -> None:
    """Translates every song that was named."""
    values = flags.FlagValues()
    model = flags.DEFINE_string(
        "model",
        None,
        "A training run's --workdir, or a model made by `coverband export` (default: the base that comes "
        "with Coverband, in the style of --style).",
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
    cover = CoverFlags(values, " Or auto, also for several songs: the --separator makes it.")
    style = flags.DEFINE_multi_string(
        "style",
        [],
        "A song, or a folder of songs, whose style to use instead of the band's; of several, their mean "
        "style. For training runs of models with a style encoder, and without --model.",
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
    runtime = flags.DEFINE_enum_class(
        "runtime",
        runtimes.Runtime.AUTO,
        runtimes.Runtime,
        "What runs the model: tensorflow; onnx, which starts at once, for a model with an ONNX export of its "
        "present weights (`coverband export --format onnx`); auto for onnx where it is possible.",
        flag_values=values,
    )
    separator, separator_timeout = separator_flags.define(values, "--vocals auto")
    positional = console.parse(values, argv, __doc__, positional=True)
    # After --help and mistyped flags, which should answer at once.
    from pipelines.inference import jobs, model_folders, style_recordings

    songs = [Path(path) for path in (*inputs.value, *positional)]
    separate, stem = cover.is_to_be_separated, cover.stem()
    if (separator.value or separator_timeout.value) and not separate:
        raise UserError("--separator and --separator_timeout are for --vocals auto: add it or leave them")
    work = jobs.plan(songs, Path(output.value), overwrite=cover.overwrite, stem=stem)
    separation = None
    if separate:
        from pipelines.stems.separation import Separation

        separation = Separation.from_text(separator.value, "--vocals auto", separator_timeout.value)
    cover.require_stem(separate or any(job.stem for job in work))
    recordings = style_recordings.find([Path(name) for name in style.value], "--style")
    path = None if model.value is None else Path(model.value)
    if path is None and not recordings:
        raise UserError(
            "name a --model, or with --style the recordings of a band that the base is to play like"
        )
    inverter = Path(vocoder.value) if vocoder.value else None
    export = None
    if path is not None:
        cover.require_dial(path, model_folders.load_translator_card(path))
        needs_tensorflow = "--style" if recordings else "--vocoder" if vocoder.value else ""
        export = runtimes.onnx_export(path, runtime.value, needs_tensorflow)
    elif runtime.value is runtimes.Runtime.ONNX:
        raise UserError("the base is run by TensorFlow: leave --runtime out, or name a --model")
    translator = _onnx(export) if export else _tensorflow(path, inverter, recordings)
    jobs.run(work, translator, cover.dials, cover.vocals_level, separation)


def _onnx(export: Path) -> SongTranslator:
    from pipelines.inference.onnx_network import load_window_translator
    from pipelines.inference.translate import SongTranslator

    return SongTranslator(load_window_translator(export))


def _tensorflow(model: Path | None, vocoder: Path | None, style: list[StyleRecording]) -> SongTranslator:
    # TensorFlow takes seconds to load; neither a mistyped name nor an ONNX export should cost them.
    from coverband.api.trained_model import TrainedModel

    return TrainedModel.from_path(model, vocoder, style).song_translator


if __name__ == "__main__":
    console.run(main)
