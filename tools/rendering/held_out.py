"""Held-out tunes: those of the demo's test pairs, which are in no training set.

The paired benchmark leaves them out of all that is trained on: its content and bands (translators and the
vocoder) and the recordings for metrics (the timbre embedding). The transcription data also leave out tunes
of the benchmark's own tests, see `tools.rendering.transcription.held_out`.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence

from tools.demo import DEMO_SONGS
from tools.rendering import scores
from tools.rendering.repertoire import Work
from tools.rendering.scores import Piece, Tune

_CATALOGUE = DEMO_SONGS / "catalogue.json"


@dataclasses.dataclass(frozen=True)
class HeldOut:
    """Works and tunes that training sets must not contain.

    Attributes:
        names: names of works.
        tunes: tunes of these works, and perhaps of their excerpts.
    """

    names: frozenset[str]
    tunes: tuple[Tune, ...]

    @classmethod
    def from_pieces(cls, works: Iterable[Piece], excerpts: Iterable[Piece] = ()) -> HeldOut:
        """Held-out works by their whole pieces, and excerpts of them."""
        works = list(works)
        tunes = {scores.tune(piece) for piece in (*works, *excerpts)}
        return cls(frozenset(piece.name for piece in works), tuple(sorted(tunes, key=str)))

    def contains(self, piece: Piece) -> bool:
        """True if the piece is one of the works, or resembles one of the tunes."""
        tune = scores.tune(piece)
        return piece.name in self.names or any(tune.resembles(other) for other in self.tunes)


def demo_truth(works: Sequence[Work]) -> HeldOut:
    """Works and tunes of the demo's test pairs.

    Args:
        works: works that they are taken from, `repertoire.works`.
    """
    names = demo_truth_names()
    return HeldOut.from_pieces(work.piece for work in works if work.piece.name in names)


def demo_truth_names() -> frozenset[str]:
    """Names of the works of the demo's test pairs, by the catalogue of its songs."""
    rows = json.loads(_CATALOGUE.read_text(encoding="utf-8"))
    return frozenset(row["piece"] for row in rows if row["split"] == "truth")
