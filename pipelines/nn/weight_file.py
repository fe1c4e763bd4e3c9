"""Weight files: the weights of a trained network and texts about it in one .npz, loaded without its run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipelines.audio.path_errors import similar
from pipelines.errors import UserError

if TYPE_CHECKING:  # it takes seconds to load
    import keras


@dataclass(frozen=True)
class StoredNetwork:
    """Contents of a weight file.

    Attributes:
        texts: JSON texts by name.
        weights: in the order of `keras.Model.get_weights`, as stored (float16 or float32).
    """

    texts: Mapping[str, str]
    weights: list[np.ndarray]

    def restore(self, network: keras.Model) -> None:
        """Sets the weights of a network of the same architecture and freezes it.

        Raises:
            ValueError: if they are not this network's.
        """
        network.set_weights([weight.astype(np.float32) for weight in self.weights])
        network.trainable = False


def write(
    path: Path, weights: Sequence[np.ndarray], texts: Mapping[str, str], dtype: str = "float32"
) -> None:
    """Writes a weight file; a kill leaves the old or the new one whole.

    Args:
        path: ending in .npz; its folder is made.
        weights: of a network, in the order of `keras.Model.get_weights`.
        texts: stored beside them; no name is a number.
        dtype: of the stored weights.
    """
    arrays = {f"{i:03}": np.asarray(weight, dtype) for i, weight in enumerate(weights)}
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".new-{path.name}")
    np.savez_compressed(new, **arrays, **{name: np.array(text) for name, text in texts.items()})
    os.replace(new, path)


@contextlib.contextmanager
def read(path: Path, kind: str) -> Iterator[StoredNetwork]:
    """Contents of a weight file; nothing is unpickled, and no code is in it.

    Whatever the caller's block raises while it builds the network is refused as a damaged file is.

    Args:
        path: of the file.
        kind: of network, for the sentence: "vocoder".

    Raises:
        UserError: if there is no such file, it holds no such network, or is damaged.
    """
    if not path.is_file():
        raise UserError(
            f"{path} is a folder: name the {kind}.npz in it"
            if path.is_dir()
            else f"{path} does not exist: {similar(path)}"
        )
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            numbers = sorted(name for name in stored if name.isdigit())
            texts = {name: str(stored[name]) for name in stored if not name.isdigit()}
            yield StoredNetwork(texts, [stored[number] for number in numbers])
    except Exception as error:  # Of damaged bytes NumPy, zipfile and Keras raise all kinds.
        raise UserError(f"{path} holds no {kind}, or is damaged: name the {kind}.npz of a run") from error
