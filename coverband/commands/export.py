"""Writes a trained model as a SavedModel, which needs nothing but TensorFlow, an ONNX graph, or a web page.

    coverband export --model runs/mine --out saved_model/
    coverband export --model runs/mine --out runs/mine/onnx --format onnx
    coverband export --model runs/mine --out cover.html --format web
    coverband export --model runs/mine --style other_band/ --out saved_model/

Its serving_default takes a waveform, float32 [samples, channels] at the model's sample rate, and a strength
from 0 to 1, and gives the cover as a waveform of the same shape; `batch` takes mono clips [batch, samples],
`wav_bytes` WAV files, `log_mel` is the network alone. The audio spec and a model card lie in assets/, warm-up
requests in assets.extra/. `coverband translate` and `coverband serve` take the folder as --model.

--format onnx writes the network alone, float32, with its dials and its noise as inputs; it needs the extra
`onnx`. `coverband translate` takes the folder as --model, and uses it by itself if it is the folder onnx/ of
a run whose weights have not changed since; it then loads no TensorFlow.

--format web writes one HTML file that makes covers of clips of up to a minute in a browser: open it by a
double click. It loads nothing and sends nothing. It contains the run's ONNX export, or one made for it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from absl import flags

from pipelines import console
from pipelines.errors import UserError
from pipelines.inference import onnx_folder, style_recordings
from pipelines.inference.model_card import NOT_STATED
from pipelines.inference.style_recordings import StyleRecording


def main(argv: list[str]) -> None:
    """Exports the model."""
    values = flags.FlagValues()
    model = flags.DEFINE_string(
        "model", None, "A training run's --workdir.", required=True, flag_values=values
    )
    out = flags.DEFINE_string(
        "out",
        None,
        "The folder to write, or for web the .html file; an earlier export is replaced.",
        required=True,
        flag_values=values,
    )
    file_format = flags.DEFINE_enum(
        "format",
        "saved_model",
        ["saved_model", "onnx", "web"],
        "saved_model: waveform in, waveform out. onnx: the network alone. web: a page for a browser.",
        flag_values=values,
    )
    style = flags.DEFINE_multi_string(
        "style",
        [],
        "A song, or a folder of songs, whose style the export translates into, instead of the band's; of "
        "several, their mean style. For models with a style encoder.",
        flag_values=values,
    )
    vocoder = flags.DEFINE_string(
        "vocoder",
        None,
        "Log-mel inversion: the --workdir of a `coverband train vocoder` run, a vocoder.npz, or shipped for "
        "the one that comes with Coverband (default: what the model was trained with, else Griffin-Lim).",
        flag_values=values,
    )
    data_folder = flags.DEFINE_string(
        "data", None, "For the model card: the data folder that the model was trained on.", flag_values=values
    )
    evaluation = flags.DEFINE_string(
        "scores", None, "For the model card: the --out of `coverband evaluate`.", flag_values=values
    )
    licence = flags.DEFINE_string(
        "licence", None, "For the model card: under which the model may be used.", flag_values=values
    )
    console.parse(values, argv, __doc__)
    wanted = style_recordings.find([Path(name) for name in style.value], "--style")
    from pipelines.evaluation import model_facts

    path, target = Path(model.value), Path(out.value)
    is_page = file_format.value == "web"
    if is_page:
        from pipelines.web.writer import require_page_name, write_page

        require_page_name(target)
        if vocoder.value:
            raise UserError("--vocoder is not possible with --format web: leave it out")
    facts = {
        "data": model_facts.data(Path(data_folder.value) if data_folder.value else None),
        "scores": model_facts.scores(Path(evaluation.value) if evaluation.value else None, path.name),
        "licence": licence.value or NOT_STATED,
    }
    stated = {key: value for key, value in facts.items() if value != NOT_STATED}
    existing = onnx_folder.find(path) if is_page and not wanted else None
    if existing:
        write_page(target, existing, path.resolve().name, **stated)
    elif is_page:
        with tempfile.TemporaryDirectory() as folder:
            _export(path, Path(folder, "onnx"), "onnx", wanted, None, facts)
            write_page(target, Path(folder, "onnx"), path.resolve().name)
    else:
        _export(
            path, target, file_format.value, wanted, Path(vocoder.value) if vocoder.value else None, facts
        )
    print(f"{out.value} holds the model")


def _export(
    model: Path,
    out: Path,
    file_format: str,
    style: list[StyleRecording],
    vocoder: Path | None,
    facts: dict[str, Any],
) -> None:
    """Exports a model by TensorFlow, which takes seconds to load."""
    from pipelines.inference.export import export
    from pipelines.inference.loading import load_trained
    from pipelines.inference.model_card import ModelCard
    from pipelines.inference.model_folders import find_vocoder, trained_folder
    from pipelines.inference.onnx_export import export_onnx
    from pipelines.inference.style import load_with_style

    source = trained_folder(model)
    translator = load_with_style(source, style) if style else load_trained(source)
    card = ModelCard.from_translator(translator, **facts)
    inverter = vocoder or find_vocoder(source)
    if file_format == "saved_model":
        export(translator, source, out, card, inverter)
    else:
        export_onnx(translator, source, out, card, inverter, is_restyled=bool(style))


if __name__ == "__main__":
    console.run(main)
