"""File of a transcriber: weights, and configuration of the network; without Keras."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pipelines.audio.spec import AudioSpec
from pipelines.nn import weight_file
from pipelines.nn.weight_file import StoredNetwork
from transcriber.network_config import NetworkConfig

CARD = "card"
"""Name of the text with configuration, audio spec and facts."""


class StoredTranscriber(NamedTuple):
    """Contents of a file.

    Attributes:
        network: the weights.
        config: of the network.
        spec: of its log-mels.
        facts: on its training, JSON values by name.
    """

    network: StoredNetwork
    config: NetworkConfig
    spec: AudioSpec
    facts: dict[str, Any]


@contextlib.contextmanager
def read(path: Path) -> Iterator[StoredTranscriber]:
    """Context manager of the contents of a file that `checkpoint.save` wrote; nothing is unpickled.

    Whatever the caller's block raises while it builds the network is refused as a damaged file is.

    Raises:
        UserError: if the file holds no transcriber, or is damaged.
    """
    with weight_file.read(path, "transcriber") as stored:
        card = json.loads(stored.texts[CARD])
        spec = AudioSpec.from_dict(card["spec"])
        yield StoredTranscriber(stored, _config(card["network"]), spec, card["facts"])


def _config(values: dict[str, Any]) -> NetworkConfig:
    tuples = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return NetworkConfig(**{**values, **tuples})
