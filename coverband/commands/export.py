"""Writes a trained model as a SavedModel that needs nothing but TensorFlow.

    coverband export --model runs/mine --out saved_model/
    coverband export --model runs/mine --style other_band/ --out saved_model/

Its serving_default takes a waveform, float32 [samples, channels] at the model's sample rate, and a strength
from 0 to 1, and gives the cover as a waveform of the same shape; `batch` takes mono clips [batch, samples],
`wav_bytes` WAV files, `log_mel` is the network alone. The audio spec and a model card lie in assets/, warm-up
requests in assets.extra/. `coverband translate` and `coverband serve` take the folder as --model.
"""

from __future__ import annotations

from pathlib import Path

from absl import flags

from pipelines import console
from pipelines.inference import style_recordings

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
VOCODER = flags.DEFINE_string(
    "vocoder",
    None,
    "What makes the sound: the --workdir of a `coverband train vocoder` run, a vocoder.npz, or shipped for "
    "the one that comes with Coverband (default: what the model was trained with, else Griffin-Lim).",
)
DATA = flags.DEFINE_string("data", None, "For the model card: the data folder that the model was trained on.")
SCORES = flags.DEFINE_string("scores", None, "For the model card: the --out of `coverband evaluate`.")
LICENCE = flags.DEFINE_string("licence", None, "For the model card: under which the model may be used.")


def main(argv: list[str]) -> None:
    """Exports the model."""
    console.require_no_arguments(argv)
    wanted = style_recordings.find([Path(name) for name in STYLE.value], "--style")
    from pipelines.evaluation import model_facts
    from pipelines.inference.export import export
    from pipelines.inference.loading import kept_vocoder, load_trained, trained_folder
    from pipelines.inference.model_card import NOT_STATED, ModelCard
    from pipelines.inference.style import styled

    source = trained_folder(Path(MODEL.value))
    data = model_facts.data(Path(DATA.value) if DATA.value else None)
    scores = model_facts.scores(Path(SCORES.value) if SCORES.value else None, Path(MODEL.value).name)
    translator = styled(source, wanted) if wanted else load_trained(source)
    card = ModelCard.of(translator, data=data, scores=scores, licence=LICENCE.value or NOT_STATED)
    vocoder = Path(VOCODER.value) if VOCODER.value else kept_vocoder(source)
    export(translator, source, Path(OUT.value), card, vocoder)
    print(f"{OUT.value} holds the model")


if __name__ == "__main__":
    console.run(main)
