"""A transcriber on disk: its weights, and what is needed to build the network that they belong to."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from pipelines import weights
from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.nn.precision import EXACT, computing_in
from transcriber.config import NetworkConfig
from transcriber.networks import build_network
from transcriber.transcriber import Transcriber

SHIPPED = weights.TRANSCRIBER
"""The transcriber that comes with Coverband."""

_CARD = "card"


def save(path: Path, transcriber: Transcriber, facts: Mapping[str, Any], dtype: str = "float32") -> None:
    """Writes a transcriber as one file; a kill leaves the old or the new one whole.

    Args:
        path: ending in .npz.
        transcriber: to be written.
        facts: how it was made, for people: JSON values.
        dtype: of the weights in the file.
    """
    card = {
        "network": dataclasses.asdict(transcriber.config),
        "spec": transcriber.spec.to_dict(),
        "facts": dict(facts),
    }
    weights = {f"{i:03}": np.asarray(w, dtype) for i, w in enumerate(transcriber.network.get_weights())}
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".new-{path.name}")
    np.savez_compressed(new, **weights, **{_CARD: np.array(json.dumps(card))})
    os.replace(new, path)


def load(path: Path = SHIPPED) -> Transcriber:
    """Reads what `save` wrote; nothing is unpickled.

    Raises:
        UserError: if the file is none of these, or damaged.
    """
    with _opened(path) as stored:
        card = json.loads(str(stored[_CARD]))
        config, spec = _config(card["network"]), AudioSpec.from_dict(card["spec"])
        network = _network(config, spec, [stored[name] for name in sorted(set(stored) - {_CARD})])
    return Transcriber(network, config, spec)


def facts(path: Path = SHIPPED) -> dict[str, Any]:
    """Facts on a transcriber's training that `save` stored, JSON values by name.

    Raises:
        UserError: as `load`.
    """
    with _opened(path) as stored:
        return json.loads(str(stored[_CARD]))["facts"]


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Mapping[str, np.ndarray]]:
    """The arrays of a file, by name; whatever goes wrong with them is said in one sentence."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            yield stored
    except Exception as error:  # Of damaged bytes NumPy and zipfile raise all kinds.
        raise UserError(
            f"{path} holds no transcriber ({type(error).__name__}): name the transcriber.npz of a run"
        ) from error


def _config(values: dict[str, Any]) -> NetworkConfig:
    tuples = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return NetworkConfig(**{**values, **tuples})


@computing_in(EXACT)
def _network(config: NetworkConfig, spec: AudioSpec, weights: list[np.ndarray]) -> keras.Model:
    network = build_network(config, spec)
    network.set_weights([weight.astype(np.float32) for weight in weights])
    network.trainable = False
    return network
