"""SavedModel: waveform in, waveform out, core TensorFlow ops only; runs where nothing but TensorFlow is."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

from pipelines.audio.spec import SPEC_FILE
from pipelines.errors import UserError
from pipelines.inference import signatures, warmup
from pipelines.inference.cover import CoverMaker
from pipelines.inference.graph_song import cover_song
from pipelines.inference.model_card import ModelCard
from pipelines.nn.translator import CARD_FILE, Translator

__all__ = ["ASSETS", "CoverModule", "cover_song", "export", "is_export", "maker_of"]

MODEL_FILE = "saved_model.pb"
ASSETS = "assets"
"""Folder inside a SavedModel where the spec and the card lie."""


class CoverModule(tf.Module):
    """What is exported: see `pipelines.inference.signatures`.

    A song is translated window by window: beside the song, its copies at the training loudness and the cover
    (4 bytes a sample each), memory does not grow with length.
    """

    def __init__(
        self, translator: Translator, maker: CoverMaker, files: Path, card: Path | None = None
    ) -> None:
        """Wraps a translator.

        Args:
            translator: whose weights are exported.
            maker: around the same translator.
            files: folder with the translator's spec and card, which become assets.
            card: the model card, which becomes an asset, too.
        """
        super().__init__()
        # The variables alone: tracking the Keras model would export its layers' Python-side functions, too.
        self.weights = [variable.value for variable in translator.model.variables]
        assets = [files / SPEC_FILE, files / CARD_FILE, *([card] if card else [])]
        self.files = [tf.saved_model.Asset(str(path)) for path in assets]
        self.cover, self.batch, self.wav_bytes, self.log_mel = signatures.functions(maker)

    @property
    def served(self) -> dict[str, Callable[..., Any]]:
        """What clients call: name -> function."""
        return {
            "serving_default": self.cover,
            "batch": self.batch,
            "wav_bytes": self.wav_bytes,
            "log_mel": self.log_mel,
        }


def export(translator: Translator, source: Path, folder: Path, card: ModelCard | None = None) -> None:
    """Writes a translator as a SavedModel; an earlier export in the folder is replaced.

    Args:
        translator: loaded from `source`.
        source: the translator's folder.
        folder: where the SavedModel goes; a kill leaves no half of one.
        card: what readers should know of the model; by default what the translator's own card says.

    Raises:
        UserError: if the folder exists and holds something else, or cannot be written.
    """
    if folder.exists() and not is_export(folder) and not _is_empty(folder):
        raise UserError(f"{folder} exists and is no exported model: name a new folder for the export")
    maker = maker_of(translator)
    new = folder.with_name(f".{folder.name}.part")
    try:
        with tempfile.TemporaryDirectory() as scratch:
            written = (card or ModelCard.of(translator)).save(Path(scratch))
            _save(CoverModule(translator, maker, source, written), new)
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
    tf.saved_model.save(module, str(new), signatures=module.served)


def _replace(folder: Path, new: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    os.replace(new, folder)


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def maker_of(translator: Translator) -> CoverMaker:
    """The cover maker of a Keras translator."""
    card = translator.card

    def translate(log_mel: tf.Tensor) -> tf.Tensor:
        return translator.model(log_mel, training=False)

    return CoverMaker.of(translate, translator.spec, context=card.context_frames, multiple=card.time_multiple)


def is_export(folder: Path) -> bool:
    """Whether a folder holds a SavedModel."""
    return (folder / MODEL_FILE).is_file()
