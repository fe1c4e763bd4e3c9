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
from pipelines.nn.dials import AUTOMATIC, Dials
from pipelines.stems.separators import AUTO

if TYPE_CHECKING:
    from pipelines.inference.style_recordings import StyleRecording
    from pipelines.inference.translate import SongTranslator
    from pipelines.stems.files import Stem


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
    vocals = flags.DEFINE_string(
        "vocals",
        None,
        "The singer of the song alone: a file. The singer stays, the band plays the rest. Or auto, also for "
        "several songs: the --separator makes it.",
        flag_values=values,
    )
    instrumental = flags.DEFINE_string(
        "instrumental",
        None,
        "The song without its singer: a file. The band plays it, the singer stays.",
        flag_values=values,
    )
    vocals_level = flags.DEFINE_float(
        "vocals_level",
        0.0,
        "Change of the singer's level, decibels; for songs with a stem.",
        lower_bound=-60.0,
        upper_bound=20.0,
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
    overwrite = flags.DEFINE_boolean(
        "overwrite", False, "Replace existing files in the output folder.", flag_values=values
    )
    positional = console.parse(values, argv, __doc__, positional=True)
    # After --help and mistyped flags, which should answer at once.
    from pipelines.inference import jobs, style_recordings

    songs = [Path(path) for path in (*inputs.value, *positional)]
    separate = vocals.value == AUTO
    stem = _stem(vocals.value, instrumental.value)
    if (separator.value or separator_timeout.value) and not separate:
        raise UserError("--separator and --separator_timeout are for --vocals auto: add it or leave them")
    work = jobs.plan(songs, Path(output.value), overwrite=overwrite.value, stem=stem)
    separation = None
    if separate:
        from pipelines.stems.separation import Separation

        separation = Separation.from_text(separator.value, "--vocals auto", separator_timeout.value)
    if vocals_level.value and not separate and not any(job.stem for job in work):
        raise UserError("--vocals_level needs the singer alone: name a stem with --vocals or --instrumental")
    recordings = style_recordings.find([Path(name) for name in style.value], "--style")
    path = None if model.value is None else Path(model.value)
    if path is None and not recordings:
        raise UserError(
            "name a --model, or with --style the recordings of a band that the base is to play like"
        )
    inverter = Path(vocoder.value) if vocoder.value else None
    export = None
    if path is not None:
        _require_dial(path, closeness.value)
        needs_tensorflow = "--style" if recordings else "--vocoder" if vocoder.value else ""
        export = runtimes.onnx_export(path, runtime.value, needs_tensorflow)
    elif runtime.value is runtimes.Runtime.ONNX:
        raise UserError("the base is run by TensorFlow: leave --runtime out, or name a --model")
    translator = _onnx(export) if export else _tensorflow(path, inverter, recordings)
    dials = Dials(strength.value, closeness.value)
    jobs.run(work, translator, dials, vocals_level.value, separation)


def _require_dial(model: Path, closeness: float) -> None:
    from pipelines.inference import model_folders

    card = model_folders.load_translator_card(model)
    if closeness != AUTOMATIC and not card.closeness:
        raise UserError(
            f"{model} has no dial of closeness, as all {card.family} models: leave --closeness out, or "
            "name a vaegan"
        )


def _onnx(export: Path) -> SongTranslator:
    from pipelines.inference.onnx_network import load_window_translator
    from pipelines.inference.translate import SongTranslator

    return SongTranslator(load_window_translator(export))


def _tensorflow(model: Path | None, vocoder: Path | None, style: list[StyleRecording]) -> SongTranslator:
    # TensorFlow takes seconds to load; neither a mistyped name nor an ONNX export should cost them.
    from coverband.api.trained_model import TrainedModel

    return TrainedModel.from_path(model, vocoder, style).song_translator


def _stem(vocals: str | None, instrumental: str | None) -> Stem | None:
    """The stem that the flags name; None for one that is to be separated."""
    from pipelines.stems.files import Role, Stem

    if vocals is not None and instrumental is not None:
        raise UserError("--vocals and --instrumental are two names of one division: name one of the stems")
    if instrumental == AUTO:
        raise UserError("--instrumental auto is not possible: use --vocals auto, which does the same")
    if vocals == AUTO:
        return None
    if vocals is not None:
        return Stem(Path(vocals), Role.VOCALS)
    return None if instrumental is None else Stem(Path(instrumental), Role.INSTRUMENTAL)


if __name__ == "__main__":
    console.run(main)
