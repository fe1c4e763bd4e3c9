"""Trains a decoder of what the listener hears: the floor that every translator has to beat.

Presets: decoder_tiny (two cores, some minutes).

    coverband train decoder --data data/ --workdir runs/floor
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from listener import store
from listener.corpora import heard_in, listener_of
from listener.decoder.config import Config
from listener.decoder.model import DecoderModel
from listener.decoder.presets import PRESETS
from pipelines import console
from pipelines.data.companions import Companion
from pipelines.data.reader import Corpus
from pipelines.data.statistics import crops
from pipelines.errors import UserError
from pipelines.training import flags as training_flags
from pipelines.training import launch

flags.adopt_module_key_flags(training_flags)

LISTENER = flags.DEFINE_string(
    "listener", None, "The listener.npz of a training run (default: the one that comes with Coverband)."
)


def build(config: Config, corpus: Corpus) -> DecoderModel:
    """A decoder of what the listener hears, which knows how the band is spread."""
    path, listener = _path(), listener_of(corpus, _path())
    if config.data.frames % (stride := listener.config.time_stride):
        raise UserError(f"--set data.frames={config.data.frames}: {path} hears {stride} frames at a time")
    model = DecoderModel(config, listener)
    model.set_statistics(crops(corpus))
    return model


def companion(corpus: Corpus, workdir: Path) -> Companion:
    """Feature cache of the songs' note logits, by the transcriber of --listener."""
    return heard_in(corpus, workdir, _path())


def _path() -> Path:
    return Path(LISTENER.value) if LISTENER.value else store.SHIPPED


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    console.require_no_arguments(argv)
    launch.run(launch.Family("decoder", PRESETS, build, companion), training_flags.parsed())


if __name__ == "__main__":
    console.run(main)
