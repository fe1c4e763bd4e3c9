"""Translates songs into the band's sound by an exported model.

    coverband-player model/ song.mp3 cover.wav
    coverband-player model/ song.mp3 other.mp3 songs/ covers/

The model is what `coverband export --format onnx` wrote, or a training run that has one. Of several songs,
the last name is a folder, where each keeps its name; existing files are kept, so that an interrupted command
can be resumed. A file song.vocals.wav (or .mp3, .flac, ...) beside song.mp3 is its singer alone, who stays.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

from absl import flags

from pipelines import console
from pipelines.errors import UserError
from pipelines.inference import onnx_folder
from pipelines.inference.cover_flags import CoverFlags


def start() -> NoReturn:
    """Entry point of the script."""
    console.run(main, ["coverband-player", *sys.argv[1:]])


def main(argv: list[str]) -> None:
    """Translates every song that was named."""
    values = flags.FlagValues()
    cover = CoverFlags(values)
    names = [Path(name) for name in console.parse(values, argv, __doc__, positional=True)]
    if len(names) < 3:
        raise UserError(
            "name the model, a song and the file of the cover: coverband-player model/ song.mp3 cover.wav"
        )
    model, *songs, output = names
    if cover.is_to_be_separated:
        raise UserError("--vocals auto needs `coverband translate`: name a file, or leave it out")
    # After --help and mistyped flags, which should answer at once.
    from pipelines.inference import jobs

    stem = cover.stem()
    work = jobs.plan(songs, output, overwrite=cover.overwrite, stem=stem)
    cover.require_stem(any(job.stem for job in work))
    export = onnx_folder.find(model)
    if export is None:
        raise UserError(
            f"{model} is no exported model of Coverband: `coverband export --format onnx` writes them"
        )
    from pipelines.inference.onnx_network import load_window_translator
    from pipelines.inference.translate import SongTranslator
    from pipelines.nn.translator_card import load_card

    cover.require_dial(model, load_card(export))
    jobs.run(work, SongTranslator(load_window_translator(export)), cover.dials, cover.vocals_level)
