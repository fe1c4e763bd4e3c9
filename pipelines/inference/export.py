"""SavedModel: waveform in, waveform out, core TensorFlow ops only; runs where nothing but TensorFlow is."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from pipelines.audio.inversion import Inverter
from pipelines.audio.spec import SPEC_FILE
from pipelines.errors import UserError
from pipelines.inference import signatures, warmup
from pipelines.inference.graph_song import cover_song
from pipelines.inference.model_card import ModelCard
from pipelines.inference.window_translator import CoverMaker
from pipelines.literal_path import literal
from pipelines.nn.neural_vocoder import checkpoint
from pipelines.nn.translator import CARD_FILE, Translator

__all__ = ["ASSETS", "CoverModule", "cover_song", "export", "is_export", "maker_of"]

MODEL_FILE = "saved_model.pb"
ASSETS = "assets"
"""Folder inside a SavedModel where the spec and the card lie."""


class CoverModule(tf.Module):
    """Module that is exported as a SavedModel, with the functions of `pipelines.inference.signatures`.

    A song is translated window by window: beside the song, its copies at the training loudness and the cover
    (4 bytes a sample each), memory does not grow with length.
    """

    def __init__(
        self,
        translator: Translator,
        maker: CoverMaker,
        files: Path,
        card: Path | None = None,
        vocoder: Path | None = None,
    ) -> None:
        """Wraps a translator.

        Args:
            translator: whose weights are exported.
            maker: around the same translator.
            files: folder with the translator's spec and card, which become assets.
            card: the model card, which becomes an asset, too.
            vocoder: likewise, the file of the maker's vocoder if it has one.
        """
        super().__init__()
        # The variables alone: tracking the Keras model would export its layers' Python-side functions, too.
        ours = (variable.value for variable in translator.model.variables)
        self.weights = [*ours, *maker.inverter.variables]
        assets = [files / SPEC_FILE, files / CARD_FILE, *(path for path in (card, vocoder) if path)]
        self.files = [tf.saved_model.Asset(os.fsencode(path)) for path in assets]
        self.cover, self.batch, self.wav_bytes, self.log_mel = signatures.functions(maker)

    @property
    def served(self) -> dict[str, Callable[..., Any]]:
        """Serving signatures, which clients call: name -> function."""
        return {
            "serving_default": self.cover,
            "batch": self.batch,
            "wav_bytes": self.wav_bytes,
            "log_mel": self.log_mel,
        }


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
        source: the translator's folder.
        folder: where the SavedModel goes; a kill leaves no half of one.
        card: what readers should know of the model; by default what the translator's own card says.
        vocoder: what inverts its log-mels, see `vocoder_file.find`; None for Griffin-Lim.

    Raises:
        UserError: if the folder exists and holds something else, or cannot be written, or the vocoder does
            not fit.
    """
    if folder.exists() and not is_export(folder) and not _is_empty(folder):
        raise UserError(f"{folder} exists and is no exported model: name a new folder for the export")
    inverter = checkpoint.load_for(vocoder, translator.spec, str(source)) if vocoder else None
    maker = maker_of(translator, inverter)
    new = folder.with_name(f".{folder.name}.part")
    try:
        with tempfile.TemporaryDirectory() as scratch:
            written = (card or ModelCard.of(translator)).save(Path(scratch))
            heard = vocoder and _copied(checkpoint.find(vocoder), Path(scratch))
            _save(CoverModule(translator, maker, source, written, heard), new)
        warmup.write(new, translator.spec)
        _replace(folder, new)
    except (OSError, tf.errors.OpError) as error:
        reason = getattr(error, "strerror", None) or "is the disk full, or the folder protected?"
        raise UserError(f"{folder} could not be written ({reason}): write elsewhere") from error
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _save(module: CoverModule, new: Path) -> None:
    """Saves under a new name."""
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    with literal(new) as path:
        tf.saved_model.save(module, str(path), signatures=module.served)


def _copied(vocoder: Path, scratch: Path) -> Path:
    """A vocoder's file under the name that it has among the assets."""
    return Path(shutil.copyfile(vocoder, scratch / checkpoint.FILE))


def _replace(folder: Path, new: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    os.replace(new, folder)


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def maker_of(translator: Translator, inverter: Inverter | None = None) -> CoverMaker:
    """The cover maker of a Keras translator; an inverter of the same spec, None for Griffin-Lim."""
    card = translator.card

    def translate(log_mel: tf.Tensor) -> tf.Tensor:
        return translator.model(log_mel, training=False)

    return CoverMaker.of(
        translate,
        translator.spec,
        context=card.context_frames,
        multiple=card.time_multiple,
        inverter=inverter,
    )


def is_export(folder: Path) -> bool:
    """True if a folder holds a SavedModel."""
    return (folder / MODEL_FILE).is_file()
