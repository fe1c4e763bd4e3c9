"""Scores of music21's corpus for the transcription data.

All composers died more than 70 years ago. Renderings use the notes, not the edition. Chorales and quartets
are those of `tools.rendering.repertoire`; this module adds the other kinds.
"""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Iterator
from pathlib import Path

from tools.rendering.scores import require_music21

_NUMBER = re.compile(r"^X:\s*(\d+)", re.MULTILINE)
_TRADITIONAL = "traditional"


@dataclasses.dataclass(frozen=True)
class Source:
    """Score of the corpus.

    Attributes:
        kind: kind of work, see SHARES.
        composer: name and dates, as far as known.
        path: path of the file.
        number: number of the tune in a file of several; None for a file of one score.
    """

    kind: str
    composer: str
    path: Path
    number: int | None = None

    @property
    def name(self) -> str:
        """Name of ASCII letters, digits, ".", "-", "_", as oneills1850-0001-0050-7."""
        parts = self.path.parts
        inside = parts[len(parts) - parts[::-1].index("corpus") :]
        stem = "-".join([*inside[:-1], self.path.stem, *([str(self.number)] if self.number else [])])
        return re.sub(r"[^\w.]+", "-", stem, flags=re.ASCII).strip("-")


@dataclasses.dataclass(frozen=True)
class _Files:
    """Files of one kind and composer in the corpus; `many` if each contains several tunes."""

    kind: str
    composer: str
    pattern: str
    many: bool = False


_FILES = (
    _Files("mass", "Giovanni Pierluigi da Palestrina (about 1525-1594)", "palestrina/*.krn"),
    _Files("madrigal", "Claudio Monteverdi (1567-1643)", "monteverdi/*.mxl"),
    _Files("madrigal", "Vicente Lusitano (about 1520-1561)", "lusitano/*.mxl"),
    _Files("chanson", "Josquin des Prez (about 1450-1521)", "josquin/*.abc"),
    _Files("trecento", "a composer of the Italian Trecento (14th century)", "trecento/PMFC*.xml"),
    _Files("keyboard", "Scott Joplin (1868-1917)", "joplin/*.mxl"),
    _Files("keyboard", "Frédéric Chopin (1810-1849)", "chopin/*.krn"),
    _Files("keyboard", "Clara Schumann (1819-1896)", "schumann_clara/*.mxl"),
    _Files("keyboard", "Carl Philipp Emanuel Bach (1714-1788)", "cpebach/*.mxl"),
    _Files("keyboard", "Johann Sebastian Bach (1685-1750)", "bach/bwv846.mxl"),
    _Files("keyboard", "Arnold Schoenberg (1874-1951)", "schoenberg/**/*.mxl"),
    _Files("chamber", "Robert Schumann (1810-1856)", "schumann_robert/**/*.mxl"),
    _Files("chamber", "Clara Schumann (1819-1896)", "schumann_clara/**/*.xml"),
    _Files("chamber", "Arcangelo Corelli (1653-1713)", "corelli/**/*.xml"),
    _Files("chamber", "Carl Maria von Weber (1786-1826)", "weber/*.mxl"),
    _Files("song", "Georg Friedrich Händel (1685-1759)", "handel/**/*.mxl"),
    _Files("song", "Franz Schubert (1797-1828)", "schubert/*.xml"),
    _Files("song", "Giuseppe Verdi (1813-1901)", "verdi/*.mxl"),
    _Files("song", "Queen Liliuokalani (1838-1917)", "liliuokalani/*.mxl"),
    _Files("song", "Amy Beach (1867-1944)", "beach/*.musicxml"),
    _Files("fiddle", f"{_TRADITIONAL} (Ryan's Mammoth Collection, 1883)", "ryansMammoth/*.abc"),
    _Files("irish", f"{_TRADITIONAL} (O'Neill's Music of Ireland, 1850 tunes)", "oneills1850/*.abc", True),
    _Files("folk", f"{_TRADITIONAL} (Essen Folksong Collection)", "essenFolksong/*.abc", True),
    _Files("airs", f"{_TRADITIONAL} (Aird's Airs, 1782-1803)", "airdsAirs/*.abc", True),
    _Files("airs", f"{_TRADITIONAL} (Northumbrian Minstrelsy, 1882)", "miscFolk/northumbrian*.abc", True),
)

SHARES = {
    "chorale": 0.14,
    "quartet": 0.18,
    "mass": 0.07,
    "madrigal": 0.09,
    "chanson": 0.04,
    "trecento": 0.06,
    "keyboard": 0.12,
    "chamber": 0.08,
    "song": 0.04,
    "fiddle": 0.06,
    "irish": 0.05,
    "folk": 0.04,
    "airs": 0.03,
}
"""Largest share of the recordings by kind of work."""


def sources(scores: int, seed: int) -> list[Source]:
    """Random scores of the corpus, beside chorales and quartets.

    Args:
        scores: limit of the number of scores; that of a kind is its share.
        seed: random seed.

    Raises:
        UserError: if music21 is not installed.
    """
    # The word is part of the seed, on which the rendered corpus and its published numbers depend.
    rng = random.Random(f"coverband lessons' sources {seed}")
    kinds: dict[str, list[Source]] = {}
    for source in _all(Path(str(require_music21().common.getCorpusFilePath()))):
        kinds.setdefault(source.kind, []).append(source)
    return [source for kind, group in kinds.items() for source in _sample(group, kind, scores, rng)]


def _sample(group: list[Source], kind: str, scores: int, rng: random.Random) -> list[Source]:
    return rng.sample(group, min(len(group), round(scores * SHARES[kind])))


def _all(corpus: Path) -> Iterator[Source]:
    for files in _FILES:
        for path in sorted(corpus.glob(files.pattern)):
            for number in _numbers(path) if files.many else [None]:
                yield Source(files.kind, files.composer, path, number)


def _numbers(path: Path) -> list[int]:
    """Unique numbers of the tunes in an ABC file."""
    numbers = [int(number) for number in _NUMBER.findall(path.read_text("utf-8", errors="replace"))]
    return [number for number in numbers if numbers.count(number) == 1]
