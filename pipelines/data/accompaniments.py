"""Accompaniments of the band's songs: data of a band without its singer, from stems or by a separator."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from pipelines.audio import files
from pipelines.audio.song_files import SUFFIXES, find_songs
from pipelines.audio.streams import Signal, read_once
from pipelines.errors import UserError
from pipelines.stems.files import Role, Stem, by_song_name
from pipelines.stems.parts import SplitSong
from pipelines.stems.separation import Separation


@dataclasses.dataclass(frozen=True)
class Accompaniments:
    """Stems of the band's songs, instrumental ones before vocals: they are used as they are.

    Attributes:
        stems: stems that exist, by the path of their song, without suffix, below the band's folder.
        separation: of the other songs; None to leave them out.
    """

    stems: Mapping[Path, Stem]
    separation: Separation | None = None

    @classmethod
    def from_folders(
        cls, band: Path, folder: Path | None, separation: Separation | None = None
    ) -> Accompaniments:
        """Stems beside the songs, "a.instrumental.wav" of "a.mp3", and in another folder.

        Args:
            band: the band's folder, or its only song.
            folder: with the stems in the subfolders of their songs; they come before those beside the songs.
            separation: see `Accompaniments`.

        Raises:
            UserError: if a folder cannot be opened, or that of the stems lies among the songs.
        """
        if folder and band.resolve() in folder.resolve().parents:
            raise UserError(
                f"{folder} lies inside {band}, all files of which are songs: move it elsewhere, or the stems "
                "beside their songs"
            )
        stems: dict[Path, Stem] = {}
        for each in (band, folder) if folder else (band,):
            found = find_songs(each)
            paths = _beside(band) if each is band and band.is_file() else found.songs
            named = by_song_name(paths, Role.INSTRUMENTAL)
            stems |= {song.relative_to(found.root): stem for song, stem in named.items()}
        return cls(stems, separation)

    def key(self, name: str) -> tuple[object, ...]:
        """Values on which the accompaniment of a song depends, beside the song.

        Args:
            name: path of the song below the band's folder.
        """
        if stem := self._stem(name):
            state = stem.path.stat()
            return stem.role.value, stem.path.name, state.st_size, state.st_mtime_ns
        return ("separated", self.separation.separator.definition if self.separation else "")

    def require_stem(self, name: str, song: Path) -> Stem:
        """Stem of a song, which is separated if it has none.

        Args:
            name: path of the song below the band's folder.
            song: the song.

        Raises:
            UserError: if the song has no stem and cannot be separated.
        """
        if stem := self._stem(name):
            return stem
        if self.separation is None:
            raise UserError(
                f"{song} has no stem: put {song.stem}.instrumental.wav or {song.stem}.vocals.wav beside it, "
                "or name a --separator"
            )
        return self.separation.stem(song, Role.INSTRUMENTAL)

    def _stem(self, name: str) -> Stem | None:
        return self.stems.get(Path(name).with_suffix(""))


def _beside(song: Path) -> list[Path]:
    """Audio files in the folder of a song, by their suffixes."""
    return [path for path in sorted(song.parent.iterdir()) if path.suffix[1:].lower() in SUFFIXES]


def blocks(
    song: Path, stem: Stem, sample_rate: int, seconds: float, on_damage: files.OnDamage
) -> Iterator[np.ndarray]:
    """Accompaniment of a song block by block, float32 [samples, channels].

    Args:
        song: the song.
        stem: the accompaniment, or the voice, which is aligned with the song and subtracted.
        sample_rate: of the blocks, Hz.
        seconds: length of the blocks; with a voice, `streams.BLOCK_SECONDS`.
        on_damage: see `files.blocks`.

    Raises:
        UserError: if a file cannot be read, or the stem does not fit the song.
    """
    if stem.role is Role.INSTRUMENTAL:
        yield from files.blocks(stem.path, sample_rate, seconds, on_damage=on_damage)
        return
    whole = Signal.from_file(song, sample_rate, on_damage)
    with (
        read_once(whole, sample_rate) as decoded,
        read_once(stem.signal(sample_rate), sample_rate) as decoded_stem,
    ):
        yield from SplitSong(decoded, decoded_stem, stem.role, sample_rate).accompaniment()
