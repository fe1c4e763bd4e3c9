"""A vocoder on disk: its network's plan and weights, its spec and its card, in one file."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import keras

from pipelines import outputs, weights
from pipelines.audio.path_errors import similar
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.nn import convnext, weight_file  # noqa: F401  (convnext registers layers that a file names)
from pipelines.nn.neural_vocoder.card import VocoderCard
from pipelines.nn.neural_vocoder.files import FILE
from pipelines.nn.neural_vocoder.inverter import NeuralInverter
from pipelines.nn.portable import portable
from pipelines.nn.precision import exact

SHIPPED = weights.VOCODER
"""The vocoder that comes with Coverband; only loaded where it is asked for."""

SHIPPED_NAME = "shipped"
"""Name of the shipped vocoder in place of a path, see `find`."""

_KIND, _CARD, _SPEC, _NETWORK = "vocoder", "card", "spec", "network"


def save(path: Path, vocoder: NeuralInverter, dtype: str = "float32") -> None:
    """Writes a vocoder as one file; a kill leaves the old or the new one whole.

    Args:
        path: ending in .npz.
        vocoder: to be written.
        dtype: of the weights in the file.
    """
    texts = {
        _CARD: json.dumps(dataclasses.asdict(vocoder.card)),
        _SPEC: json.dumps(vocoder.spec.to_dict()),
        _NETWORK: portable(exact(vocoder.network.to_json())),
    }
    weight_file.write(path, vocoder.network.get_weights(), texts, dtype)


def load(path: Path) -> NeuralInverter:
    """Reads what `save` wrote; nothing is unpickled, and no code is in it.

    Raises:
        UserError: if the file is none of these, or damaged.
    """
    with weight_file.read(path, _KIND) as stored:
        spec, card = (json.loads(stored.texts[name]) for name in (_SPEC, _CARD))
        network = keras.models.model_from_json(stored.texts[_NETWORK])
        stored.restore(network)
        return NeuralInverter(network, AudioSpec.from_dict(spec), VocoderCard(**card))


def load_for(path: Path, spec: AudioSpec, user: str) -> NeuralInverter:
    """A vocoder for log-mels of a spec.

    Args:
        path: the file, or a run's folder; see `find`.
        spec: of the log-mels.
        user: what made them, for the sentence if they do not fit.

    Raises:
        UserError: as `load`, or if the vocoder was trained with another spec.
    """
    vocoder = load(find(path))
    vocoder.spec.require_equal(spec, f"the vocoder {path}", user)
    return vocoder


def find(path: Path) -> Path:
    """The file that a user names.

    Args:
        path: the file, the workdir of a training run, or "shipped" for the one that comes with Coverband.

    Raises:
        UserError: if there is none.
    """
    if path == Path(SHIPPED_NAME) and not path.exists():
        if not SHIPPED.is_file():
            raise UserError(
                "no vocoder comes with this copy of Coverband: train one with `coverband train vocoder` and "
                "name its workdir"
            )
        return SHIPPED
    if not path.exists():
        raise UserError(f"{path} does not exist: {similar(path)}")
    found = path / FILE if path.is_dir() else path
    if not found.is_file():
        raise UserError(
            f"{path} holds no vocoder: name the workdir of a `coverband train vocoder` run that has reached "
            "its first checkpoint, or a vocoder.npz"
        )
    return found


def keep(path: Path, run: Path) -> None:
    """Copies a vocoder into the folder of a translator's training run, where translation finds it.

    Args:
        path: see `find`.
        run: the folder; a kill leaves the old or the new one whole.

    Raises:
        UserError: as `find`.
    """
    source, target = find(path), run / FILE
    if source.resolve() != target.resolve():
        with outputs.whole(target) as unfinished:
            shutil.copyfile(source, unfinished)
