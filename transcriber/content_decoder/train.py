"""Trains a content decoder, the supervised baseline of every translator.

Presets: content_decoder_tiny (two cores, some minutes).

    coverband train content_decoder --data data/ --workdir runs/baseline
"""

from __future__ import annotations

import functools
from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.data.corpus import Corpus
from pipelines.inference.onnx_export import export_run
from pipelines.training import flags as training_flags
from pipelines.training import launch
from pipelines.training.setup import Run
from transcriber import checkpoint
from transcriber.content_decoder.model import ContentDecoder
from transcriber.loaders import FILE, frame_features, transcriber_of


def build(run: Run, corpus: Corpus) -> ContentDecoder:
    """Content decoder of a run, with the transcriber that the run keeps."""
    return ContentDecoder.from_data(run.config, corpus, transcriber_of(corpus, run.workdir.path / FILE))


def main(argv: list[str]) -> None:
    """Trains as the flags say."""
    values = flags.FlagValues()
    training_flags.define(values)
    transcriber = flags.DEFINE_string(
        "transcriber",
        None,
        "The transcriber.npz of a training run (default: the one that comes with Coverband).",
        flag_values=values,
    )
    console.parse(values, argv, __doc__)
    path = Path(transcriber.value) if transcriber.value else checkpoint.SHIPPED
    features = functools.partial(frame_features, path=path)
    launch.train(
        ContentDecoder,
        training_flags.read(values),
        features,
        build,
        finish=export_run,
    )


if __name__ == "__main__":
    console.run(main)
