"""The methods of an evaluation that need no training: `coverband stylize`, with the band's sound."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from pipelines.audio.spec import AudioSpec
from pipelines.errors import UserError
from pipelines.training import overrides
from styletransfer import song
from styletransfer.config import Config
from styletransfer.presets import PRESETS
from tools.evaluation.pieces import Piece
from tools.evaluation.players import at_rate, fitted
from tools.evaluation.results import Method

_KEY = "stylize-"


@dataclasses.dataclass(frozen=True)
class Described:
    """A way to play songs, as the user gave it.

    Attributes:
        name: its row's label.
        preset: a key of PRESETS.
        changes: "key=value" each.
    """

    name: str
    preset: str
    changes: tuple[str, ...]


def described(given: Sequence[str]) -> tuple[Described, ...]:
    """Ways, each as "PRESET" or "PRESET,key=value,key=value".

    Raises:
        UserError: if there is no such preset or key.
    """
    found = []
    for text in given:
        preset, *changes = (part.strip() for part in text.split(","))
        if preset not in PRESETS:
            raise UserError(f"--stylize {text}: there is no {preset!r}: choose from {', '.join(PRESETS)}")
        overrides.apply(PRESETS[preset](), changes)
        found.append(Described(", ".join([preset, *changes]), preset, tuple(changes)))
    return tuple(found)


@dataclasses.dataclass(frozen=True)
class Stylized:
    """See `styletransfer.song`.

    Attributes:
        config: of the method.
        band: read the band's songs, float32 [samples] at the evaluation's rate.
        sample_rate: of the evaluation's sounds, Hz.
        method: its row.
        identity: stands for configuration and songs.
    """

    config: Config
    band: Sequence[Callable[[], np.ndarray]]
    sample_rate: int
    method: Method
    identity: str

    def plays(self, piece: Piece) -> bool:
        """True if the song has at least as many frames as the method requires."""
        return self.config.spec.frames(round(piece.seconds * self.config.spec.sample_rate)) >= (
            self.config.least_frames
        )

    def play(self, piece: Piece, number: int) -> np.ndarray:
        """The song with the band's sound."""
        source = song.levelled(self.config, self._heard(np.load(piece.source)))
        made = self._stylizer(source, lambda _: None)[:, 0]
        return fitted(made, self.config.spec, self.sample_rate, piece)

    @functools.cached_property
    def _stylizer(self) -> song.Stylizer:
        readers = [functools.partial(self._read, read) for read in self.band]
        return song.Stylizer(self.config, song.excerpts(self.config, readers))

    def _read(self, read: Callable[[], np.ndarray]) -> np.ndarray:
        return self._heard(read())

    def _heard(self, waveform: np.ndarray) -> np.ndarray:
        """At the method's sample rate, [samples, 1]."""
        return at_rate(waveform, self.sample_rate, self.config.spec.sample_rate)[:, None]


def players_of(
    wanted: Sequence[Described], band: Sequence[Callable[[], np.ndarray]], identity: str, spec: AudioSpec
) -> Iterator[Stylized]:
    """The rows.

    Args:
        wanted: which.
        band: read the band's songs, float32 [samples] at the spec's rate.
        identity: stands for these songs.
        spec: of the evaluation; also of the methods, where their changes do not say otherwise.
    """
    for each in wanted:
        config = dataclasses.replace(PRESETS[each.preset](), spec=spec)
        config = overrides.apply(config, list(each.changes))
        key = _KEY + "".join(letter if letter.isalnum() else "-" for letter in each.name.lower())
        said = f"coverband stylize: {each.name}, in the sound of the band's songs; nothing is trained."
        yield Stylized(
            config,
            band,
            spec.sample_rate,
            Method(key, each.name, "baseline", said),
            f"{config} {identity}",
        )
