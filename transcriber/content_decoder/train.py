"""Trains a content decoder, the supervised baseline of every translator.

Presets: content_decoder_tiny (two cores, some minutes).

    coverband train content_decoder --data data/ --workdir runs/floor
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.data.corpus import Corpus
from pipelines.data.feature_cache import Companion
from pipelines.training import flags as training_flags
from pipelines.training import launch
from pipelines.training.setup import Run
from transcriber import checkpoint
from transcriber.content_decoder.model import ContentDecoder
from transcriber.loaders import heard_in, transcriber_of

flags.adopt_module_key_flags(training_flags)

TRANSCRIBER = flags.DEFINE_string(
    "transcriber", None, "The transcriber.npz of a training run (default: the one that comes with Coverband)."
)


def build(run: Run, corpus: Corpus) -> ContentDecoder:
    """Content decoder of a run, with the transcriber of --transcriber."""
    return ContentDecoder.from_data(run.config, corpus, transcriber_of(corpus, _path()))


def features(corpus: Corpus, workdir: Path) -> Companion:
    """Feature cache of the songs' note logits, by the transcriber of --transcriber."""
    return heard_in(corpus, workdir, _path())


def _path() -> Path:
    return Path(TRANSCRIBER.value) if TRANSCRIBER.value else checkpoint.SHIPPED


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    console.require_no_arguments(argv)
    launch.train(ContentDecoder, training_flags.parsed(), features, build)


if __name__ == "__main__":
    console.run(main)
