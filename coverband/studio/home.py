"""Folders of the Studio: plain folders that every command understands."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from coverband.studio.covered_song import CoveredSong
from coverband.studio.names import require_name
from coverband.studio.song_folder import SongFolder
from pipelines.errors import UserError
from pipelines.training.workdir import CONFIG_FILE

_CARD = "translator/card.json"


@dataclasses.dataclass(frozen=True)
class Home:
    """Folder with all bands.

    Attributes:
        path: the folder. Inside it: bands/, content/ with the generic songs, tasks/.
    """

    path: Path

    @property
    def generic(self) -> SongFolder:
        """Generic songs, which all bands share."""
        return SongFolder(self.path / "content", self.path / "removed")

    @property
    def tasks(self) -> Path:
        """Folder of the tasks, see `tasks.TaskStore`."""
        return self.path / "tasks"

    @property
    def bands(self) -> list[Band]:
        """Bands by name."""
        folder = self.path / "bands"
        return [Band(path) for path in _folders(folder)]

    @property
    def all_runs(self) -> list[Path]:
        """Workdirs of the runs of all bands."""
        return [band.run(run) for band in self.bands for run in band.runs]

    def band(self, name: object) -> Band:
        """A band that exists.

        Raises:
            UserError: if it does not.
        """
        band = Band(self.path / "bands" / require_name(name, "a band"))
        if not band.path.is_dir():
            raise UserError(f"there is no band {band.name}")
        return band

    def create(self, name: object) -> Band:
        """A new band.

        Raises:
            UserError: if the name is not possible, or there is such a band.
        """
        band = Band(self.path / "bands" / require_name(name, "a band"))
        if any(each.name.casefold() == band.name.casefold() for each in self.bands):
            raise UserError(f"there is a band {band.name} already")
        band.songs.songs.mkdir(parents=True)
        return band


@dataclasses.dataclass(frozen=True)
class Band:
    """Folder of a band.

    Attributes:
        path: the folder. Inside it: songs/, data/ by `coverband prepare`, runs/, covers/, reports/, exports/,
            removed/ and removed_covers/ with what was moved out, and survey.json.
    """

    path: Path

    @property
    def name(self) -> str:
        """Name of the band."""
        return self.path.name

    @property
    def songs(self) -> SongFolder:
        """Songs of the band."""
        return SongFolder(self.path / "songs", self.path / "removed")

    @property
    def data(self) -> Path:
        """Data folder of all runs."""
        return self.path / "data"

    @property
    def survey(self) -> Path:
        """JSON report of `coverband survey`; it need not exist."""
        return self.path / "survey.json"

    @property
    def runs(self) -> list[str]:
        """Names of the runs, the newest last."""
        return [path.name for path in sorted(_folders(self.path / "runs"), key=_began)]

    def run(self, name: object) -> Path:
        """Workdir of a run, which need not exist."""
        return self.path / "runs" / require_name(name, "a model")

    def trained_run(self, name: object) -> Path:
        """Workdir of a run with a translator.

        Raises:
            UserError: if it has none yet.
        """
        run = self.run(name)
        if not (run / _CARD).is_file():
            raise UserError(f"{run.name} has learnt nothing yet that could play: wait for its first save")
        return run

    def report(self, run: object) -> Path:
        """Folder of the report of `coverband evaluate` on a run, which need not exist."""
        return self.path / "reports" / require_name(run, "a model")

    def export(self, run: object) -> Path:
        """Folder of a run's export, which need not exist."""
        return self.path / "exports" / require_name(run, "a model")

    @property
    def removed_covers(self) -> Path:
        """Folder of songs with covers that were moved out; it need not exist."""
        return self.path / "removed_covers"

    @property
    def covered_songs(self) -> list[CoveredSong]:
        """Songs with covers, the newest first."""
        found = [CoveredSong(path) for path in _folders(self.path / "covers")]
        return sorted((song for song in found if song.source), key=lambda song: -song.path.stat().st_mtime)

    def covered_song(self, title: object) -> CoveredSong:
        """A song to cover.

        Raises:
            UserError: if there is no such song.
        """
        song = CoveredSong(self.path / "covers" / require_name(title, "a song"))
        if song.source is None:
            raise UserError(f"there is no song {song.title}")
        return song

    def new_covered_song(self, file_name: str) -> CoveredSong:
        """Folder for another song to cover, which exists no longer than until the next call without a source.

        Args:
            file_name: by `names.song_file_name`.
        """
        title = require_name(Path(file_name).stem[:60].strip(" .-") or "song", "a song")
        number = 1
        while True:
            song = CoveredSong(self.path / "covers" / (title if number == 1 else f"{title} ({number})"))
            try:
                song.path.mkdir(parents=True)
                return song
            except FileExistsError:
                number += 1


def card(run: Path) -> Mapping[str, Any]:
    """Card of a run's translator; empty if there is none."""
    return read_json(run / _CARD)


def read_json(path: Path) -> dict[str, Any]:
    """JSON object in a file; empty if it is missing or damaged."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _began(run: Path) -> float:
    """Time at which a run has begun, seconds since 1970; 0 for a folder that is none."""
    config = run / CONFIG_FILE
    return config.stat().st_mtime if config.is_file() else 0.0


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
