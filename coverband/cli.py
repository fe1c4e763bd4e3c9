"""`coverband` command: dispatches to the binaries in `coverband.commands` and to the train commands."""

from __future__ import annotations

import sys

from coverband.dispatch import Command, Entry, Group, dispatch
from coverband.families import FAMILIES

COMMANDS: dict[str, Entry] = {
    "studio": Command("coverband.commands.studio", "open the page: from two folders to covers", "serve"),
    "survey": Command("coverband.commands.survey", "check two folders of songs before training"),
    "prepare": Command("coverband.commands.prepare", "convert two folders of songs into a data folder"),
    "train": Group("family", "train a model on a data folder: coverband train FAMILY ...", FAMILIES),
    "data-worker": Command("coverband.commands.data_worker", "prepare the batches of training runs"),
    "translate": Command("coverband.commands.translate", "translate songs into the band's sound"),
    "live": Command("coverband.commands.live", "play a microphone or a song in the band's sound at once"),
    "interpolate": Command(
        "coverband.commands.interpolate", "translate a song with styles between two recordings"
    ),
    "stylize": Command("coverband.commands.stylize", "transfer the style of one recording, without training"),
    "transcribe": Command("coverband.commands.transcribe", "transcribe songs to MIDI and piano rolls"),
    "evaluate": Command("coverband.commands.evaluate", "measure the quality of covers, with a report"),
    "listening-results": Command(
        "coverband.commands.listening_results", "turn the answers of a listening test into a table"
    ),
    "export": Command("coverband.commands.export", "write a model as SavedModel, ONNX graph or web page"),
    "serve": Command("coverband.commands.serve", "serve exported models: a web page and a REST API", "serve"),
}


def main(argv: list[str] | None = None) -> None:
    """Runs the command named by the first argument, or by the first two of `train`."""
    dispatch("coverband", COMMANDS, list(sys.argv[1:] if argv is None else argv))


if __name__ == "__main__":
    main()
