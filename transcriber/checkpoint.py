"""Checkpoint of a transcriber: weights, and configuration of the network."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines import weights
from pipelines.audio.spec import AudioSpec
from pipelines.nn import weight_file
from pipelines.nn.precision import EXACT, computing_in
from transcriber.config import NetworkConfig
from transcriber.networks import build_network
from transcriber.transcriber import Transcriber

SHIPPED = weights.TRANSCRIBER
"""The transcriber that comes with Coverband."""

_KIND, _CARD = "transcriber", "card"


def save(path: Path, transcriber: Transcriber, facts: Mapping[str, Any], dtype: str = "float32") -> None:
    """Writes a transcriber as one file, atomically.

    Args:
        path: ending in .npz.
        transcriber: transcriber to write.
        facts: information on its training, JSON values.
        dtype: of the weights in the file.
    """
    card = {
        "network": dataclasses.asdict(transcriber.config),
        "spec": transcriber.spec.to_dict(),
        "facts": dict(facts),
    }
    weight_file.write(path, transcriber.network.get_weights(), {_CARD: json.dumps(card)}, dtype)


def load(path: Path = SHIPPED) -> Transcriber:
    """Reads what `save` wrote; nothing is unpickled.

    Raises:
        UserError: if the file holds no transcriber, or is damaged.
    """
    with weight_file.read(path, _KIND) as stored:
        card = json.loads(stored.texts[_CARD])
        config, spec = _config(card["network"]), AudioSpec.from_dict(card["spec"])
        with computing_in(EXACT):
            network = build_network(config, spec)
        stored.restore(network)
    return Transcriber(network, config, spec)


def facts(path: Path = SHIPPED) -> dict[str, Any]:
    """Facts on a transcriber's training that `save` stored, JSON values by name.

    Raises:
        UserError: as `load`.
    """
    with weight_file.read(path, _KIND) as stored:
        return json.loads(stored.texts[_CARD])["facts"]


def _config(values: dict[str, Any]) -> NetworkConfig:
    tuples = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return NetworkConfig(**{**values, **tuples})
