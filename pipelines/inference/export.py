"""Export as a SavedModel: waveform in, waveform out, core TensorFlow ops only."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import tensorflow as tf

from pipelines.audio.spec import SPEC_FILE
from pipelines.inference import signatures, warmup
from pipelines.inference.export_folder import not_written, replaced, require_replaceable
from pipelines.inference.model_card import ModelCard
from pipelines.inference.model_folders import is_export
from pipelines.inference.window_translator import WindowTranslator
from pipelines.literal_path import literal
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.nn.translator import Translator
from pipelines.nn.translator_card import CARD_FILE


class TranslationModule(tf.Module):
    """Module of an export, with the functions of `pipelines.inference.signatures`.

    A song is translated window by window: beside the song, its copies at the training loudness and the
    translation (4 bytes a sample each), memory does not grow with the length.

    Attributes:
        serving_signatures: functions of the signatures, by name.
    """

    def __init__(
        self,
        translator: Translator,
        window_translator: WindowTranslator,
        folder: Path,
        card: Path | None = None,
        vocoder: Path | None = None,
    ) -> None:
        """Wraps a translator.

        Args:
            translator: the translator whose weights are exported.
            window_translator: of the same translator.
            folder: of the translator; its spec and its card become assets.
            card: model card, which becomes an asset; None for none.
            vocoder: file of the vocoder that inverts, which becomes an asset; None for none.
        """
        super().__init__()
        # The variables alone: tracking the Keras model would export its layers' Python-side functions, too.
        network = (variable.value for variable in translator.model.variables)
        self.weights = [*network, *window_translator.inverter.variables]
        assets = [folder / SPEC_FILE, folder / CARD_FILE, *(path for path in (card, vocoder) if path)]
        self.files = [tf.saved_model.Asset(os.fsencode(path)) for path in assets]
        self.serving_signatures = signatures.functions(window_translator)


def export(
    translator: Translator,
    source: Path,
    folder: Path,
    card: ModelCard | None = None,
    vocoder: Path | None = None,
) -> None:
    """Writes a translator as a SavedModel; an earlier export in the folder is replaced.

    Args:
        translator: loaded from `source`.
        source: folder of the translator.
        folder: of the SavedModel; an interrupted export leaves no partial one.
        card: model card; None for the contents of the translator's own card.
        vocoder: vocoder that inverts the log-mels, see `checkpoint.find`; None for Griffin-Lim.

    Raises:
        UserError: if the folder exists and is not an export, or cannot be written, or the vocoder has another
            audio spec.
    """
    require_replaceable(folder, is_export(folder))
    inverter = checkpoint.load_for(vocoder, translator.spec, str(source)) if vocoder else None
    window_translator = WindowTranslator.from_translator(translator, inverter)
    try:
        with tempfile.TemporaryDirectory() as scratch, replaced(folder) as new:
            card_file = (card or ModelCard.from_translator(translator)).save(Path(scratch))
            vocoder_file = vocoder and _copy_vocoder(checkpoint.find(vocoder), Path(scratch))
            _save(TranslationModule(translator, window_translator, source, card_file, vocoder_file), new)
            warmup.write(new, translator.spec)
    except (OSError, tf.errors.OpError) as error:
        raise not_written(folder, error) from error


def _save(module: TranslationModule, new: Path) -> None:
    """Saves a module into a folder."""
    with literal(new) as path:
        tf.saved_model.save(module, str(path), signatures=dict(module.serving_signatures))


def _copy_vocoder(vocoder: Path, scratch: Path) -> Path:
    """Copy of a vocoder's file under its name among the assets."""
    return Path(shutil.copyfile(vocoder, scratch / checkpoint.FILE))
