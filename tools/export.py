"""Writes a trained model as a SavedModel that needs nothing but TensorFlow.

    coverband export --model runs/mine --out saved_model/
    coverband export --model runs/mine --style other_band/ --out saved_model/

Its serving_default takes a waveform, float32 [samples, channels] at the model's sample rate, and a strength
from 0 to 1, and gives the cover as a waveform of the same shape. The audio spec lies in assets/. `coverband
translate` takes the folder as --model, too.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.inference import examples

MODEL = flags.DEFINE_string("model", None, "A training run's --workdir.", required=True)
OUT = flags.DEFINE_string(
    "out", None, "The folder to write; an earlier export in it is replaced.", required=True
)
STYLE = flags.DEFINE_multi_string(
    "style",
    [],
    "A song, or a folder of songs, that the export plays like, instead of the band; of several, with their "
    "mean style. For models that hear styles.",
)


def main(argv: list[str]) -> None:
    """Exports the model."""
    console.require_no_arguments(argv)
    wanted = examples.find([Path(name) for name in STYLE.value], "--style")
    from pipelines.inference.models import load_trained, trained_folder
    from pipelines.inference.savedmodel import export
    from pipelines.inference.styling import styled

    source = trained_folder(Path(MODEL.value))
    export(styled(source, wanted) if wanted else load_trained(source), source, Path(OUT.value))
    print(f"{OUT.value} holds the model")


if __name__ == "__main__":
    console.run(main)
