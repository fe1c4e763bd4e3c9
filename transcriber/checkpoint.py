"""Checkpoint of a transcriber: weights, and configuration of the network."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines import weights
from pipelines.nn import weight_file
from pipelines.nn.precision import EXACT, computing_in
from transcriber import checkpoint_file
from transcriber.networks import build_network
from transcriber.transcriber import Transcriber

SHIPPED = weights.TRANSCRIBER
"""The transcriber that comes with Coverband."""


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
    weight_file.write(
        path, transcriber.network.get_weights(), {checkpoint_file.CARD: json.dumps(card)}, dtype
    )


def load(path: Path = SHIPPED) -> Transcriber:
    """Reads what `save` wrote; nothing is unpickled.

    Raises:
        UserError: if the file holds no transcriber, or is damaged.
    """
    with checkpoint_file.read(path) as stored:
        with computing_in(EXACT):
            network = build_network(stored.config, stored.spec)
        stored.network.restore(network)
    return Transcriber(network, stored.config, stored.spec)


def facts(path: Path = SHIPPED) -> dict[str, Any]:
    """Facts on a transcriber's training that `save` stored, JSON values by name.

    Raises:
        UserError: as `load`.
    """
    with checkpoint_file.read(path) as stored:
        return stored.facts
